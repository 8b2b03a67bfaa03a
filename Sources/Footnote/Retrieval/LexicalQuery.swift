/// A question as a query of the lexical index.
///
/// Every term is quoted, so that nothing a user types is an operator of FTS5. Terms are joined by OR and ranked
/// by BM25; English function words are left out unless nothing else remains.
package struct LexicalQuery: Sendable, Equatable {
    /// Distinct, in order of appearance. Lower case.
    package var terms: [String]

    /// Longest query in terms; further ones are left out.
    static let maximumTerms = 128

    package init(_ question: String) {
        let (words, characters) = Self.words(question)
        let telling = words.filter { !StopWords.english.contains($0) }
        var seen: Set<String> = []
        let terms = (telling.isEmpty ? words : telling) + characters.filter { !StopWords.ideographs.contains($0) }
        self.terms = Array(terms.filter { seen.insert($0).inserted }.prefix(Self.maximumTerms))
    }

    /// The query in the syntax of FTS5; `nil` when the question holds no word.
    package var matchExpression: String? {
        terms.isEmpty ? nil : terms.map { "\"\($0)\"" }.joined(separator: " OR ")
    }

    /// Words of letters and digits, and pairs of ideographs: as `LexicalText.segmented` writes them. The single Han
    /// characters of longer runs are kept apart: a pair that reaches over the boundary of two words finds nothing, and
    /// its characters, which are morphemes, still do. Those of Hangul and kana are only sounds.
    private static func words(_ text: String) -> (words: [String], characters: [String]) {
        var result: [String] = [], characters: [String] = []
        var word = ""
        var run: [Unicode.Scalar] = []
        func finishRun() {
            if run.count == 1 { result.append(String(run[0])) }
            if run.count > 1 { characters += run.filter(\.properties.isUnifiedIdeograph).map { String($0) } }
            for (first, second) in zip(run, run.dropFirst()) { result.append(String(first) + String(second)) }
            run = []
        }
        func finishWord() {
            if !word.isEmpty { result.append(word.lowercased()) }
            word = ""
        }
        for scalar in LexicalText.composed(text).unicodeScalars.lazy.map(LexicalText.halfWidth) {
            if LexicalText.isIdeographic(scalar) {
                finishWord()
                run.append(scalar)
            } else {
                finishRun()
                if isWordScalar(scalar) { word.unicodeScalars.append(scalar) } else { finishWord() }
            }
        }
        finishRun()
        finishWord()
        return (result, characters)
    }

    /// What `unicode61` keeps in a word: letters, numbers, marks and private use.
    private static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .privateUse, .nonspacingMark, .spacingMark, .enclosingMark:
            true
        default: false
        }
    }
}

/// Words that say nothing about what a question is about.
enum StopWords {
    /// Chinese particles, pronouns, prepositions and question words of one character.
    static let ideographs: Set<String> = Set(
        "的了是在吗呢吧啊也都就请和与及或被把从对为于以之其这那哪些什么怎样谁几多少个我你他她它们有嗎請與從對為這麼樣誰幾個們".map { String($0) })

    static let english: Set<String> = Set(
        """
        a about an and are as at be been being but by can could did do does doing for from had has have having he
        her hers him his how i if in into is it its itself me my of on or our ours s she should so than that the
        their them then there these they this those to too us was we were what when where which while who whom whose
        why will with would you your yours t d ll m re ve
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}
