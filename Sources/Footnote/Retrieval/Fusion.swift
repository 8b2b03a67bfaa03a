/// Joins lexical and dense candidates into one order.
///
/// Scores are brought to 0...1 per query and added with weights, which loses less than fusing ranks with a fixed
/// constant (Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2023).
enum Fusion {
    /// Share of the dense score.
    static let denseWeight = 0.5

    struct Fused: Sendable {
        var id: Int64
        var scores: RetrievalScores
    }

    /// - Parameters:
    ///   - lexical: best first, BM25.
    ///   - dense: best first, cosine.
    ///   - cosines: cosines of lexical candidates that are not among the dense ones, where they are known.
    /// - Returns: every candidate once, best first; equal scores in order of ids.
    static func fuse(lexical: [Candidate], dense: [Candidate], cosines: [Int64: Double]) -> [Fused] {
        var scores: [Int64: RetrievalScores] = [:]
        for (index, candidate) in lexical.enumerated() {
            scores[candidate.id] = RetrievalScores(lexicalRank: index + 1, lexicalScore: candidate.score)
        }
        for (index, candidate) in dense.enumerated() {
            scores[candidate.id, default: RetrievalScores()].denseRank = index + 1
            scores[candidate.id, default: RetrievalScores()].denseScore = candidate.score
        }
        for (id, cosine) in cosines where scores[id]?.denseScore == nil { scores[id]?.denseScore = cosine }
        let lexicalScale = Scale(lexical), denseScale = Scale(dense)
        let denseShare = dense.isEmpty ? 0 : lexical.isEmpty ? 1 : denseWeight
        return scores.map { id, score in
            var score = score
            let lexicalPart = score.lexicalScore.map(lexicalScale.normalised) ?? 0
            let densePart = score.denseScore.map(denseScale.normalised) ?? 0
            score.fused = denseShare * densePart + (1 - denseShare) * lexicalPart
            return Fused(id: id, scores: score)
        }.sorted { ($0.scores.fused, $1.id) > ($1.scores.fused, $0.id) }
    }

    /// Maps a side's candidates to 0...1: the last to 0, the first to 1.
    private struct Scale {
        let lower: Double
        let upper: Double

        init(_ candidates: [Candidate]) {
            lower = candidates.last?.score ?? 0
            upper = candidates.first?.score ?? 0
        }

        func normalised(_ score: Double) -> Double {
            upper > lower ? min(1, max(0, (score - lower) / (upper - lower))) : (score >= upper ? 1 : 0)
        }
    }
}
