internal import Foundation
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

    /// How much further than to the candidates the order is followed for the scores of others.
    static let reach = 20

    /// Chunks with the highest BM25, best first; larger scores are better.
    /// - Parameter others: chunks whose scores are wanted too, as far as they are not too far behind.
    /// - Returns: at most `limit` candidates, and scores of others that are not among them.
    static func candidates(
        _ query: LexicalQuery, limit: Int, others: Set<Int64> = [], filter: ChunkFilter, _ db: Database
    ) throws -> (candidates: [Candidate], others: [Int64: Double]) {
        guard let expression = query.matchExpression, limit > 0 else { return ([], [:]) }
        let weights = columnWeights
        let statement = try db.cachedStatement(
            sql: """
                SELECT rowid, bm25(chunk_fts, \(weights.title), \(weights.heading), \(weights.body)) AS score
                FROM chunk_fts WHERE chunk_fts MATCH ? AND rowid BETWEEN ? AND ? ORDER BY score, rowid
                """)
        var found: [Candidate] = [], further: [Int64: Double] = [:]
        var missing = others, seen = 0
        let range = try filter.range(db)
        let rows = try Row.fetchCursor(statement, arguments: [expression, range.lowerBound, range.upperBound])
        while found.count < limit || (!missing.isEmpty && seen < reach * limit), let row = try rows.next() {
            let id: Int64 = row[0], score: Double = -row[1]
            seen += 1
            let isOther = missing.remove(id) != nil
            if found.count < limit {
                if try filter.allows(id, db) { found.append(Candidate(id: id, score: score)) }
            } else if isOther {
                further[id] = score
            }
        }
        return (found, further)
    }

    /// A score that no chunk exceeds: BM25 of one that consists of all words of the query, k1 + 1 times the sum of their
    /// inverse document frequencies as FTS5 computes them. 0 when the query holds no word.
    static func bound(_ query: LexicalQuery, _ db: Database) throws -> Double {
        let chunks = try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM chunks")) ?? 0
        let statement = try db.cachedStatement(sql: "SELECT count(*) FROM chunk_fts WHERE chunk_fts MATCH ?")
        return try query.terms.reduce(0) { sum, term in
            let holding = Double(try Int.fetchOne(statement, arguments: ["\"\(term)\""]) ?? 0)
            let frequency = log((Double(chunks) - holding + 0.5) / (holding + 0.5))
            // FTS5 gives words that stand in more than half of the rows this weight instead of one below 0.
            return sum + 2.2 * max(1e-6, frequency)
        }
    }
}
