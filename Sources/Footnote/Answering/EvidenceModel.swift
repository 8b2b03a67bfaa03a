internal import Foundation

/// The chance that the results hold an answer: logistic regression over `EvidenceFeatures`.
package struct EvidenceModel: Sendable {
    /// What the features of a question could be made from.
    enum Basis: Sendable {
        case wordsAndMeaning
        case words
        /// Pairs of Chinese, Japanese or Korean characters: many of a question's pairs are no words, so less of
        /// them is found.
        case characterPairs
    }

    func probability(_ features: EvidenceFeatures, basis: Basis) -> Double {
        let words = 3.0 * features.sentenceCoverage + 5.0 * features.chunkCoverage
        let score =
            switch basis {
            case .wordsAndMeaning:
                -4.1 + 3.5 * features.sentenceSimilarity + 3.5 * features.chunkSimilarity
                    + 2.5 * features.sentenceCoverage + 4.0 * features.chunkCoverage
            case .words: -3.3 + words
            case .characterPairs: -0.9 + words
            }
        return 1 / (1 + exp(-score))
    }
}
