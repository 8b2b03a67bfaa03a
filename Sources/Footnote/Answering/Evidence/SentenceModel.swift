internal import Foundation

/// What is known of a sentence as a possible answer.
package struct SentenceFeatures: Sendable, Hashable, Codable {
    /// Cosine of question and sentence; 0 without an embedding model.
    package var similarity = 0.0
    /// Share of the question's words, weighted by rarity, that the sentence holds.
    package var coverage = 0.0
    /// The same with the sentence before it, the headings and the title.
    package var contextCoverage = 0.0
    /// Standing of its passage in the retrieval, 0...1.
    package var passage = 0.0
    /// `ExpectedAnswer.fit`: -1, 0 or 1.
    package var fit = 0.0
    /// How much it says that the question does not, 0...1: a sentence that repeats the question answers nothing.
    package var novelty = 0.0
    /// Log-odds, by the reader, that its passage answers; in tens, -1...1. 0 without a reader.
    package var reading = 0.0
    /// Log-probability of its likeliest words as the answer, against all others of the passage; in tens, -1...0.
    package var span = 0.0

    package init() {}

    package var values: [Double] { [similarity, coverage, contextCoverage, passage, fit, novelty, reading, span] }
}

/// How likely a sentence holds the answer: logistic regression over `SentenceFeatures`, by scripts/fit_evidence.py.
struct SentenceModel: Sendable {
    var weights: [Double]
    var bias: Double

    /// With a reader: 620 questions of SQuAD 2.0 and Natural Questions that the reader was not trained on.
    static let reading = SentenceModel(weights: [0.0, 1.74, 0.92, 8.4, 0.62, -1.0, 7.52, 4.73], bias: -8.87)
    /// With an embedding model alone: near the fit to 1,400 questions of SQuAD 1.1's training articles and of Natural
    /// Questions, but with half the weight of the passage: passages of manuals are shorter than paragraphs of an
    /// encyclopedia, and the answer stands beside the best of them more often.
    static let meaning = SentenceModel(weights: [5.0, 1.8, 1.5, 5.0, 1.0, 2.0], bias: -13.4)
    /// Words alone: 500 questions of CMRC 2018's training set.
    static let words = SentenceModel(weights: [0.0, 3.92, 4.29, 5.36, 1.31, 0.53], bias: -11.6)

    func probability(_ features: SentenceFeatures) -> Double {
        let sum = zip(weights, features.values).reduce(bias) { $0 + $1.0 * $1.1 }
        return 1 / (1 + exp(-sum))
    }
}
