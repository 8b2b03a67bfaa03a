internal import VectorIndex

/// Lets passages that are alike have like scores (Diaz 2007, "Regularizing query-based retrieval scores",
/// doi:10.1007/s10791-007-9034-8): by the cluster hypothesis, what bears on a question lies together, and a passage in
/// the midst of others that do bear on it is more likely to do so than its own words show.
///
/// Each candidate's score becomes a mixture of its own and the mean of those of its nearest neighbours among the best
/// candidates, weighted by a power of the cosine. How much depends on the question: a passage that stands out from the
/// others is likely the one that answers and is left where it is, and only where many score alike is the matter spread
/// over many passages.
package enum ScoreRegularization {
    /// Part of the neighbours in a score, at most.
    static let largestShare = 0.5
    /// Flatness of the best scores at which neighbours begin to count, and from which they count fully.
    static let flatness = 0.65...0.9
    /// Scores that flatness looks at.
    static let inspected = 10
    /// Neighbours of a candidate.
    static let neighbours = 10
    /// Best candidates that may be neighbours.
    static let pool = 50
    /// Exponent of the cosine: the nearest count by far the most.
    static let exponent = 4

    /// Mixed scores in the same order as given.
    /// - Parameters:
    ///   - scores: not negative, best first.
    ///   - vectors: unit vectors, one for each; an empty one is like nothing.
    ///   - share: part of the neighbours, 0...1, as `share(_:)` gives it.
    package static func scores(_ scores: [Double], vectors: [[Float]], share: Double) -> [Double] {
        let pool = min(pool, scores.count)
        guard share > 0, pool > 1 else { return scores }
        return scores.indices.map { index in
            let near = (0..<pool).filter { $0 != index }
                .map { (weight: weight(vectors[index], vectors[$0]), place: $0) }
                .sorted { ($0.weight, $1.place) > ($1.weight, $0.place) }
                .prefix(neighbours)
            let total = near.reduce(0) { $0 + $1.weight }
            guard total > 0 else { return scores[index] }
            let mean = near.reduce(0) { $0 + $1.weight * scores[$1.place] } / total
            return (1 - share) * scores[index] + share * mean
        }
    }

    /// Part that neighbours get, by the mean of the scores behind the best as a part of the best one.
    package static func share(_ scores: [Double]) -> Double {
        guard let best = scores.first, best > 0, scores.count > 1 else { return 0 }
        let others = scores.prefix(inspected).dropFirst()
        let flat = others.reduce(0, +) / Double(others.count) / best
        let (lower, upper) = (flatness.lowerBound, flatness.upperBound)
        return largestShare * min(1, max(0, (flat - lower) / (upper - lower)))
    }

    private static func weight(_ a: [Float], _ b: [Float]) -> Double {
        let cosine = max(0, Similarity.dot(a, b))
        return (0..<exponent).reduce(1) { product, _ in product * cosine }
    }
}
