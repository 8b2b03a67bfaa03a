package import GRDB

/// What a rebuild kept and what was beyond repair.
package struct RebuildReport: Sendable, Hashable {
    package var kept: Int
    /// Slots whose vector could not be used: of a wrong size, not finite, or of an id that another slot has.
    package var lostSlots: [Int64]
}

extension VectorIndex {
    /// Makes codes, graph and all the rest anew from the exact vectors, within the caller's transaction: repairs every
    /// damage but that of vectors.
    ///
    /// - Throws: `VectorIndexError`, `DatabaseError`.
    package func rebuild(in db: Database) throws -> RebuildReport {
        try change(in: db, fromScratch: true) { view, session in
            session.dropBlocks(at: session.version)
            for table in [schema.ids, schema.codes, schema.links, schema.free] {
                try db.execute(sql: "DELETE FROM \(table)")
            }
            try db.execute(sql: "DELETE FROM \(schema.vectors) WHERE slot < 0 OR slot >= ?", arguments: [Int64(slotLimit)])
            let last = try Int.fetchOne(db, sql: "SELECT max(slot) FROM \(schema.vectors)") ?? -1
            view.state.slots = last + 1
            var report = RebuildReport(kept: 0, lostSlots: [])
            try replant(view, session, &report, db)
            return report
        }
    }

    private func replant(
        _ view: GraphView, _ session: WriteSession, _ report: inout RebuildReport, _ db: Database
    ) throws {
        let insertion = try Insertion(view: view, session: session, db: db)
        var walk = GraphWalk(view)
        let read = try RowStatement(db, "SELECT id, vector FROM \(schema.vectors) WHERE slot = ?")
        let hasID = try RowStatement(db, "SELECT 1 FROM \(schema.ids) WHERE id = ?")
        for number in 0..<Int64(view.state.slots) {
            read.bind(1, number)
            let exists = try read.step()
            let id = exists && !read.isNull(0) ? read.integer(0) : nil
            let vector = exists ? usableVector(read.blob(1)) : nil
            read.reset()
            var isTaken = false
            if let id {
                hasID.bind(1, id)
                isTaken = try hasID.step()
                hasID.reset()
            }
            if let id, let vector, !isTaken, id != CodeLayout.freeID {
                try insertion.place(id, vector, in: Slot(number), walk: &walk)
                report.kept += 1
            } else {
                if id != nil || !exists { report.lostSlots.append(number) }
                view.freeNode(Slot(number), in: session)
                try db.execute(
                    sql: "INSERT OR REPLACE INTO \(schema.vectors) (slot, id, vector) VALUES (?, NULL, zeroblob(?))",
                    arguments: [number, 4 * parameters.dimension])
                try db.execute(sql: "INSERT INTO \(schema.free) (slot) VALUES (?)", arguments: [number])
            }
        }
    }

    private func usableVector(_ blob: UnsafeRawBufferPointer) -> [Float]? {
        guard blob.count == 4 * parameters.dimension else { return nil }
        let vector = [Float](unsafeUninitializedCapacity: parameters.dimension) { buffer, count in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: blob)
            count = parameters.dimension
        }
        return try? unitVector(vector, id: nil)
    }
}
