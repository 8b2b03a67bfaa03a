internal import Foundation

/// How good an order of documents is for a query whose relevant documents are known.
package struct RankingMetrics {
    /// Relevance of each document of the order, best first; 0 for those that are not relevant.
    private let gains: [Int]
    /// All relevances of the query, largest first.
    private let ideal: [Int]

    /// - Parameters:
    ///   - order: distinct documents, best first.
    ///   - judgements: relevance above 0 by document.
    package init(order: [String], judgements: [String: Int]) {
        gains = order.map { judgements[$0] ?? 0 }
        ideal = judgements.values.sorted(by: >)
    }

    /// Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002) with the relevance itself as gain and a
    /// discount of log₂(rank + 1), as trec_eval and BEIR compute it. 0 when nothing is relevant.
    package func ndcg(at depth: Int) -> Double {
        let best = Self.dcg(ideal.prefix(depth))
        return best > 0 ? Self.dcg(gains.prefix(depth)) / best : 0
    }

    /// Share of the relevant documents that are among the first.
    package func recall(at depth: Int) -> Double {
        ideal.isEmpty ? 0 : Double(gains.prefix(depth).count { $0 > 0 }) / Double(ideal.count)
    }

    /// Whether any relevant document is among the first.
    package func hit(at depth: Int) -> Bool { gains.prefix(depth).contains { $0 > 0 } }

    /// One over the rank of the first relevant document, 0 when there is none.
    package var reciprocalRank: Double { gains.firstIndex { $0 > 0 }.map { 1 / Double($0 + 1) } ?? 0 }

    private static func dcg(_ gains: ArraySlice<Int>) -> Double {
        zip(1..., gains).reduce(0) { $0 + Double($1.1) / log2(Double($1.0) + 1) }
    }
}
