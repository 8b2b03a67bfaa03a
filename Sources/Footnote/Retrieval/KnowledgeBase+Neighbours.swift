import GRDB

extension KnowledgeBase {
    /// The chunks that stand next to one in its document, each side in the order of the document.
    /// - Parameters:
    ///   - before: how many at most of those in front of it.
    ///   - after: how many at most of those behind it.
    /// - Returns: empty sides at the ends of the document, and for a chunk that has been removed.
    /// - Throws: `KnowledgeBaseError`.
    package func neighbours(
        of chunkID: Int64, before: Int, after: Int
    ) async throws -> (before: [SearchResult], after: [SearchResult]) {
        try await store.read { db in
            let own = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT document_id, ordinal FROM chunks WHERE id = ?"), arguments: [chunkID])
            guard let own else { return ([], []) }
            let document: Int64 = own[0], ordinal: Int = own[1]
            func chunks(from first: Int, to last: Int) throws -> [SearchResult] {
                guard first <= last else { return [] }
                let statement = try db.cachedStatement(
                    sql: "SELECT id FROM chunks WHERE document_id = ? AND ordinal BETWEEN ? AND ? ORDER BY ordinal")
                return try Int64.fetchAll(statement, arguments: [document, first, last]).compactMap {
                    try ResultReader.result($0, scores: RetrievalScores(), db)
                }
            }
            // A document has fewer chunks than this; larger numbers could overflow the sum.
            let most = 1 << 32
            return (
                try chunks(from: ordinal - min(max(0, before), most), to: ordinal - 1),
                try chunks(from: ordinal + 1, to: ordinal + min(max(0, after), most))
            )
        }
    }
}
