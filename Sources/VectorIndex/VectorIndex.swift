internal import Foundation
package import GRDB

/// A hierarchical navigable small world graph (Malkov and Yashunin, arXiv 1603.09320) whose nodes, vectors and edges
/// are rows of a SQLite database: they change in the caller's transaction, together with what they describe.
///
/// Opening reads one row. Searches load the nodes they touch, from then on shared in memory by all readers. Any
/// number of readers may search while one writer changes the index; each sees the index as of its own transaction.
///
/// One value serves one database (all connections of a pool) and is kept as long as the database is open.
package final class VectorIndex: Sendable {
    package let name: String
    package let parameters: IndexParameters
    /// The index's row in the catalogue.
    let number: Int64
    /// Drawn at random when the index was made: tells it from one dropped and made anew under the same name.
    package let identity: Int64
    let schema: Schema
    let cache: NodeCache
    private let sessions = SessionSlot()

    private init(name: String, parameters: IndexParameters, number: Int64, identity: Int64, cacheBudget: Int?) {
        self.name = name
        self.parameters = parameters
        self.number = number
        self.identity = identity
        schema = Schema(number: number)
        let quarter = Int(min(ProcessInfo.processInfo.physicalMemory / 4, UInt64(Int.max)))
        cache = NodeCache(parameters: parameters, budget: max(cacheBudget ?? quarter, 0))
    }

    // MARK: Life

    /// Makes an index; several may stand side by side in one database.
    ///
    /// - Parameter cacheBudget: bytes of node data to keep in memory; a quarter of the machine's by default.
    /// - Throws: `VectorIndexError`, `DatabaseError`.
    package static func create(
        named name: String, parameters: IndexParameters, cacheBudget: Int? = nil, in db: Database
    ) throws -> VectorIndex {
        try parameters.validate()
        try Schema.createCatalog(in: db)
        let identity = Int64.random(in: 1 ... .max)
        do {
            try db.execute(
                sql: """
                    INSERT INTO \(Schema.catalog) (name, format, identity, dimension, metric, neighbors, construction_width,
                      seed, code, vector, generation, token, count, slots, entry, top_level)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0, 0, 0, NULL, 0)
                    """,
                arguments: [
                    name, Schema.format, identity, parameters.dimension, parameters.metric.rawValue,
                    parameters.neighbors, parameters.constructionWidth, Int64(bitPattern: parameters.seed), parameters.code.rawValue,
                    parameters.code.remainder,
                ])
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
            throw VectorIndexError.alreadyExists(name)
        }
        let number = db.lastInsertedRowID
        try Schema(number: number).createTables(in: db)
        return VectorIndex(
            name: name, parameters: parameters, number: number, identity: identity, cacheBudget: cacheBudget)
    }

    /// Opens an index; nil if there is none of this name. Reads one row.
    ///
    /// - Throws: `VectorIndexError.unsupported`, `.badParameter`, `DatabaseError`.
    package static func open(named name: String, cacheBudget: Int? = nil, in db: Database) throws -> VectorIndex? {
        guard try db.tableExists(Schema.catalog) else { return nil }
        let sql = """
            SELECT id, identity, format, dimension, metric, neighbors, construction_width, seed, code, vector
            FROM \(Schema.catalog) WHERE name = ?
            """
        guard let row = try Row.fetchOne(db, sql: sql, arguments: [name]) else { return nil }
        guard row["format"] as Int64 == Schema.format else {
            throw VectorIndexError.unsupported(index: name, what: "format \(row["format"] as Int64), this one knows \(Schema.format)")
        }
        guard let metric = Metric(rawValue: row["metric"]), let code = CodeKind(rawValue: row["code"]), row["vector"] == code.remainder else {
            throw VectorIndexError.unsupported(
                index: name, what: "metric \(row["metric"] as String), code \(row["code"] as String), vector \(row["vector"] as String)")
        }
        guard let dimension = Int(exactly: row["dimension"] as Int64), let neighbors = Int(exactly: row["neighbors"] as Int64),
            let width = Int(exactly: row["construction_width"] as Int64)
        else { throw VectorIndexError.badParameter("numbers out of range in \(Schema.catalog)") }
        let parameters = IndexParameters(
            dimension: dimension, metric: metric, neighbors: neighbors, constructionWidth: width,
            seed: UInt64(bitPattern: row["seed"]), code: code)
        try parameters.validate()
        return VectorIndex(
            name: name, parameters: parameters, number: row["id"], identity: row["identity"], cacheBudget: cacheBudget)
    }

    /// The names of all indexes of a database, oldest first.
    package static func names(in db: Database) throws -> [String] {
        guard try db.tableExists(Schema.catalog) else { return [] }
        return try String.fetchAll(db, sql: "SELECT name FROM \(Schema.catalog) ORDER BY id")
    }

    /// Removes the index with all its tables. The value cannot be used any more.
    package func drop(in db: Database) throws {
        _ = try IndexState.read(self, in: db)
        try schema.dropTables(in: db)
        try db.execute(sql: "DELETE FROM \(Schema.catalog) WHERE id = ?", arguments: [number])
    }

    /// Vectors held.
    package func count(in db: Database) throws -> Int { try IndexState.read(self, in: db).count }

    /// The ids of all vectors, ascending.
    package func ids(in db: Database) throws -> [Int64] {
        _ = try IndexState.read(self, in: db)
        return try Int64.fetchAll(db, sql: "SELECT id FROM \(schema.ids) ORDER BY id")
    }

    /// Bytes of node data in memory.
    package var cachedBytes: Int { cache.byteCount }

    /// Bytes taken from the system for node data and for finding it.
    package var reservedBytes: Int { cache.reservedBytes }

    /// Sets how many bytes of node data to keep in memory, and keeps to it at once.
    package func setCacheBudget(_ bytes: Int) { cache.setBudget(max(bytes, 0)) }

    // MARK: Sessions

    /// A view for reading: the writer's own, when it is the writer's connection that asks.
    func readingView(in db: Database) throws -> GraphView {
        let state = try IndexState.read(self, in: db)
        let session = sessions.current(for: db)
        guard let session, session.resume(at: state.version) else {
            return try GraphView(self, state: state, session: nil, db: db)
        }
        return try GraphView(self, state: state, session: session, db: db)
    }

    /// Runs a change: in full, or not at all.
    ///
    /// - Parameter fromScratch: to begin with an empty state, whatever the file holds.
    func change<T>(in db: Database, fromScratch: Bool = false, _ body: (GraphView, WriteSession) throws -> T) throws -> T {
        guard db.isInsideTransaction else { throw VectorIndexError.notInTransaction(index: name) }
        let state = try IndexState.read(self, in: db, checked: !fromScratch)
        let session = beginOrResume(state, in: db)
        var result: T?
        do {
            try db.inSavepoint {
                let view = try GraphView(self, state: state, session: session, db: db)
                result = try body(view, session)
                try view.flush(session)
                return .commit
            }
        } catch {
            session.dropBlocks(at: state.version)
            throw error
        }
        guard let result else { throw VectorIndexError.notInTransaction(index: name) }
        return result
    }

    private func beginOrResume(_ state: IndexState, in db: Database) -> WriteSession {
        if let session = sessions.current(for: db), session.resume(at: state.version) { return session }
        let session = WriteSession(index: self, base: state.version, slots: state.slots, db: db)
        sessions.set(session)
        db.add(transactionObserver: session, extent: .nextTransaction)
        return session
    }

    func isCurrent(_ session: WriteSession) -> Bool { sessions.holds(session) }
    /// False when the session had already been given up.
    func endSession(_ session: WriteSession) -> Bool { sessions.remove(session) }
}

/// The session of the write transaction under way, if any: SQLite allows one.
private final class SessionSlot: @unchecked Sendable {
    // Why unchecked: `session` is guarded by the lock, and what it refers to is only used on the connection it
    // belongs to, which runs one call at a time.
    private let lock = NSLock()
    private var session: WriteSession?

    func current(for db: Database) -> WriteSession? {
        lock.withLock { session?.connection == ObjectIdentifier(db) ? session : nil }
    }
    func set(_ new: WriteSession) { lock.withLock { session = new } }
    func holds(_ other: WriteSession) -> Bool { lock.withLock { session === other } }
    func remove(_ other: WriteSession) -> Bool {
        lock.withLock {
            guard session === other else { return false }
            session = nil
            return true
        }
    }
}
