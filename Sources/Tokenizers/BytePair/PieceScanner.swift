/// Cuts valid UTF-8 into the pieces of a `PreTokenizer`.
struct PieceScanner {
    private let rule: PreTokenizer
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    /// Where the GPT-2 rules must stop: the next digit for `smollm`, else the end.
    private var limit: Int
    /// The pieces of rules that cut several times over, last one first.
    private var cut: [Range<Int>] = []

    init(_ rule: PreTokenizer, _ bytes: UnsafeBufferPointer<UInt8>) {
        self.rule = rule
        self.bytes = bytes
        limit = rule == .smollm ? 0 : bytes.count
        if let steps = SplitSteps.steps(of: rule) { cut = SplitSteps.split(bytes, steps: steps).reversed() }
    }

    /// Byte range of the next piece; `nil` at the end.
    mutating func next() -> Range<Int>? {
        guard position < bytes.count else { return nil }
        let start = position
        switch rule {
        case .gpt2, .modernBERT: position = gpt2Piece(start)
        case .smollm: position = smollmPiece(start)
        case .llama3: position = llamaPiece(start, longestNumber: 3)
        case .qwen2: position = llamaPiece(start, longestNumber: 1)
        case .falcon, .deepSeekLLM, .deepSeekCoder, .deepSeek3, .qwen35: position = cut.popLast()?.upperBound ?? bytes.count
        }
        return start..<position
    }

    // MARK: Rules

    private mutating func smollmPiece(_ start: Int) -> Int {
        let first = scalar(start)
        if first.kind.contains(.digit) { return start + first.length }
        if start >= limit {
            limit = start
            while limit < bytes.count {
                let scalar = scalar(limit)
                if scalar.kind.contains(.digit) { break }
                limit += scalar.length
            }
        }
        return gpt2Piece(start)
    }

    private func gpt2Piece(_ start: Int) -> Int {
        if let end = contraction(start, ignoringCase: false) { return end }
        var position = start
        if bytes[start] == UInt8(ascii: " "), start + 1 < limit, !scalar(start + 1).kind.contains(.whitespace) {
            position += 1
        }
        let kind = scalar(position).kind
        if kind.contains(.letter) { return run(position) { $0.contains(.letter) } }
        if kind.contains(.number) { return run(position) { $0.contains(.number) } }
        if !kind.contains(.whitespace) { return run(position, Self.isSymbol) }
        return whitespace(start)
    }

    private func llamaPiece(_ start: Int, longestNumber: Int) -> Int {
        if let end = contraction(start, ignoringCase: true) { return end }
        let first = scalar(start)
        if first.kind.contains(.letter) { return run(start) { $0.contains(.letter) } }
        if first.kind.contains(.number) { return number(start, longest: longestNumber) }
        let second = start + first.length
        if !isLineBreak(start), second < limit, scalar(second).kind.contains(.letter) {
            return run(second) { $0.contains(.letter) }
        }
        let symbols = bytes[start] == UInt8(ascii: " ") ? second : start
        if symbols < limit, Self.isSymbol(scalar(symbols).kind) {
            var end = run(symbols, Self.isSymbol)
            while end < limit, isLineBreak(end) { end += 1 }
            return end
        }
        return lines(start) ?? whitespace(start)
    }

    // MARK: Parts

    private static func isSymbol(_ kind: ScalarClass) -> Bool { kind.isDisjoint(with: [.whitespace, .letter, .number]) }

    private func isLineBreak(_ position: Int) -> Bool { bytes[position] == 0x0A || bytes[position] == 0x0D }

    @inline(__always)
    private func scalar(_ position: Int) -> (kind: ScalarClass, length: Int) {
        let decoded = decodeScalar(bytes, at: position)
        return (ScalarClass(of: decoded.value), decoded.length)
    }

    @inline(__always)
    private func run(_ start: Int, _ belongs: (ScalarClass) -> Bool) -> Int {
        var position = start
        while position < limit {
            let scalar = scalar(position)
            guard belongs(scalar.kind) else { break }
            position += scalar.length
        }
        return position
    }

    private func number(_ start: Int, longest: Int) -> Int {
        var position = start
        for _ in 0..<longest where position < limit {
            let scalar = scalar(position)
            guard scalar.kind.contains(.number) else { break }
            position += scalar.length
        }
        return position
    }

    /// `\s+(?!\S)|\s+`: a run of spaces, without its last one when a piece follows that may take it.
    private func whitespace(_ start: Int) -> Int {
        var position = start
        var last = start
        while position < limit {
            let scalar = scalar(position)
            guard scalar.kind.contains(.whitespace) else { return last > start ? last : position }
            last = position
            position += scalar.length
        }
        return position
    }

    /// `\s*[\r\n]+`: a run of spaces up to its last line break, if it has one.
    private func lines(_ start: Int) -> Int? {
        var position = start
        var end: Int?
        while position < limit {
            let scalar = scalar(position)
            guard scalar.kind.contains(.whitespace) else { break }
            position += scalar.length
            if isLineBreak(position - scalar.length) { end = position }
        }
        return end
    }

    /// The English endings `'s 't 're 've 'm 'll 'd`.
    private func contraction(_ start: Int, ignoringCase: Bool) -> Int? {
        guard bytes[start] == UInt8(ascii: "'"), start + 1 < limit else { return nil }
        // Case is ignored as Unicode folds it: U+017F, the long s, is an s.
        if ignoringCase, start + 2 < limit, bytes[start + 1] == 0xC5, bytes[start + 2] == 0xBF { return start + 3 }
        let fold: UInt8 = ignoringCase ? 0x20 : 0
        let second = start + 2 < limit ? bytes[start + 2] | fold : 0
        switch (bytes[start + 1] | fold, second) {
        case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
            return start + 2
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")), (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return start + 3
        default: return nil
        }
    }
}
