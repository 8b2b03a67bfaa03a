/// What is known about a question's evidence before anything is generated.
public struct EvidenceFeatures: Hashable, Sendable, Codable {
    /// Log-odds that the best passage answers, by the reader; 0 without a reader.
    public var reading: Double
    /// Log-probability of the answer in the best sentence against all other words of its passage, in tens; 0 without a reader.
    public var span: Double
    /// Largest cosine of the question with a sentence of the results; 0 without an embedding model.
    public var sentenceSimilarity: Double
    /// Largest cosine of the question with a chunk; 0 without an embedding model.
    public var chunkSimilarity: Double
    /// Share of the question's words, weighted by rarity, that the best sentence holds, with its headings.
    public var sentenceCoverage: Double
    /// The same for the best chunk.
    public var chunkCoverage: Double
    /// Log-odds that the best sentence holds the answer.
    public var sentence: Double
    /// Share of the question's words that the best sentence holds, with the one before it and its headings.
    public var bestCoverage: Double
    /// Rarity of the rarest word of the question that the best sentence's passage lacks, 0...1 of that of a word found nowhere.
    public var missing: Double
    /// Share of the question's names and numbers that the best sentence's passage holds; 1 for none.
    public var names: Double
    /// 1 where the best sentence has the opposite of a word of the question, or denies what it does not; else 0.
    public var opposed: Double

    public init(
        reading: Double = 0, span: Double = 0, sentenceSimilarity: Double = 0, chunkSimilarity: Double = 0,
        sentenceCoverage: Double = 0, chunkCoverage: Double = 0, sentence: Double = 0, bestCoverage: Double = 0,
        missing: Double = 0, names: Double = 1, opposed: Double = 0
    ) {
        self.reading = reading
        self.span = span
        self.sentenceSimilarity = sentenceSimilarity
        self.chunkSimilarity = chunkSimilarity
        self.sentenceCoverage = sentenceCoverage
        self.chunkCoverage = chunkCoverage
        self.sentence = sentence
        self.bestCoverage = bestCoverage
        self.missing = missing
        self.names = names
        self.opposed = opposed
    }
}
