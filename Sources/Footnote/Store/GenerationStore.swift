import GRDB

/// A complete index made with one embedding model and one way of chunking.
///
/// Documents, chunks and vectors belong to a generation; readers see the active one. Changing the model builds
/// a second generation beside it and switches at the end, in one transaction.
struct Generation: Sendable, Equatable {
    enum State: String, Sendable { case building, active, retired }

    var id: Int64
    var model: ModelIdentity
    var dimension: Int
    /// JSON of the chunking parameters.
    var chunking: String
    var state: State
}

enum GenerationStore {
    static func current(_ state: Generation.State, _ db: Database) throws -> Generation? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT g.id, m.name, m.digest, m.dimension, g.chunking FROM generations g
                JOIN models m ON m.id = g.model_id WHERE g.state = ?
                """)
        return try Row.fetchOne(statement, arguments: [state.rawValue]).map { row in
            Generation(
                id: row[0], model: ModelIdentity(name: row[1], digest: row[2]), dimension: row[3], chunking: row[4],
                state: state)
        }
    }

    static func create(
        model: ModelIdentity, dimension: Int, chunking: String, state: Generation.State, _ db: Database
    ) throws -> Generation {
        try db.execute(
            sql: "INSERT INTO models (name, digest, dimension) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            arguments: [model.name, model.digest, dimension])
        let modelID = try Int64.fetchOne(
            db, sql: "SELECT id FROM models WHERE name = ? AND digest = ?", arguments: [model.name, model.digest])
        try db.execute(
            sql: "INSERT INTO generations (model_id, chunking, state, created_at) VALUES (?, ?, ?, ?)",
            arguments: [modelID, chunking, state.rawValue, Timestamp.now()])
        return Generation(
            id: db.lastInsertedRowID, model: model, dimension: dimension, chunking: chunking, state: state)
    }

    static func setChunking(_ chunking: String, of id: Int64, _ db: Database) throws {
        try db.execute(sql: "UPDATE generations SET chunking = ? WHERE id = ?", arguments: [chunking, id])
    }

    /// Makes a generation the one that readers see; the one before is left for `drop`.
    static func activate(_ id: Int64, _ db: Database) throws {
        try db.execute(sql: "UPDATE generations SET state = 'retired' WHERE state = 'active'")
        try db.execute(sql: "UPDATE generations SET state = 'active' WHERE id = ?", arguments: [id])
    }

    static func retire(_ id: Int64, _ db: Database) throws {
        try db.execute(sql: "UPDATE generations SET state = 'retired' WHERE id = ?", arguments: [id])
    }

    /// Removes a generation whose documents and vectors are gone.
    static func drop(_ id: Int64, _ db: Database) throws {
        try db.execute(sql: "DELETE FROM files WHERE generation_id = ?", arguments: [id])
        try db.execute(sql: "DELETE FROM generations WHERE id = ?", arguments: [id])
        try db.execute(sql: "DELETE FROM models WHERE id NOT IN (SELECT model_id FROM generations)")
    }
}
