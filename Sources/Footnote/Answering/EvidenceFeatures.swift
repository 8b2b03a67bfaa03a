/// What is known about a question's evidence before anything is generated.
public struct EvidenceFeatures: Hashable, Sendable, Codable {
    /// Largest cosine of the question with a sentence of the results; 0 without an embedding model.
    public var sentenceSimilarity: Double
    /// Largest cosine of the question with a chunk; 0 without an embedding model.
    public var chunkSimilarity: Double
    /// Share of the question's words, weighted by rarity, that the best sentence holds, with its headings.
    public var sentenceCoverage: Double
    /// The same for the best chunk.
    public var chunkCoverage: Double

    public init(
        sentenceSimilarity: Double = 0, chunkSimilarity: Double = 0, sentenceCoverage: Double = 0,
        chunkCoverage: Double = 0
    ) {
        self.sentenceSimilarity = sentenceSimilarity
        self.chunkSimilarity = chunkSimilarity
        self.sentenceCoverage = sentenceCoverage
        self.chunkCoverage = chunkCoverage
    }
}
