/// The smallest thing that is quoted: a sentence, a table row, a list item or a line of code of a found chunk.
package struct EvidenceUnit: Sendable {
    /// Index of its chunk among the search results.
    package internal(set) var resultIndex: Int
    /// UTF-8 offsets into the document's text.
    package let range: SourceRange
    /// The document's text at `range`.
    package let text: String
    package let terms: Set<String>
    package let facts: Facts
    /// Whether it asks or introduces ("How is it cleaned?", "The steps are:") and so states nothing itself.
    package let isLead: Bool
    /// How likely it answers the question, 0...1; set by `EvidenceSelector`.
    package var score: Double = 0
    package var features = SentenceFeatures()
    /// Unit vector of its text; `nil` without an embedding model.
    package var vector: [Float]?
    /// The words in it that are most likely the answer, as UTF-8 offsets into the document's text; `nil` without a reader.
    package internal(set) var answer: Range<Int>?
    /// Weighted share of the question's words that it holds, headings above it counted in part.
    package var coverage: Double = 0

    package init(resultIndex: Int, range: SourceRange, text: String) {
        self.resultIndex = resultIndex
        self.range = range
        self.text = text
        terms = Terms(text).distinct
        let last = text.last { !($0.isWhitespace || "*_`\"”’')）]|".contains($0)) }
        isLead = last.map { "?？:：".contains($0) } ?? false
        facts = Facts(text)
    }
}
