internal import Foundation

/// The chance that the results hold an answer: logistic regression over `EvidenceFeatures`.
package struct EvidenceModel: Sendable {
    package func probability(_ features: EvidenceFeatures, hasEmbeddings: Bool) -> Double {
        let score: Double
        if hasEmbeddings {
            score = -4.1 + 3.5 * features.sentenceSimilarity + 3.5 * features.chunkSimilarity
                + 2.5 * features.sentenceCoverage + 4.0 * features.chunkCoverage
        } else {
            score = -3.3 + 3.0 * features.sentenceCoverage + 5.0 * features.chunkCoverage
        }
        return 1 / (1 + exp(-score))
    }
}
