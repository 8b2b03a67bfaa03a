/// All that is known before anything is written.
struct Material: Sendable {
    /// As it was asked.
    var question: String
    /// What was searched for and read: a follow-up made whole.
    var standalone: String
    var shape: QuestionShape
    var questionTerms: Set<String>
    var weights: TermWeights
    /// Passages, best first.
    var results: [SearchResult]
    /// One for each result; none without a reader.
    var readings: [PassageReading]
    /// Best first.
    var units: [EvidenceUnit]
    var evidence: Double
    var features: EvidenceFeatures
    /// Normalised text of each document among the results.
    var texts: [Int64: String]
    var citations: CitationBuilder

    /// The document's text at a range; `nil` when the document has changed meanwhile.
    func text(of resultIndex: Int, at range: SourceRange) -> String? {
        texts[results[resultIndex].document.id]?[range].map(String.init)
    }
}
