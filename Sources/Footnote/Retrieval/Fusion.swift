/// Joins lexical and dense candidates into one order.
///
/// Each side's score is taken between its theoretical bounds: BM25 as a share of what a passage could reach that is full
/// of every word of the question, the cosine as it is (theoretical min-max, Bruch, Gai and Ingber 2023, "An Analysis of
/// Fusion Functions for Hybrid Retrieval", arXiv:2210.11934). Their sum thereby depends on the question: where no passage
/// holds more than a part of its words, meaning decides, and where one holds all of them, words do. Scores divided by
/// the best of the question would hide that.
enum Fusion {
    /// What a full match of words counts against a cosine of 1. `docs/retrieval.md` shows what it was chosen on.
    static let lexicalWeight = 1.32
    /// Share of the question below which the embedding model knows too few of its words for a cosine to say anything.
    static let minimumCoverage = 0.75

    struct Fused: Sendable {
        var id: Int64
        var scores: RetrievalScores
    }

    /// What a cosine counts: 1 for a question whose words the embedding model all knows, 0 at `minimumCoverage`.
    static func denseWeight(_ coverage: Double) -> Double {
        min(1, max(0, (coverage - minimumCoverage) / (1 - minimumCoverage)))
    }

    /// What the two sides of a search found.
    struct Candidates {
        /// Best first, BM25.
        var lexical: [Candidate]
        /// BM25 of dense candidates that are not among the lexical ones, where it is known.
        var matches: [Int64: Double] = [:]
        /// BM25 that no passage exceeds.
        var bound: Double
        /// Best first, cosine.
        var dense: [Candidate]
        /// Cosines of lexical candidates that are not among the dense ones, where they are known.
        var cosines: [Int64: Double] = [:]
    }

    /// - Parameter coverage: share of the question that the embedding model has words for, 0...1.
    /// - Returns: every candidate once, best first; equal scores in order of ids. The best has a fused score of 1.
    static func fuse(_ candidates: Candidates, coverage: Double = 1) -> [Fused] {
        let (lexical, dense, bound) = (candidates.lexical, candidates.dense, candidates.bound)
        var scores: [Int64: RetrievalScores] = [:]
        for (index, candidate) in lexical.enumerated() {
            scores[candidate.id] = RetrievalScores(lexicalRank: index + 1, lexicalScore: candidate.score)
        }
        for (index, candidate) in dense.enumerated() {
            var score = scores[candidate.id] ?? RetrievalScores(lexicalScore: candidates.matches[candidate.id])
            score.denseRank = index + 1
            score.denseScore = candidate.score
            scores[candidate.id] = score
        }
        for (id, cosine) in candidates.cosines where scores[id]?.denseScore == nil { scores[id]?.denseScore = cosine }
        let denseWeight = lexical.isEmpty ? 1 : denseWeight(coverage)
        return ordered(scores.map { id, score in
            var score = score
            let words = bound > 0 ? (score.lexicalScore ?? 0) / bound : 0
            score.fused = denseWeight * max(0, score.denseScore ?? 0) + lexicalWeight * max(0, words)
            return Fused(id: id, scores: score)
        })
    }

    /// Best first, with fused scores as parts of the best one.
    static func ordered(_ candidates: [Fused]) -> [Fused] {
        let best = candidates.reduce(0) { max($0, $1.scores.fused) }
        return candidates.map { candidate in
            var candidate = candidate
            candidate.scores.fused = best > 0 ? candidate.scores.fused / best : 0
            return candidate
        }.sorted { ($0.scores.fused, $1.id) > ($1.scores.fused, $0.id) }
    }
}
