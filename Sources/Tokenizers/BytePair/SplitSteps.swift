/// Rules that cut a text several times over: each step isolates its matches within the pieces that the steps before it
/// left, as a `Sequence` of `Split` pre-tokenizers does.
struct SplitSteps {
    /// Where a match that begins at `start` ends; nil when none begins there. Never reads at or beyond `end`.
    typealias Step = @Sendable (_ text: SplitText, _ start: Int, _ end: Int) -> Int?

    /// Ranges of the pieces of `bytes`, in order.
    static func split(_ bytes: UnsafeBufferPointer<UInt8>, steps: [Step]) -> [Range<Int>] {
        let text = SplitText(bytes: bytes)
        var pieces = bytes.isEmpty ? [] : [0..<bytes.count]
        for step in steps {
            var cut: [Range<Int>] = []
            cut.reserveCapacity(pieces.count)
            for piece in pieces { isolate(step, in: piece, text, &cut) }
            pieces = cut
        }
        return pieces
    }

    private static func isolate(_ step: Step, in piece: Range<Int>, _ text: SplitText, _ cut: inout [Range<Int>]) {
        var gap = piece.lowerBound
        var position = gap
        while position < piece.upperBound {
            guard let end = step(text, position, piece.upperBound), end > position else {
                position += text.length(at: position)
                continue
            }
            if gap < position { cut.append(gap..<position) }
            cut.append(position..<end)
            position = end
            gap = end
        }
        if gap < piece.upperBound { cut.append(gap..<piece.upperBound) }
    }

    /// The steps of a rule; nil for rules that are one scanner.
    static func steps(of rule: PreTokenizer) -> [Step]? {
        switch rule {
        case .gpt2, .smollm, .llama3, .qwen2, .modernBERT: nil
        case .falcon: [run(falconSymbol), scanner(.gpt2), threeDigits]
        case .deepSeekLLM:
            [lineBreak, spaced(casedLetter), spaced(deepSeekPunctuation), finalSpace, run(deepSeekCJK), run(number)]
        case .deepSeekCoder:
            [lineBreak, spaced(letter), spaced(punctuation), finalSpace, run(deepSeekCJK), single(number)]
        case .deepSeek3: [upTo(3, number), run(kanaOrHan), deepSeek3Piece]
        case .qwen35: [qwen35Piece]
        }
    }
}

/// Text under a cutter.
struct SplitText {
    let bytes: UnsafeBufferPointer<UInt8>

    func scalar(at position: Int) -> UInt32 { decodeScalar(bytes, at: position).value }

    func length(at position: Int) -> Int { decodeScalar(bytes, at: position).length }

    /// The end of the longest run, from `start` on, of at most `limit` scalars that belong.
    func run(_ start: Int, _ end: Int, limit: Int = .max, _ belongs: (UInt32) -> Bool) -> Int {
        var position = start
        var count = 0
        while position < end, count < limit {
            let scalar = decodeScalar(bytes, at: position)
            guard belongs(scalar.value) else { break }
            position += scalar.length
            count += 1
        }
        return position
    }
}

// MARK: Steps

extension SplitSteps {
    typealias Test = @Sendable (UInt32) -> Bool

    private static func run(_ test: @escaping Test) -> Step { { $0.run($1, $2, test) } }
    private static func upTo(_ limit: Int, _ test: @escaping Test) -> Step { { $0.run($1, $2, limit: limit, test) } }
    private static func single(_ test: @escaping Test) -> Step { upTo(1, test) }

    /// `\s?x+`
    private static func spaced(_ test: @escaping Test) -> Step {
        { text, start, end in
            let after = text.run(start, end, limit: 1, whitespace)
            let stop = text.run(after, end, test)
            // The optional space may itself be one of them.
            return stop > after ? stop : text.run(start, end, test)
        }
    }

    /// A rule that is a scanner of its own, within pieces.
    private static func scanner(_ rule: PreTokenizer) -> Step {
        { text, start, end in
            var scanner = PieceScanner(rule, UnsafeBufferPointer(rebasing: text.bytes[start..<end]))
            return scanner.next().map { start + $0.upperBound }
        }
    }

    private static let lineBreak: Step = { text, start, end in text.run(start, end, limit: 1, isLineBreak) }

    /// `\s+$`
    private static let finalSpace: Step = { text, start, end in
        text.run(start, end, whitespace) == end ? end : nil
    }

    /// `[0-9][0-9][0-9]`
    private static let threeDigits: Step = { text, start, end in
        let stop = text.run(start, end, limit: 3) { (0x30...0x39).contains($0) }
        return stop == start + 3 ? stop : nil
    }

    /// DeepSeek-V3's last step:
    /// `[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*`
    /// `|\s*[\r\n]+|\s+(?!\S)|\s+`
    private static let deepSeek3Piece: Step = { text, start, end in
        let first = text.scalar(at: start)
        let second = start + text.length(at: start)
        if first < 128, ScalarClass(of: first).contains(.punctuation) {
            let stop = text.run(second, end) { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
            if stop > second { return stop }
        }
        let isWord: Test = { letter($0) || isMark($0) }
        if !isLineBreak(first), !letter(first), !isSymbol(first) {
            let stop = text.run(second, end, isWord)
            if stop > second { return stop }
        }
        if isWord(first) { return text.run(start, end, isWord) }
        let symbols = first == 0x20 ? second : start
        let stop = text.run(symbols, end, isSymbol)
        if stop > symbols { return text.run(stop, end, isLineBreak) }
        return space(text, start, end)
    }

    /// Qwen 3.5: as Qwen 2, where marks are parts of words.
    private static let qwen35Piece: Step = { text, start, end in
        if let stop = contraction(text, start, end) { return stop }
        let first = text.scalar(at: start)
        let second = start + text.length(at: start)
        let isWord: Test = { letter($0) || isMark($0) }
        if !isLineBreak(first), !letter(first), !number(first) {
            let stop = text.run(second, end, isWord)
            if stop > second { return stop }
        }
        if isWord(first) { return text.run(start, end, isWord) }
        if number(first) { return second }
        let symbols = first == 0x20 ? second : start
        let stop = text.run(symbols, end) { !whitespace($0) && !isWord($0) && !number($0) }
        if stop > symbols { return text.run(stop, end, isLineBreak) }
        return space(text, start, end)
    }

    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)`
    private static func contraction(_ text: SplitText, _ start: Int, _ end: Int) -> Int? {
        guard text.bytes[start] == UInt8(ascii: "'"), start + 1 < end else { return nil }
        let first = text.bytes[start + 1] | 0x20
        if [UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d")].contains(first) { return start + 2 }
        guard start + 2 < end else { return nil }
        let pair = [first, text.bytes[start + 2] | 0x20]
        return ["re", "ve", "ll"].contains { $0.utf8.elementsEqual(pair) } ? start + 3 : nil
    }

    /// `\s*[\r\n]+|\s+(?!\S)|\s+`
    private static func space(_ text: SplitText, _ start: Int, _ end: Int) -> Int? {
        let stop = text.run(start, end, whitespace)
        guard stop > start else { return nil }
        var lastLine: Int?
        var last = start
        var position = start
        while position < stop {
            let length = text.length(at: position)
            if isLineBreak(text.scalar(at: position)) { lastLine = position + length }
            last = position
            position += length
        }
        if let lastLine { return lastLine }
        return stop == end || last == start ? stop : last
    }
}

// MARK: Classes

extension SplitSteps {
    @Sendable private static func isLineBreak(_ scalar: UInt32) -> Bool { scalar == 0x0A || scalar == 0x0D }
    @Sendable private static func letter(_ scalar: UInt32) -> Bool { ScalarClass(of: scalar).contains(.letter) }
    @Sendable private static func number(_ scalar: UInt32) -> Bool { ScalarClass(of: scalar).contains(.number) }
    @Sendable private static func whitespace(_ scalar: UInt32) -> Bool { ScalarClass(of: scalar).contains(.whitespace) }

    /// `\p{P}` and the ASCII symbols ``$+<=>^`|~``
    @Sendable private static func falconSymbol(_ scalar: UInt32) -> Bool { ScalarClass(of: scalar).contains(.punctuation) }

    /// `\p{P}`
    @Sendable private static func punctuation(_ scalar: UInt32) -> Bool {
        falconSymbol(scalar) && !(scalar < 128 && "$+<=>^`|~".utf8.contains(UInt8(truncatingIfNeeded: scalar)))
    }

    private static func category(_ scalar: UInt32) -> Unicode.GeneralCategory? {
        Unicode.Scalar(scalar)?.properties.generalCategory
    }

    /// `\p{M}`
    @Sendable private static func isMark(_ scalar: UInt32) -> Bool {
        guard scalar >= 0x300 else { return false }
        switch category(scalar) {
        case .nonspacingMark, .spacingMark, .enclosingMark: return true
        default: return false
        }
    }

    /// `[\p{P}\p{S}]`
    @Sendable private static func isSymbol(_ scalar: UInt32) -> Bool {
        if punctuation(scalar) { return true }
        switch category(scalar) {
        case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: return true
        default: return false
        }
    }

    /// Letters with case, which DeepSeek's file lists one by one.
    @Sendable private static func casedLetter(_ scalar: UInt32) -> Bool {
        if scalar < 128 { return letter(scalar) }
        switch category(scalar) {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter: return !uncasedInDeepSeek(scalar)
        default: return false
        }
    }

    /// Letters with case that the list lacks.
    private static func uncasedInDeepSeek(_ scalar: UInt32) -> Bool {
        (0x10D0...0x10FF).contains(scalar) || (0xA720...0xA721).contains(scalar) || (0x1D400...0x1D7FF).contains(scalar)
    }

    /// `[!-/:-~！-／：-～‘-‟　-。]`
    @Sendable private static func deepSeekPunctuation(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x21...0x2F, 0x3A...0x7E, 0xFF01...0xFF0F, 0xFF1A...0xFF5E, 0x2018...0x201F, 0x3000...0x3002: true
        default: false
        }
    }

    /// `[一-龥ࠀ-一가-퟿]`
    @Sendable private static func deepSeekCJK(_ scalar: UInt32) -> Bool {
        (0x0800...0x9FA5).contains(scalar) || (0xAC00...0xD7FF).contains(scalar)
    }

    /// `[一-龥぀-ゟ゠-ヿ]`
    @Sendable private static func kanaOrHan(_ scalar: UInt32) -> Bool {
        (0x4E00...0x9FA5).contains(scalar) || (0x3040...0x30FF).contains(scalar)
    }
}
