/// Joins lexical and dense candidates into one order.
///
/// Each side's scores are divided by its best score for this question and added with weights: a convex combination
/// of scores with their natural lower bound 0, which loses less than fusing ranks with a fixed constant (Bruch, Gai
/// and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2023). The weights depend on the question:
/// where the embedding model does not know its words, words decide.
enum Fusion {
    /// Share of the dense score for a question whose words the embedding model all knows. Chosen on Cranfield and
    /// CISI, between 0.6 and 0.7 of equal merit.
    static let denseWeight = 0.65

    struct Fused: Sendable {
        var id: Int64
        var scores: RetrievalScores
    }

    /// - Parameters:
    ///   - lexical: best first, BM25.
    ///   - dense: best first, cosine.
    ///   - cosines: cosines of lexical candidates that are not among the dense ones, where they are known.
    ///   - coverage: share of the question that the embedding model has words for, 0...1.
    /// - Returns: every candidate once, best first; equal scores in order of ids.
    static func fuse(
        lexical: [Candidate], dense: [Candidate], cosines: [Int64: Double], coverage: Double = 1
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
        let bestLexical = lexical.first?.score ?? 0, bestDense = dense.first?.score ?? 0
        let share = dense.isEmpty ? 0 : lexical.isEmpty ? 1 : denseWeight * min(1, max(0, coverage))
        return scores.map { id, score in
            var score = score
            score.fused = share * part(score.denseScore, of: bestDense) + (1 - share) * part(score.lexicalScore, of: bestLexical)
            return Fused(id: id, scores: score)
        }.sorted { ($0.scores.fused, $1.id) > ($1.scores.fused, $0.id) }
    }

    private static func part(_ score: Double?, of best: Double) -> Double {
        guard let score, best > 0 else { return 0 }
        return min(1, max(0, score / best))
    }
}
