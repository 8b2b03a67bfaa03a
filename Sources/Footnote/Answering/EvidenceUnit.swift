/// The smallest thing that is quoted: a sentence, a table row, a list item or a line of code of a found chunk.
package struct EvidenceUnit: Sendable {
    /// Index of its chunk among the search results.
    package let resultIndex: Int
    /// UTF-8 offsets into the document's text.
    package let range: SourceRange
    /// The document's text at `range`.
    package let text: String
    package let terms: Set<String>
    package let facts: Facts
    /// How likely it answers the question, 0...1; set by `EvidenceSelector`.
    package var score: Double = 0
    package var features = SentenceFeatures()
    /// Unit vector of its text; `nil` without an embedding model.
    package var vector: [Float]?
    /// Weighted share of the question's words that it holds, headings above it counted in part.
    package var coverage: Double = 0

    package init(resultIndex: Int, range: SourceRange, text: String) {
        self.resultIndex = resultIndex
        self.range = range
        self.text = text
        terms = Terms(text).distinct
        facts = Facts(text)
    }
}
