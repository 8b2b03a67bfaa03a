import GRDB

/// A chunk that one side of a search proposes.
struct Candidate: Sendable, Equatable {
    var id: Int64
    var score: Double
}

/// Search by words: BM25 (Robertson and Zaragoza, 2009) as FTS5 computes it, with k1 = 1.2 and b = 0.75.
enum LexicalSearch {
    /// Weights of the columns title, heading and body.
    static let columnWeights = (title: 1.0, heading: 1.0, body: 1.0)

    /// Chunks with the highest BM25, best first; larger scores are better.
    static func candidates(
        _ query: LexicalQuery, limit: Int, filter: ChunkFilter, _ db: Database
    ) throws -> [Candidate] {
        guard let expression = query.matchExpression, limit > 0 else { return [] }
        let weights = columnWeights
        let statement = try db.cachedStatement(
            sql: """
                SELECT rowid, bm25(chunk_fts, \(weights.title), \(weights.heading), \(weights.body)) AS score
                FROM chunk_fts WHERE chunk_fts MATCH ? ORDER BY score, rowid
                """)
        var found: [Candidate] = []
        let rows = try Row.fetchCursor(statement, arguments: [expression])
        while found.count < limit, let row = try rows.next() {
            let id: Int64 = row[0]
            if filter.allows(id) { found.append(Candidate(id: id, score: -(row[1] as Double))) }
        }
        return found
    }
}
