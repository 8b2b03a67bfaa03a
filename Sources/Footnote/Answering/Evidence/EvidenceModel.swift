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
        let words = 3.0 * features.sentenceCoverage + 5.0 * features.chunkCoverage
        let score =
            switch basis {
            case .reading:
                -5.5 + leniency(chunks: features.chunks) + 0.07 * features.reading + 0.13 * features.sentence
                    + 6.2 * features.sentenceSimilarity + 3.8 * features.chunkSimilarity
                    + 2.88 * features.sentenceCoverage - 0.59 * features.chunkCoverage
            case .wordsAndMeaning:
                -7.4 + 12.2 * features.sentenceSimilarity + 2.1 * features.chunkSimilarity
                    + 0.2 * features.sentenceCoverage + 3.1 * features.chunkCoverage
            case .words: -3.3 + words
            case .characterPairs: -0.9 + words
            }
        return 1 / (1 + exp(-score))
    }

    /// The weights were fitted on a knowledge base of 2,800 chunks. In a smaller one less comes near by chance, and what
    /// does is more likely meant; the slope is that between this base and the 365 chunks of two collections of `corpora/`.
    private func leniency(chunks: Int) -> Double { 0.64 * log(2800 / Double(min(2800, max(300, chunks)))) }
}
