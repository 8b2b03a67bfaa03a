/// A source as quoting sees it: its bytes, where quotes may begin and end, and where words begin.
///
/// What joins letters or digits to one word (`don't`, `well-known`, `1,000`) does not end it: half a number is not what
/// the source says.
struct QuotableText: Sendable {
    let bytes: [UInt8]
    /// For each byte: a quote may begin with it.
    private(set) var canStart: [Bool]
    /// For each byte, and the end: a quote may end before it.
    private(set) var canEnd: [Bool]
    /// For each byte, and the end: number of words that begin before it.
    private(set) var words: [Int32]

    private enum Kind {
        case space, letter, digit, ideograph, joiner, digitJoiner, other
    }

    init(_ text: String) {
        bytes = Array(text.utf8)
        canStart = [Bool](repeating: false, count: bytes.count)
        canEnd = [Bool](repeating: false, count: bytes.count + 1)
        words = [Int32](repeating: 0, count: bytes.count + 1)
        let kinds = text.unicodeScalars.map(Self.kind)
        let insideWord = Self.boundariesInsideWords(kinds)
        var offset = 0
        var count: Int32 = 0
        for (index, scalar) in text.unicodeScalars.enumerated() {
            let kind = kinds[index]
            let begins = kind == .ideograph || (kind == .letter || kind == .digit) && !insideWord[index]
            let followsSpace = index == 0 || kinds[index - 1] == .space
            canStart[offset] = begins || kind != .space && followsSpace
            let length = UTF8.width(scalar)
            for byte in offset..<offset + length { words[byte] = count + (begins && byte > offset ? 1 : 0) }
            if begins { count += 1 }
            offset += length
            canEnd[offset] = kind != .space && !insideWord[index + 1]
        }
        words[offset] = count
    }

    /// The last place where a quote may end, from `place` back; 0 when there is none.
    func lastEnd(upTo place: Int) -> Int {
        canEnd[...place].lastIndex(of: true) ?? 0
    }

    private static func kind(_ scalar: Unicode.Scalar) -> Kind {
        let properties = scalar.properties
        if properties.isWhitespace { return .space }
        switch scalar {
        case "'", "\u{2019}", "-", "\u{2010}", "\u{2011}", "_", "&": return .joiner
        case ".", ",", ":", "/": return .digitJoiner
        case "\u{3040}"..."\u{30FF}": return .ideograph
        default: break
        }
        if properties.isIdeographic { return .ideograph }
        switch properties.generalCategory {
        case .decimalNumber: return .digit
        case .letterNumber, .otherNumber, .nonspacingMark, .spacingMark, .enclosingMark: return .letter
        default: return properties.isAlphabetic ? .letter : .other
        }
    }

    /// For each scalar, and the end: whether the boundary before it lies inside a word.
    private static func boundariesInsideWords(_ kinds: [Kind]) -> [Bool] {
        func isWord(_ index: Int) -> Bool { kinds[index] == .letter || kinds[index] == .digit }
        func joins(_ index: Int) -> Bool {
            guard index > 0, index + 1 < kinds.count else { return false }
            switch kinds[index] {
            case .joiner: return isWord(index - 1) && isWord(index + 1)
            case .digitJoiner: return kinds[index - 1] == .digit && kinds[index + 1] == .digit
            default: return false
            }
        }
        return (0...kinds.count).map { index in
            guard index > 0, index < kinds.count else { return false }
            return (isWord(index - 1) || joins(index - 1)) && (isWord(index) || joins(index))
        }
    }
}
