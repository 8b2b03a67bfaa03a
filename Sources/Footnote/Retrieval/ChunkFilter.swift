import GRDB
import Ingestion

/// The chunks a search may find.
enum ChunkFilter: Sendable {
    case all
    /// Those of a generation's documents, where others are kept beside it: asked one by one, since a list of all of them
    /// would take longer than the search.
    case generation(Int64)
    case only(Set<Int64>)

    /// Chunks of the generation's documents that pass the filter.
    static func make(_ filter: SearchFilter, generation: Generation, _ db: Database) throws -> ChunkFilter {
        if filter.isEmpty {
            let generations = try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM generations")) ?? 0
            return generations <= 1 ? .all : .generation(generation.id)
        }
        let documents = try documents(filter, generation: generation, db)
        let statement = try db.cachedStatement(sql: "SELECT id FROM chunks WHERE document_id = ?")
        var ids: Set<Int64> = []
        for document in documents { ids.formUnion(try Int64.fetchAll(statement, arguments: [document])) }
        return .only(ids)
    }

    func allows(_ id: Int64, _ db: Database) throws -> Bool {
        switch self {
        case .all: return true
        case .only(let ids): return ids.contains(id)
        case .generation(let generation):
            let sql = "SELECT d.generation_id FROM chunks c JOIN documents d ON d.id = c.document_id WHERE c.id = ?"
            return try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: [id]) == generation
        }
    }

    /// A range that holds the ids of all allowed chunks. They grow with those of documents, whose chunks are made with them.
    func range(_ db: Database) throws -> ClosedRange<Int64> {
        let all = Int64.min ... .max
        guard case .generation(let generation) = self else { return all }
        let ends = try db.cachedStatement(sql: "SELECT min(id), max(id) FROM documents WHERE generation_id = ?")
        let low = try db.cachedStatement(sql: "SELECT id FROM chunks WHERE document_id >= ? ORDER BY document_id, ordinal LIMIT 1")
        let high = try db.cachedStatement(
            sql: "SELECT id FROM chunks WHERE document_id <= ? ORDER BY document_id DESC, ordinal DESC LIMIT 1")
        guard let row = try Row.fetchOne(ends, arguments: [generation]), let first = row[0] as Int64?, let last = row[1] as Int64?,
            let lowest = try Int64.fetchOne(low, arguments: [first]), let highest = try Int64.fetchOne(high, arguments: [last]),
            lowest <= highest
        else { return all }
        return lowest...highest
    }

    static func documents(_ filter: SearchFilter, generation: Generation, _ db: Database) throws -> [Int64] {
        var sql = "SELECT id, path FROM documents WHERE generation_id = ?"
        var arguments: [any DatabaseValueConvertible] = [generation.id]
        if !filter.collections.isEmpty {
            let marks = filter.collections.map { _ in "?" }.joined(separator: ", ")
            sql += " AND collection_id IN (SELECT id FROM collections WHERE name IN (\(marks)))"
            arguments += filter.collections
        }
        for (key, value) in filter.metadata.sorted(by: { $0.key < $1.key }) {
            sql += " AND id IN (SELECT document_id FROM document_metadata WHERE key = ? AND lower(value) = lower(?))"
            arguments += [key.lowercased(), value]
        }
        let patterns = filter.paths.map { GlobPattern($0.hasSuffix("/") ? $0 + "**" : $0) }
        return try Row.fetchAll(db, sql: sql, arguments: StatementArguments(arguments)).compactMap { row in
            let path = Array((row["path"] as String).utf8)
            return patterns.isEmpty || patterns.contains { $0.matches(path[...]) } ? row["id"] : nil
        }
    }
}
