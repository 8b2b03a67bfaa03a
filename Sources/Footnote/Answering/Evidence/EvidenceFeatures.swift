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
    /// Of the weight of the question's words, the part that is names and numbers which the best passage holds, with its
    /// headings.
    public var foundNames: Double
    /// The part that is names and numbers which it does not hold: it is likely about another thing of the kind.
    public var missingNames: Double
    /// Lexical score of the best passage by the mean of those found: how far its words stand out. 0 without any.
    public var lexicalLead: Double
    /// Chunks of the knowledge base: the more there are, the nearer to any question some of them come by chance.
    public var chunks: Int

    public init(
        reading: Double = 0, sentence: Double = 0, sentenceSimilarity: Double = 0, chunkSimilarity: Double = 0,
        sentenceCoverage: Double = 0, chunkCoverage: Double = 0, foundNames: Double = 0,
        missingNames: Double = 0, lexicalLead: Double = 0, chunks: Int = 0
    ) {
        self.reading = reading
        self.sentence = sentence
        self.sentenceSimilarity = sentenceSimilarity
        self.chunkSimilarity = chunkSimilarity
        self.sentenceCoverage = sentenceCoverage
        self.chunkCoverage = chunkCoverage
        self.foundNames = foundNames
        self.missingNames = missingNames
        self.lexicalLead = lexicalLead
        self.chunks = chunks
    }

    /// Features that an older manifest lacks are 0.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func value(_ key: CodingKeys) throws -> Double { try values.decodeIfPresent(Double.self, forKey: key) ?? 0 }
        self.init(
            reading: try value(.reading), sentence: try value(.sentence),
            sentenceSimilarity: try value(.sentenceSimilarity), chunkSimilarity: try value(.chunkSimilarity),
            sentenceCoverage: try value(.sentenceCoverage), chunkCoverage: try value(.chunkCoverage),
            foundNames: try value(.foundNames), missingNames: try value(.missingNames),
            lexicalLead: try value(.lexicalLead), chunks: try values.decodeIfPresent(Int.self, forKey: .chunks) ?? 0)
    }
}
