internal import Foundation
package import GRDB

/// What a rebuild kept and what was beyond repair.
package struct RebuildReport: Sendable, Hashable {
    package var kept: Int
    /// Slots whose vector could not be used: of a wrong size, not finite, or of an id that another slot has.
    package var lostSlots: [Int64]
}

extension VectorIndex {
    /// Makes graph and tables anew from the vectors, within the caller's transaction: repairs every damage but that of
    /// vectors, whose two parts are in the tables of codes and of vectors.
    ///
    /// - Throws: `VectorIndexError`, `DatabaseError`.
    package func rebuild(
        threads: Int = ProcessInfo.processInfo.activeProcessorCount, in db: Database
    ) throws -> RebuildReport {
        try change(in: db, fromScratch: true) { view, session in
            session.dropBlocks(at: session.version)
            for table in [schema.ids, schema.links, schema.free] { try db.execute(sql: "DELETE FROM \(table)") }
            for table in [schema.codes, schema.vectors] {
                try db.execute(sql: "DELETE FROM \(table) WHERE slot < 0 OR slot >= ?", arguments: [Int64(slotLimit)])
            }
            let last = try Int.fetchOne(
                db, sql: "SELECT max(slot) FROM (SELECT slot FROM \(schema.codes) UNION ALL SELECT slot FROM \(schema.vectors))") ?? -1
            view.state.slots = last + 1
            var report = RebuildReport(kept: 0, lostSlots: [])
            let insertion = try Insertion(view: view, session: session, threads: threads, db: db)
            try replant(view, session, insertion, &report, db)
            return report
        }
    }

    private func replant(
        _ view: GraphView, _ session: WriteSession, _ insertion: Insertion, _ report: inout RebuildReport, _ db: Database
    ) throws {
        let parts = try StoredParts(view, db)
        var batch: [(id: Int64, vector: StoredVector, slot: Slot)] = []
        var met: Set<Int64> = []
        for number in 0..<view.state.slots {
            let slot = Slot(number)
            let found = try parts.read(slot)
            if case .vector(let id, let vector) = found, met.insert(id).inserted {
                batch.append((id, vector, slot))
                report.kept += 1
            } else {
                if found != .free { report.lostSlots.append(Int64(slot)) }
                view.freeNode(slot, in: session)
                try insertion.writeVector(slot, id: nil, view.fineLayout.bytes(nil, slot: slot))
                try db.execute(sql: "INSERT INTO \(schema.free) (slot) VALUES (?)", arguments: [Int64(slot)])
            }
            if batch.count >= insertion.batchSize || number == view.state.slots - 1 {
                try insertion.place(batch)
                batch.removeAll(keepingCapacity: true)
            }
        }
    }
}

/// Reads what is stored of vectors, past every cache, and judges it.
struct StoredParts {
    enum Content: Equatable {
        case vector(Int64, StoredVector)
        case free
        /// What is wrong, one sentence.
        case damaged(String)
    }
    private let view: GraphView
    private let code: RowStatement
    private let fine: RowStatement

    init(_ view: GraphView, _ db: Database) throws {
        self.view = view
        code = try RowStatement(db, "SELECT code FROM \(view.index.schema.codes) WHERE slot = ?")
        fine = try RowStatement(db, "SELECT id, vector FROM \(view.index.schema.vectors) WHERE slot = ?")
    }

    func read(_ slot: Slot) throws -> Content {
        defer {
            code.reset()
            fine.reset()
        }
        code.bind(1, Int64(slot))
        fine.bind(1, Int64(slot))
        guard try code.step() else { return .damaged("\(view.index.schema.codes): the row is missing") }
        guard try fine.step() else { return .damaged("\(view.index.schema.vectors): the row is missing") }
        let (coarse, rest) = (code.blob(0), fine.blob(1))
        if let fault = view.codeLayout.fault(coarse, slot: slot) { return .damaged("\(view.index.schema.codes): \(fault)") }
        if let fault = view.fineLayout.fault(rest, slot: slot) { return .damaged("\(view.index.schema.vectors): \(fault)") }
        guard let start = coarse.baseAddress else { return .damaged("\(view.index.schema.codes): no code") }
        // Nothing but the blob's own part of the block is looked at.
        let block = start - CodeLayout.blobOffset
        let id = CodeLayout.id(block)
        let owner = fine.isNull(0) ? nil : fine.integer(0)
        if id == CodeLayout.freeID, owner == nil { return isZero(coarse, rest) ? .free : .damaged("a free slot holds a vector") }
        guard owner == id else { return .damaged("the code is of \(id), the vector of \(owner.map { "\($0)" } ?? "none")") }
        let vector = view.fineLayout.stored(code: block, rest)
        guard view.codeLayout.matches(block, vector) else { return .damaged("the code is not that of the vector") }
        return .vector(id, vector)
    }

    private func isZero(_ coarse: UnsafeRawBufferPointer, _ rest: UnsafeRawBufferPointer) -> Bool {
        coarse.dropFirst(CodeLayout.headerSize).allSatisfy { $0 == 0 } && view.fineLayout.isZero(rest)
    }
}
