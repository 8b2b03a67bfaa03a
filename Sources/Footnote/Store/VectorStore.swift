import Foundation
import GRDB

/// The vectors of chunks, by chunk id. Every function runs within the caller's transaction or snapshot.
final class VectorStore: Sendable {
    static func createTables(_ db: Database) throws {
        try db.execute(
            sql: "CREATE TABLE vectors (generation_id INTEGER NOT NULL, id INTEGER NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (generation_id, id)) STRICT")
    }

    func create(_ generation: Generation, _ db: Database) throws {}

    /// - Parameter vectors: row-major, `ids.count × generation.dimension`.
    func insert(ids: [Int64], vectors: [Float], generation: Generation, _ db: Database) throws {
        let statement = try db.cachedStatement(sql: "INSERT INTO vectors (generation_id, id, vector) VALUES (?, ?, ?)")
        for (index, id) in ids.enumerated() {
            let row = vectors[(index * generation.dimension)..<((index + 1) * generation.dimension)]
            let data = row.withUnsafeBytes { Data($0) }
            try statement.execute(arguments: [generation.id, id, data])
        }
    }

    func delete(ids: [Int64], generation: Generation, _ db: Database) throws {
        let statement = try db.cachedStatement(sql: "DELETE FROM vectors WHERE generation_id = ? AND id = ?")
        for id in ids { try statement.execute(arguments: [generation.id, id]) }
    }

    func vector(id: Int64, generation: Generation, _ db: Database) throws -> [Float]? {
        let statement = try db.cachedStatement(sql: "SELECT vector FROM vectors WHERE generation_id = ? AND id = ?")
        return try Data.fetchOne(statement, arguments: [generation.id, id]).map(floats)
    }

    /// The nearest vectors with their cosines, best first.
    func search(
        _ query: [Float], limit: Int, filter: ChunkFilter, generation: Generation, _ db: Database
    ) throws -> [Candidate] {
        let statement = try db.cachedStatement(sql: "SELECT id, vector FROM vectors WHERE generation_id = ?")
        var found: [Candidate] = []
        let rows = try Row.fetchCursor(statement, arguments: [generation.id])
        while let row = try rows.next() {
            let id: Int64 = row[0]
            guard filter.allows(id) else { continue }
            found.append(Candidate(id: id, score: Self.dot(query, floats(row[1]))))
        }
        return Array(found.sorted { ($0.score, $1.id) > ($1.score, $0.id) }.prefix(limit))
    }

    /// Cosines of chunks that are not among the candidates.
    func cosines(
        _ query: [Float], ids: [Int64], except: [Candidate], generation: Generation, _ db: Database
    ) throws -> [Int64: Double] {
        let known = Set(except.map(\.id))
        var result: [Int64: Double] = [:]
        for id in ids where !known.contains(id) {
            result[id] = try vector(id: id, generation: generation, db).map { Self.dot(query, $0) }
        }
        return result
    }

    private static func dot(_ a: [Float], _ b: [Float]) -> Double {
        Double(zip(a, b).reduce(Float(0)) { $0 + $1.0 * $1.1 })
    }

    func count(generation: Generation, _ db: Database) throws -> Int {
        try Int.fetchOne(
            db, sql: "SELECT count(*) FROM vectors WHERE generation_id = ?", arguments: [generation.id]) ?? 0
    }

    func drop(_ generation: Generation, _ db: Database) throws {
        try db.execute(sql: "DELETE FROM vectors WHERE generation_id = ?", arguments: [generation.id])
    }

    private func floats(_ data: Data) -> [Float] {
        data.withUnsafeBytes { bytes in
            (0..<(bytes.count / 4)).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
        }
    }
}
