internal import Foundation

/// What is known about a question's evidence before anything is generated.
package struct EvidenceFeatures: Sendable {
    /// Largest cosine of the question with a sentence of the results; 0 without an embedding model.
    package var sentenceSimilarity: Double
    /// Largest cosine of the question with a chunk.
    package var chunkSimilarity: Double
    /// Weighted share of the question's words found in the best sentence, with its headings.
    package var sentenceCoverage: Double
    /// Weighted share of the question's words found in the best chunk, with its headings.
    package var chunkCoverage: Double
}

/// The chance that the results hold an answer: logistic regression over `EvidenceFeatures`.
package struct EvidenceModel: Sendable {
    package func probability(_ features: EvidenceFeatures, hasEmbeddings: Bool) -> Double {
        let score: Double
        if hasEmbeddings {
            score = -7.0 + 3.5 * features.sentenceSimilarity + 3.5 * features.chunkSimilarity
                + 2.5 * features.sentenceCoverage + 4.0 * features.chunkCoverage
        } else {
            score = -5.0 + 3.0 * features.sentenceCoverage + 5.0 * features.chunkCoverage
        }
        return 1 / (1 + exp(-score))
    }
}
