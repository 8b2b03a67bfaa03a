/// A word, number or sign of a statement that is compared with its source.
struct StatementToken: Sendable {
    enum Kind: Sendable { case word, number, ideograph, sign }

    var kind: Kind
    /// As written.
    var text: String
    var lower: String
    /// Lower case with English inflections folded (`Terms.stem`), irregular forms and close synonyms made one.
    var key: String
    var range: Range<String.Index>
    /// Whether it follows the token before it without a space: `5km`, `21st`.
    var isGlued: Bool
    var startsSentence: Bool

    var isCapitalized: Bool { kind == .word && text.first?.isUppercase == true }
    /// Whether it means something by itself.
    var isContent: Bool {
        switch kind {
        case .word: !Wording.isFunctionWord(lower)
        case .number, .ideograph: true
        case .sign: false
        }
    }

    func isOne(of words: Set<String>) -> Bool { words.contains(lower) }
}

/// Cuts a text into tokens: words (`keys.toml`, `AES-256`), numbers (`1,000.5`), single ideographs, and signs. What
/// joins numbers into dates, times and fractions stays a sign of its own (`2020-06-03`, `9:30`, `1/2`).
struct StatementTokenizer {
    private let text: String
    private var index: String.Index
    private var tokens: [StatementToken] = []
    private var startsSentence = true

    static func tokens(of text: String) -> [StatementToken] {
        var tokenizer = StatementTokenizer(text)
        return tokenizer.run()
    }

    private init(_ text: String) {
        self.text = text
        index = text.startIndex
    }

    private mutating func run() -> [StatementToken] {
        while index < text.endIndex {
            let character = text[index]
            if character.isWhitespace {
                if character.isNewline { startsSentence = true }
                index = text.index(after: index)
            } else if character.isIdeographLike {
                add(.ideograph, to: text.index(after: index))
            } else if character.isDigit {
                add(.number, to: numberEnd())
            } else if character.isLetter || character.isNumber {
                addWord(to: wordEnd())
            } else {
                add(.sign, to: text.index(after: index))
            }
        }
        return tokens
    }

    private func character(_ position: String.Index) -> Character? { position < text.endIndex ? text[position] : nil }

    /// Digits, with commas before groups of three and at most one point.
    private func numberEnd() -> String.Index {
        var end = index
        var points = 0
        while let next = character(end) {
            let after = text.index(after: end)
            if next.isDigit {
                end = after
            } else if next == ",", isGroup(after) {
                end = after
            } else if next == ".", character(after)?.isDigit == true {
                points += 1
                end = after
            } else {
                break
            }
        }
        return end
    }

    private func isGroup(_ start: String.Index) -> Bool {
        var position = start
        for _ in 0..<3 {
            guard character(position)?.isDigit == true else { return false }
            position = text.index(after: position)
        }
        return character(position)?.isDigit != true
    }

    private func wordEnd() -> String.Index {
        var end = index
        while let next = character(end) {
            let after = text.index(after: end)
            let isPart = (next.isLetter || next.isNumber) && !next.isIdeographLike
            let joins = Self.joiners.contains(next)
                && (character(after).map { ($0.isLetter || $0.isNumber) && !$0.isIdeographLike } ?? false)
            guard isPart || joins else { break }
            end = after
        }
        return end
    }

    /// `twenty-five` and `well-known` become two tokens; identifiers with digits or points stay whole.
    private mutating func addWord(to end: String.Index) {
        let word = text[index..<end]
        guard word.contains("-"), word.allSatisfy({ $0.isLetter || $0 == "-" }) else { return add(.word, to: end) }
        while let hyphen = text[index..<end].firstIndex(of: "-") {
            add(.word, to: hyphen)
            index = text.index(after: hyphen)
        }
        add(.word, to: end)
    }

    private mutating func add(_ kind: StatementToken.Kind, to end: String.Index) {
        let written = String(text[index..<end])
        var lower = written.lowercased().replacing("’", with: "'")
        if kind == .word, lower.hasSuffix("'s") { lower.removeLast(2) }
        let isGlued = tokens.last?.range.upperBound == index
        tokens.append(
            StatementToken(
                kind: kind, text: written, lower: lower, key: kind == .word ? Wording.key(ofWord: lower) : lower,
                range: index..<end, isGlued: isGlued, startsSentence: startsSentence))
        startsSentence = kind == .sign && Self.sentenceEnds.contains(written) || (startsSentence && kind == .sign)
        index = end
    }

    private static let joiners: Set<Character> = ["'", "’", ".", "-", "_"]
    private static let sentenceEnds: Set<String> = [".", "!", "?", ":", "。", "！", "？", "|"]
}

extension Character {
    var isDigit: Bool { "0"..."9" ~= self }
}
