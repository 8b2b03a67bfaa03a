/// Joins lexical and dense candidates into one order.
///
/// Each side's score is taken between its theoretical bounds: BM25 as a share of what a passage could reach that is full
/// of every word of the question, the cosine as it is (theoretical min-max, Bruch, Gai and Ingber 2023, "An Analysis of
/// Fusion Functions for Hybrid Retrieval", arXiv:2210.11934). Their sum thereby depends on the question: where no passage
/// holds more than a part of its words, meaning decides, and where one holds all of them, words do. Scores divided by
/// the best of the question would hide that.
enum Fusion {
    /// What a full match of words counts against a cosine of 1. Docs/retrieval.md shows what it was chosen on.
    static let lexicalWeight = 1.32
    /// Share of the question below which the embedding model knows too few of its words for a cosine to say anything.
    static let minimumCoverage = 0.75

    struct Fused: Sendable {
        var id: Int64
        var scores: RetrievalScores
    }

    /// - Parameters:
    ///   - lexical: best first, BM25.
    ///   - bound: BM25 that no passage exceeds.
    ///   - dense: best first, cosine.
    ///   - cosines: cosines of lexical candidates that are not among the dense ones, where they are known.
    ///   - coverage: share of the question that the embedding model has words for, 0...1.
    /// - Returns: every candidate once, best first; equal scores in order of ids. The best has a fused score of 1.
    static func fuse(
        lexical: [Candidate], bound: Double, dense: [Candidate], cosines: [Int64: Double], coverage: Double = 1
    ) -> [Fused] {
        var scores: [Int64: RetrievalScores] = [:]
        for (index, candidate) in lexical.enumerated() {
            scores[candidate.id] = RetrievalScores(lexicalRank: index + 1, lexicalScore: candidate.score)
        }
        for (index, candidate) in dense.enumerated() {
            scores[candidate.id, default: RetrievalScores()].denseRank = index + 1
            scores[candidate.id, default: RetrievalScores()].denseScore = candidate.score
        }
        for (id, cosine) in cosines where scores[id]?.denseScore == nil { scores[id]?.denseScore = cosine }
        let denseWeight = lexical.isEmpty || coverage >= minimumCoverage ? 1.0 : 0
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
