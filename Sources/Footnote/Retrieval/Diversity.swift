internal import VectorIndex

/// Maximal marginal relevance (Carbonell and Goldstein 1998, doi:10.1145/290941.291025): passages are taken one after the
/// other, each the one that is most relevant and least like those already taken.
enum Diversity {
    /// - Parameters:
    ///   - relevance: in 0...1, best first.
    ///   - vectors: unit vectors, one for each; an empty one is like nothing.
    ///   - diversity: 0 keeps the order, 1 looks at likeness alone.
    ///   - limit: how many to take.
    /// - Returns: indices in the order in which they are taken; equal marginal relevance in the order given.
    static func order(relevance: [Double], vectors: [[Float]], diversity: Double, limit: Int) -> [Int] {
        let share = min(1, max(0, diversity))
        guard share > 0 else { return Array(relevance.indices.prefix(limit)) }
        var left = Array(relevance.indices), taken: [Int] = []
        // Likeness to the nearest of those taken, kept up to date: one cosine for each pair.
        var likeness = relevance.map { _ in 0.0 }
        while taken.count < limit, !left.isEmpty {
            func marginal(_ index: Int) -> Double { (1 - share) * relevance[index] - share * likeness[index] }
            var best = 0
            for place in left.indices where marginal(left[place]) > marginal(left[best]) { best = place }
            let index = left.remove(at: best)
            taken.append(index)
            for other in left { likeness[other] = max(likeness[other], Similarity.dot(vectors[index], vectors[other])) }
        }
        return taken
    }
}
