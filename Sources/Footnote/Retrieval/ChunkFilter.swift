import GRDB
import Ingestion

/// The chunks a search may find.
enum ChunkFilter: Sendable {
    case all
    case only(Set<Int64>)

    /// Chunks of the generation's documents that pass the filter.
    static func make(_ filter: SearchFilter, generation: Generation, _ db: Database) throws -> ChunkFilter {
        if filter.isEmpty {
            let generations = try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM generations")) ?? 0
            if generations <= 1 { return .all }
        }
        let documents = try documents(filter, generation: generation, db)
        let statement = try db.cachedStatement(sql: "SELECT id FROM chunks WHERE document_id = ?")
        var ids: Set<Int64> = []
        for document in documents { ids.formUnion(try Int64.fetchAll(statement, arguments: [document])) }
        return .only(ids)
    }

    func allows(_ id: Int64) -> Bool {
        switch self {
        case .all: true
        case .only(let ids): ids.contains(id)
        }
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
