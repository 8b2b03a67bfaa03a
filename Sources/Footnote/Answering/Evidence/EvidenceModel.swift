internal import Foundation

/// The chance that the results hold an answer: logistic regression over `EvidenceFeatures`, by scripts/fit_evidence.py
/// (docs/answering.md says on what), by words alone by hand.
package struct EvidenceModel: Sendable {
    /// What the features of a question could be made from.
    enum Basis: Sendable {
        case reading
        case wordsAndMeaning
        case words
        /// Pairs of Chinese, Japanese or Korean characters: many of a question's pairs are no words, so less of
        /// them is found.
        case characterPairs
    }

    func probability(_ features: EvidenceFeatures, basis: Basis) -> Double {
        let score =
            switch basis {
            case .reading:
                -4.22 + leniency(chunks: features.chunks) + 0.47 * features.sentence
                    + 4.91 * features.sentenceSimilarity + 5.78 * features.chunkSimilarity
                    + 1.28 * features.sentenceCoverage - 0.94 * features.chunkCoverage
                    - 1.48 * features.foundNames - 3.53 * features.missingNames
            case .wordsAndMeaning:
                -7.4 + 12.2 * features.sentenceSimilarity + 2.1 * features.chunkSimilarity
                    + 0.2 * features.sentenceCoverage + 3.1 * features.chunkCoverage
            case .words: -3.3 + 3.0 * features.sentenceCoverage + 5.0 * features.chunkCoverage
            case .characterPairs: characterPairs(features)
            }
        return 1 / (1 + exp(-score))
    }

    /// Fitted on 500 questions of CMRC 2018's training set over 1,442 paragraphs. Of a small knowledge base less is found by
    /// chance, and how far the best passage stands out says little: there, by hand, from the 125 chunks of a collection
    /// of `corpora/`; between the two sizes, between the two.
    private func characterPairs(_ features: EvidenceFeatures) -> Double {
        let small = -0.9 + 3.0 * features.sentenceCoverage + 5.0 * features.chunkCoverage
        let large =
            -6.95 + 5.05 * features.sentenceCoverage + 3.06 * features.chunkCoverage + 2.36 * features.lexicalLead
        let size = log(Double(max(125, min(1500, features.chunks))) / 125) / log(1500.0 / 125)
        return size * large + (1 - size) * small
    }

    /// The weights were fitted on a knowledge base of 2,800 chunks. In a smaller one less comes near by chance, and what
    /// does is more likely meant. The slope is by hand, from the 330 and 490 chunks of two collections of `corpora/`, whose
    /// questions without an answer all stay far below one half.
    private func leniency(chunks: Int) -> Double { log(2800 / Double(min(2800, max(300, chunks)))) }
}
