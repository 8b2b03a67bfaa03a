/// What is known about a question's evidence before anything is generated.
public struct EvidenceFeatures: Hashable, Sendable, Codable {
    /// Log-odds that the best passage answers, by the reader; 0 without a reader.
    public var reading: Double
    /// Log-odds that the best sentence holds the answer.
    public var sentence: Double
    /// Largest cosine of the question with a sentence, of the best few where there is a reader; 0 without an embedding model.
    public var sentenceSimilarity: Double
    /// Largest cosine of the question with a chunk; 0 without an embedding model.
    public var chunkSimilarity: Double
    /// Share of the question's words, weighted by rarity, that the best sentence holds, with its headings.
    public var sentenceCoverage: Double
    /// The same for the best chunk.
    public var chunkCoverage: Double
    /// Chunks of the knowledge base: the more there are, the nearer to any question some of them come by chance.
    public var chunks: Int

    public init(
        reading: Double = 0, sentence: Double = 0, sentenceSimilarity: Double = 0, chunkSimilarity: Double = 0,
        sentenceCoverage: Double = 0, chunkCoverage: Double = 0, chunks: Int = 0
    ) {
        self.reading = reading
        self.sentence = sentence
        self.sentenceSimilarity = sentenceSimilarity
        self.chunkSimilarity = chunkSimilarity
        self.sentenceCoverage = sentenceCoverage
        self.chunkCoverage = chunkCoverage
        self.chunks = chunks
    }
}
