/// Scores passages by reading each together with the question, as cross-encoders do: slower than comparing vectors,
/// and better at telling which of a few passages bears on the question.
public protocol Reranker: Sendable {
    var identity: ModelIdentity { get }
    /// How well each passage bears on the question: larger is better, on a scale of the model's own.
    /// - Returns: one finite score for each passage, in their order.
    func scores(question: String, passages: [String]) async throws -> [Double]
}

/// Puts the first of the fused candidates in the order that a reranker gives them.
///
/// The reranked come first, by the reranker's score alone, equal ones in the order of fusion; the others follow as they
/// were. The scores are not mixed: those of a cross-encoder are on a scale of its own, and there is no constant that
/// suits all of them.
enum Reranking {
    /// - Parameters:
    ///   - fused: best first.
    ///   - texts: what the reranker reads of the first candidates; as many are reranked.
    /// - Throws: what the reranker throws, and `RerankingError` for scores that are none.
    static func order(
        _ fused: [Fusion.Fused], question: String, texts: [String], by reranker: any Reranker
    ) async throws -> [Fusion.Fused] {
        guard !texts.isEmpty else { return fused }
        let scores = try await reranker.scores(question: question, passages: texts)
        guard scores.count == texts.count, scores.allSatisfy(\.isFinite) else {
            throw RerankingError(
                model: reranker.identity.name, passages: texts.count, scores: scores.count { $0.isFinite })
        }
        let first = zip(fused, scores).map { item, score in
            var item = item
            item.scores.rerank = score
            return item
        }
        let order = first.enumerated().sorted {
            ($0.element.scores.rerank ?? 0, $1.offset) > ($1.element.scores.rerank ?? 0, $0.offset)
        }
        return order.map(\.element) + fused.dropFirst(texts.count)
    }
}

/// A reranker did not give every passage a finite score.
public struct RerankingError: Error, Sendable, Equatable, CustomStringConvertible {
    public var model: String
    public var passages: Int
    /// Finite scores that came back.
    public var scores: Int

    public var description: String {
        "the reranking model \(model) gave \(scores) scores for \(passages) passages: search without it, or use another"
    }
}
