/// How well documents are found, by way of searching. Larger is better.
public struct RetrievalReport: EvaluationReport {
    public var documents: Int
    public var queries: Int
    public var embeddingModel: String?
    public var reranker: String?
    public var seed: UInt64
    public var measures: [String: Measure]

    static let figures: [(name: String, value: @Sendable (RankingMetrics) -> Double)] = [
        ("ndcg@10", { $0.ndcg(at: 10) }), ("recall@5", { $0.recall(at: 5) }), ("recall@10", { $0.recall(at: 10) }),
        ("recall@100", { $0.recall(at: 100) }), ("mrr", { $0.reciprocalRank }), ("hit@1", { $0.hit(at: 1) ? 1 : 0 }),
        ("hit@3", { $0.hit(at: 3) ? 1 : 0 }), ("hit@5", { $0.hit(at: 5) ? 1 : 0 }),
    ]

    /// In the order in which they are printed.
    public static let order = figures.flatMap { figure in
        RetrievalEvaluation.Way.allCases.map { "\(figure.name) \($0.rawValue)" }
    }

    /// - Parameter metrics: one element for each query, by way of searching.
    init(
        documents: Int, queries: Int, metrics: [RetrievalEvaluation.Way: [RankingMetrics]], embeddingModel: String?,
        reranker: String?, seed: UInt64
    ) {
        self.documents = documents
        self.queries = queries
        self.embeddingModel = embeddingModel
        self.reranker = reranker
        self.seed = seed
        measures = [:]
        for (way, metrics) in metrics {
            for figure in Self.figures {
                measures["\(figure.name) \(way.rawValue)"] = Measure(metrics.map(figure.value))
            }
        }
    }
}
