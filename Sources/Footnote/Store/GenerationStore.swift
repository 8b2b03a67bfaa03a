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
    /// The generation in a state: of retired ones, one that is to be removed.
    static func current(_ state: Generation.State, _ db: Database) throws -> Generation? {
        let kept = try state == .retired ? previousID(db) ?? 0 : 0
        let statement = try db.cachedStatement(sql: columns + " WHERE g.state = ? AND g.id <> ?")
        return try Row.fetchOne(statement, arguments: [state.rawValue, kept]).map { generation($0, state) }
    }

    /// The generation that was active before, if it is still there.
    static func previous(_ db: Database) throws -> Generation? {
        guard let id = try previousID(db) else { return nil }
        let statement = try db.cachedStatement(sql: columns + " WHERE g.id = ? AND g.state = 'retired'")
        return try Row.fetchOne(statement, arguments: [id]).map { generation($0, .retired) }
    }

    private static let columns = """
        SELECT g.id, m.name, m.digest, m.dimension, g.chunking FROM generations g JOIN models m ON m.id = g.model_id
        """

    private static func generation(_ row: Row, _ state: Generation.State) -> Generation {
        Generation(
            id: row[0], model: ModelIdentity(name: row[1], digest: row[2]), dimension: row[3], chunking: row[4], state: state)
    }

    private static func previousID(_ db: Database) throws -> Int64? {
        try Meta.value(.previousGeneration, db).flatMap { Int64($0) }
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

    /// Makes a generation the one that readers see; the one before is kept to go back to, in place of any kept earlier.
    static func activate(_ id: Int64, _ db: Database) throws {
        if let active = try current(.active, db), active.id != id { try Meta.set(.previousGeneration, String(active.id), db) }
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
