package import GRDB

/// What a second index, with other parameters, needs to take the place of the first.
extension VectorIndex {
    /// Adds vectors that `source` has and this index has not, in order of ids, within the caller's transaction.
    ///
    /// - Parameters:
    ///   - after: ids up to this one have been looked at before.
    ///   - limit: most vectors to add.
    /// - Returns: how many were added, and the last of their ids.
    /// - Throws: `VectorIndexError`, `DatabaseError`.
    package func copyMissing(
        from source: VectorIndex, after: Int64 = .min, limit: Int, in db: Database
    ) throws -> (added: Int, last: Int64) {
        let view = try source.readingView(in: db)
        let row = try RowStatement(db, """
            SELECT id, slot FROM \(source.schema.ids) WHERE id > ? AND id NOT IN (SELECT id FROM \(schema.ids)) ORDER BY id LIMIT ?
            """)
        row.bind(1, after)
        row.bind(2, Int64(limit))
        var slots: [(id: Int64, slot: Slot)] = []
        while try row.step() { slots.append((row.integer(0), try view.checkedSlot(row.integer(1), of: row.integer(0)))) }
        row.reset()
        var exact = ExactVectors(view, keeps: false, db)
        let items = try slots.map { id, slot in
            guard try exact.read(slot) == id else { throw view.corrupt(source.schema.ids, slot, "id \(id) is not what the slot holds") }
            return (id: id, vector: exact.vector)
        }
        try insert(items, in: db)
        return (items.count, items.last?.id ?? after)
    }

    /// Removes vectors whose ids `source` does not have, within the caller's transaction; returns how many.
    ///
    /// - Throws: `VectorIndexError`, `DatabaseError`.
    @discardableResult
    package func removeAbsent(from source: VectorIndex, in db: Database) throws -> Int {
        _ = try IndexState.read(source, in: db)
        let ids = try Int64.fetchAll(
            db, sql: "SELECT id FROM \(schema.ids) WHERE id NOT IN (SELECT id FROM \(source.schema.ids)) ORDER BY id")
        return ids.isEmpty ? 0 : try remove(ids: ids, in: db)
    }

    /// The identity of the index of a name: tells whether it is still the one that was opened. Nil if there is none.
    package static func identity(named name: String, in db: Database) throws -> Int64? {
        guard try db.tableExists(Schema.catalog) else { return nil }
        return try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT identity FROM \(Schema.catalog) WHERE name = ?"), arguments: [name])
    }

    /// Gives an index another name, within the caller's transaction. Does nothing when there is none of that name.
    ///
    /// - Throws: `VectorIndexError.alreadyExists`, `DatabaseError`.
    package static func rename(_ name: String, to other: String, in db: Database) throws {
        guard try identity(named: name, in: db) != nil else { return }
        guard try identity(named: other, in: db) == nil else { throw VectorIndexError.alreadyExists(other) }
        try db.execute(sql: "UPDATE \(Schema.catalog) SET name = ? WHERE name = ?", arguments: [other, name])
    }

    /// The exact scores of some vectors; ids that are not there are left out.
    ///
    /// - Throws: `VectorIndexError`, `DatabaseError`.
    package func scores(_ query: [Float], of ids: some Sequence<Int64>, in db: Database) throws -> [Int64: Float] {
        let query = Query(try usableVector(query, id: nil), metric: parameters.metric)
        let view = try readingView(in: db)
        let row = try RowStatement(db, "SELECT slot FROM \(schema.ids) WHERE id = ?")
        defer { row.reset() }
        var exact = ExactVectors(view, keeps: true, db)
        var result: [Int64: Float] = [:]
        for id in ids {
            row.bind(1, id)
            if try row.step() {
                let slot = try view.checkedSlot(row.integer(0), of: id)
                guard try exact.read(slot) == id else { throw view.corrupt(schema.ids, slot, "id \(id) is not what the slot holds") }
                result[id] = exact.score(query)
            }
            row.reset()
        }
        return result
    }
}
