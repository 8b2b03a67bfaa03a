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
        let words = Self.words(question)
        let telling = words.filter { !StopWords.english.contains($0) }
        var seen: Set<String> = []
        terms = Array((telling.isEmpty ? words : telling).filter { seen.insert($0).inserted }.prefix(Self.maximumTerms))
    }

    /// The query in the syntax of FTS5; `nil` when the question holds no word.
    package var matchExpression: String? {
        terms.isEmpty ? nil : terms.map { "\"\($0)\"" }.joined(separator: " OR ")
    }

    /// Words of letters and digits, and pairs of ideographs: as `LexicalText.segmented` writes them, but for the
    /// single characters of longer runs.
    private static func words(_ text: String) -> [String] {
        var result: [String] = []
        var word = ""
        var run: [Unicode.Scalar] = []
        func finishRun() {
            if run.count == 1 { result.append(String(run[0])) }
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
        return result
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
    static let english: Set<String> = Set(
        """
        a about an and are as at be been being but by can could did do does doing for from had has have having he
        her hers him his how i if in into is it its itself me my of on or our ours s she should so than that the
        their them then there these they this those to too us was we were what when where which while who whom whose
        why will with would you your yours t d ll m re ve
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}
