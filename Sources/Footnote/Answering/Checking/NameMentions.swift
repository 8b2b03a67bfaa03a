/// A name of one or several words, an acronym or an identifier.
struct NameMention: Sendable {
    /// Lower-case words in order, titles left out.
    var parts: [String]
    var tokens: Range<Int>
    var text: String

    /// - Parameter taken: tokens that belong to dates and other values.
    static func names(in tokens: [StatementToken], of text: String, taken: Set<Int>) -> [NameMention] {
        var names: [NameMention] = []
        var index = 0
        while index < tokens.count {
            guard !taken.contains(index), let end = end(of: index, tokens, taken) else {
                index += 1
                continue
            }
            let parts = (index..<end).filter { !titles.contains(tokens[$0].lower) && !connectors.contains(tokens[$0].lower) && tokens[$0].kind != .sign }
            if !parts.isEmpty {
                let written = text[tokens[index].range.lowerBound..<tokens[end - 1].range.upperBound]
                names.append(NameMention(parts: parts.map { tokens[$0].lower }, tokens: index..<end, text: String(written)))
            }
            index = end
        }
        return names
    }

    /// The end of the name that begins at a token.
    private static func end(of start: Int, _ tokens: [StatementToken], _ taken: Set<Int>) -> Int? {
        guard isNameWord(tokens[start]) else { return nil }
        if tokens[start].startsSentence, !isUnmistakable(tokens[start]) {
            // A word is written large where a sentence begins; it is a name if one follows at once.
            guard !Wording.isFunctionWord(tokens[start].lower), start + 1 < tokens.count, !taken.contains(start + 1),
                isNameWord(tokens[start + 1]) || titles.contains(tokens[start].lower)
            else { return nil }
        }
        var end = start + 1
        while end < tokens.count, !taken.contains(end) {
            if isNameWord(tokens[end]), !tokens[end].startsSentence || isAbbreviation(tokens, end - 1) {
                end += 1
            } else if tokens[end].text == ".", isAbbreviation(tokens, end), end + 1 < tokens.count, isNameWord(tokens[end + 1]) {
                end += 1
            } else if connectors.contains(tokens[end].lower) {
                var next = end
                while next < tokens.count, connectors.contains(tokens[next].lower) { next += 1 }
                guard next < tokens.count, next - end <= 2, isNameWord(tokens[next]), !taken.contains(next) else { return end }
                end = next + 1
            } else {
                break
            }
        }
        return end
    }

    /// The point of `J.` and `Dr.`.
    private static func isAbbreviation(_ tokens: [StatementToken], _ index: Int) -> Bool {
        guard index > 0, tokens[index].text == "." else { return false }
        return tokens[index - 1].text.count == 1 || titles.contains(tokens[index - 1].lower)
    }

    private static func isNameWord(_ token: StatementToken) -> Bool {
        guard token.kind == .word, token.text != "I" else { return false }
        return token.text.first?.isUppercase == true || isUnmistakable(token)
    }

    private static func isUnmistakable(_ token: StatementToken) -> Bool {
        token.text.contains(where: \.isDigit) || token.text.contains("_") || token.text.filter(\.isUppercase).count > 1
    }

    private static let titles: Set<String> = [
        "dr", "mr", "mrs", "ms", "prof", "professor", "sir", "dame", "st", "saint", "president", "king", "queen", "prince",
        "captain", "general", "the",
    ]
    private static let connectors: Set<String> = ["of", "de", "del", "della", "di", "da", "la", "le", "van", "von", "der", "den", "du", "&"]
}

extension NameMention {
    /// How a name stands to a source.
    enum Standing: Equatable { case together, scattered, partly, absent }

    /// Whether the words of the name stand together, in order, in these tokens.
    func standing(in tokens: [StatementToken]) -> Standing {
        let positions = parts.map { part in tokens.indices.filter { matches(part, tokens[$0].lower) } }
        if positions.contains(where: \.isEmpty) {
            if isAcronym(in: tokens) { return .together }
            return positions.allSatisfy(\.isEmpty) ? .absent : .partly
        }
        let isTogether = positions[0].contains { first in follows(first, Array(positions.dropFirst()), tokens) }
            || parts.count == 2 && positions[1].contains { last in
                last + 2 < tokens.count && tokens[last + 1].text == "," && positions[0].contains(last + 2)
            }
        return isTogether ? .together : .scattered
    }

    private func matches(_ part: String, _ word: String) -> Bool {
        if part == word || part.hasSuffix("s") && part.dropLast() == word || word.hasSuffix("s") && word.dropLast() == part { return true }
        // An initial and the name it stands for.
        return part.count == 1 ? word.first == part.first && parts.count > 1 : word.count == 1 && parts.count > 1 && part.first == word.first
    }

    /// Up to three words of the same name may stand between two of its parts: "Maria del Carmen Ruiz".
    private func follows(_ position: Int, _ rest: [[Int]], _ tokens: [StatementToken]) -> Bool {
        guard let next = rest.first else { return true }
        return next.contains { candidate in
            guard candidate > position, candidate - position <= 5 else { return false }
            let between = tokens[(position + 1)..<candidate]
            let belongs = between.allSatisfy { $0.isCapitalized || $0.text == "." || $0.text == "-" || Self.connectors.contains($0.lower) }
            return belongs && follows(candidate, Array(rest.dropFirst()), tokens)
        }
    }

    /// `UAE` for `United Arab Emirates`.
    private func isAcronym(in tokens: [StatementToken]) -> Bool {
        guard parts.count == 1, text.count >= 2, text.allSatisfy(\.isUppercase) else { return false }
        let initials = tokens.map { $0.isCapitalized ? $0.lower.first : nil }
        let wanted = Array(parts[0])
        guard tokens.count >= wanted.count else { return false }
        return (0...(tokens.count - wanted.count)).contains { start in wanted.indices.allSatisfy { initials[start + $0] == wanted[$0] } }
    }
}
