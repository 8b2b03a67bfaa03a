/// A sentence or the text it cites, read once for all comparisons.
struct Statement: Sendable {
    let text: String
    let tokens: [StatementToken]
    let values: [ValueMention]
    let names: [NameMention]
    /// Tokens that belong to numbers, dates and other values.
    let valueTokens: Set<Int>
    /// Ranges of tokens between commas and conjunctions.
    let clauses: [Range<Int>]

    init(_ text: String) {
        self.text = text
        let tokens = StatementTokenizer.tokens(of: text)
        let values = ValueReader.values(in: tokens, of: text)
        let taken = Set(values.flatMap(\.tokens))
        self.tokens = tokens
        self.values = values
        valueTokens = taken
        names = NameMention.names(in: tokens, of: text, taken: taken)
        clauses = Self.clauses(tokens, taken: taken)
    }

    /// Keys of the words that mean something, values left out.
    var contentKeys: Set<String> {
        Set(tokens.indices.filter { tokens[$0].kind == .word && tokens[$0].isContent && !valueTokens.contains($0) }.map { tokens[$0].key })
    }

    func clause(of index: Int) -> Range<Int> { clauses.first { $0.contains(index) } ?? 0..<tokens.count }

    private static func clauses(_ tokens: [StatementToken], taken: Set<Int>) -> [Range<Int>] {
        var clauses: [Range<Int>] = []
        var start = 0
        for index in tokens.indices where !taken.contains(index) && separators.contains(tokens[index].lower) {
            if index > start { clauses.append(start..<index) }
            start = index
        }
        if start < tokens.count { clauses.append(start..<tokens.count) }
        return clauses
    }

    private static let separators: Set<String> = [
        ",", ";", ":", ".", "!", "?", "(", ")", "—", "–", "，", "。", "；", "：", "！", "？", "、", "|", "and", "but", "while", "whereas",
        "although", "though", "however", "而", "但",
    ]
}
