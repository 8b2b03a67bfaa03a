internal import Foundation
package import GRDB

extension VectorIndex {
    /// Adds vectors, within the caller's transaction. A vector whose id is there already takes its place.
    ///
    /// Either all are added or, when this throws, none. Many at once are added faster than one by one, on `threads`
    /// threads.
    ///
    /// - Parameter items: ids other than `Int64.min`; vectors of the index's dimension, brought to length 1 if they
    ///   are not.
    /// - Throws: `VectorIndexError`, `DatabaseError`.
    package func insert(
        _ items: [(id: Int64, vector: [Float])], threads: Int = ProcessInfo.processInfo.activeProcessorCount, in db: Database
    ) throws {
        guard !items.isEmpty else { return }
        for item in items where item.id == CodeLayout.freeID {
            throw VectorIndexError.badVector(id: item.id, reason: "this id is reserved")
        }
        let usable = try items.map { (id: $0.id, vector: try usableVector($0.vector, id: $0.id)) }
        // Of vectors with one id the last counts.
        let last = Dictionary(usable.indices.lazy.map { (usable[$0].id, $0) }, uniquingKeysWith: { $1 })
        let rest = usable.indices.filter { last[usable[$0].id] == $0 }.map { usable[$0] }
        try change(in: db) { view, session in
            let insertion = try Insertion(view: view, session: session, threads: threads, db: db)
            let removal = try Removal(view: view, session: session, db: db)
            var start = 0
            while start < rest.count {
                let end = min(start + insertion.batchSize, rest.count)
                for item in rest[start..<end] { _ = try removal.remove(item.id) }
                try insertion.insert(rest[start..<end])
                start = end
            }
        }
    }

    /// Removes vectors, within the caller's transaction: their neighbours are linked anew, what they held is
    /// overwritten with zeros, and their slots are used again.
    ///
    /// - Returns: how many of the ids were there.
    /// - Throws: `VectorIndexError`, `DatabaseError`.
    @discardableResult
    package func remove(ids: some Sequence<Int64>, in db: Database) throws -> Int {
        try change(in: db) { view, session in
            let removal = try Removal(view: view, session: session, db: db)
            var removed = 0
            for id in ids where try removal.remove(id) { removed += 1 }
            return removed
        }
    }

    /// The vector as it is stored, at length 1 where that is the metric's way, or an error that says why it cannot be.
    func usableVector(_ vector: [Float], id: Int64?) throws -> [Float] {
        guard vector.count == parameters.dimension else {
            throw VectorIndexError.dimensionMismatch(index: name, expected: parameters.dimension, found: vector.count)
        }
        let squares = Distances.squares(vector)
        guard squares.isFinite else { throw VectorIndexError.badVector(id: id, reason: "an element is not finite") }
        guard parameters.metric == .cosine else {
            guard squares < 1e30 else { throw VectorIndexError.badVector(id: id, reason: "it is longer than 1e15") }
            return vector
        }
        guard squares > 1e-30 else { throw VectorIndexError.badVector(id: id, reason: "its length is 0") }
        // What a model made a unit vector is kept to the bit.
        if abs(squares - 1) < 1e-5 { return vector }
        let factor = 1 / squares.squareRoot()
        return vector.map { Float(Double($0) * factor) }
    }
}

/// Adding a node (algorithm 1 of arXiv 1603.09320).
struct Insertion {
    let view: GraphView
    let session: WriteSession
    private let threads: Int
    private let edit: GraphEdit
    private let takeFree: RowStatement
    private let deleteFree: RowStatement
    private let insertID: RowStatement
    private let insertVector: RowStatement

    init(view: GraphView, session: WriteSession, threads: Int, db: Database) throws {
        self.view = view
        self.session = session
        self.threads = threads
        edit = GraphEdit(view: view, session: session)
        let schema = view.index.schema
        takeFree = try RowStatement(db, "SELECT slot FROM \(schema.free) ORDER BY slot LIMIT 1")
        deleteFree = try RowStatement(db, "DELETE FROM \(schema.free) WHERE slot = ?")
        insertID = try RowStatement(db, "INSERT INTO \(schema.ids) (id, slot) VALUES (?, ?)")
        insertVector = try RowStatement(db, "INSERT OR REPLACE INTO \(schema.vectors) (slot, id, vector) VALUES (?, ?, ?)")
    }

    /// How many to add at once: few enough that a plan without the others of the batch is nearly the same.
    var batchSize: Int { min(max(view.state.count / 32, 1), 256) }

    func insert(_ items: ArraySlice<(id: Int64, vector: [Float])>) throws {
        let metric = view.index.parameters.metric
        try place(items.map { item in
            let slot = try takeSlot()
            let stored = StoredVector(item.vector, metric: metric)
            try writeVector(slot, id: item.id, view.fineLayout.bytes(stored, slot: slot))
            return (item.id, stored, slot)
        })
    }

    func writeVector(_ slot: Slot, id: Int64?, _ blob: [UInt8]) throws {
        try blob.withUnsafeBytes { bytes in
            insertVector.bind(1, Int64(slot))
            if let id { insertVector.bind(2, id) } else { insertVector.bindNull(2) }
            insertVector.bind(3, bytes)
            try insertVector.run()
        }
    }

    /// Links vectors whose rows exist.
    func place(_ items: [(id: Int64, vector: StoredVector, slot: Slot)]) throws {
        var nodes: [LinkPlanner.NewNode] = []
        for (id, vector, slot) in items {
            insertID.bind(1, id)
            insertID.bind(2, Int64(slot))
            try insertID.run()
            let level = view.index.parameters.level(of: id)
            view.makeNode(slot, id: id, vector, level: level, in: session)
            nodes.append(LinkPlanner.NewNode(slot: slot, level: level, vector: vector))
        }
        let plans = try LinkPlanner.plans(for: nodes, in: view, threads: threads)
        for (node, plan) in zip(nodes, plans) { try link(node, plan) }
        view.state.count += items.count
    }

    private func link(_ node: LinkPlanner.NewNode, _ plan: LinkPlan) throws {
        for level in stride(from: node.level, through: 0, by: -1) {
            try edit.connect(node.slot, to: plan.chosen[level], on: level)
        }
        if view.state.entry == nil { try edit.plant(node.slot) } else { try edit.attach(node.slot, near: plan.hosts) }
        if view.state.entry == nil || node.level > view.state.topLevel {
            view.state.entry = node.slot
            view.state.topLevel = node.level
        }
    }

    /// The lowest free slot, or a new one.
    private func takeSlot() throws -> Slot {
        defer { takeFree.reset() }
        if try takeFree.step() {
            let slot = takeFree.integer(0)
            takeFree.reset()
            guard (0..<Int64(view.state.slots)).contains(slot) else {
                throw view.corrupt(view.index.schema.free, nil, "slot \(slot) of \(view.state.slots)")
            }
            deleteFree.bind(1, slot)
            try deleteFree.run()
            return Slot(slot)
        }
        guard view.state.slots < slotLimit else {
            throw VectorIndexError.badParameter("the index is full: \(slotLimit) vectors")
        }
        view.state.slots += 1
        return Slot(view.state.slots - 1)
    }
}

/// Taking a node out for good.
struct Removal {
    let view: GraphView
    let session: WriteSession
    private let edit: GraphEdit
    private let findSlot: RowStatement
    private let deleteID: RowStatement
    private let clearVector: RowStatement
    private let clearVectorID: RowStatement
    private let insertFree: RowStatement
    private let anySlot: RowStatement

    init(view: GraphView, session: WriteSession, db: Database) throws {
        self.view = view
        self.session = session
        edit = GraphEdit(view: view, session: session)
        let schema = view.index.schema
        findSlot = try RowStatement(db, "SELECT slot FROM \(schema.ids) WHERE id = ?")
        deleteID = try RowStatement(db, "DELETE FROM \(schema.ids) WHERE id = ?")
        // First the vector alone, so that the row keeps its size and SQLite overwrites it where it lies; a row that
        // shrinks would leave its old bytes in the page.
        clearVector = try RowStatement(db, "UPDATE \(schema.vectors) SET vector = ? WHERE slot = ?")
        clearVectorID = try RowStatement(db, "UPDATE \(schema.vectors) SET id = NULL WHERE slot = ?")
        insertFree = try RowStatement(db, "INSERT INTO \(schema.free) (slot) VALUES (?)")
        anySlot = try RowStatement(db, "SELECT slot FROM \(schema.ids) LIMIT 1")
    }

    /// False when the id is not there.
    func remove(_ id: Int64) throws -> Bool {
        guard let slot = try slot(of: id) else { return false }
        let node = try view.links(slot)
        guard !node.isFree, CodeLayout.id(try view.code(slot)) == id else {
            throw view.corrupt(view.index.schema.ids, slot, "id \(id) is not what the slot holds")
        }
        let topLevel = node.topLevel
        let zeros = view.fineLayout.bytes(nil, slot: slot)
        try zeros.withUnsafeBytes { bytes in
            clearVector.bind(1, bytes)
            clearVector.bind(2, Int64(slot))
            try clearVector.run()
        }
        for row in [clearVectorID, insertFree] {
            row.bind(1, Int64(slot))
            try row.run()
        }
        deleteID.bind(1, id)
        try deleteID.run()
        view.state.count -= 1
        if view.state.entry == slot { try replaceEntry(slot) }
        for level in stride(from: topLevel, through: 0, by: -1) { try edit.disconnect(slot, on: level) }
        view.freeNode(slot, in: session)
        return true
    }

    private func slot(of id: Int64) throws -> Slot? {
        defer { findSlot.reset() }
        findSlot.bind(1, id)
        guard try findSlot.step() else { return nil }
        return try view.checkedSlot(findSlot.integer(0), of: id)
    }

    /// The next entry: a neighbour on the highest level that has one.
    private func replaceEntry(_ slot: Slot) throws {
        let node = try view.wholeLinks(slot)
        for level in stride(from: node.topLevel, through: 0, by: -1) {
            let around = Array(node.out(level).all) + Array(node.inOnly(level).all)
            if let nearest = try edit.selection.rank(around, for: slot).first {
                view.state.entry = nearest.slot
                view.state.topLevel = level
                return
            }
        }
        defer { anySlot.reset() }
        view.state.entry = nil
        view.state.topLevel = 0
        if view.state.count > 0, try anySlot.step(), let other = Slot(exactly: anySlot.integer(0)) {
            view.state.entry = other
            view.state.topLevel = try view.links(other).topLevel
        }
    }
}
