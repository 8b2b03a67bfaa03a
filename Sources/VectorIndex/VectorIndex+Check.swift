package import GRDB

/// Something in an index that must not be.
package struct IndexFinding: Sendable, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable, Codable {
        /// A blob or number that cannot be.
        case malformed
        /// A row that should exist does not, or one exists that should not.
        case missing, orphan
        /// Tables that contradict each other.
        case mismatch
        /// An edge to a free slot, to a level where the node is not, to itself, or twice.
        case badEdge
        /// An edge that its target does not know of, or an in-edge of which the source does not know.
        case oneSided
        /// A node that no walk from the entry meets: only an exact search finds it.
        case unreachable
    }
    package var kind: Kind
    package var slot: Int64?
    package var message: String

    package var description: String { "\(kind.rawValue)\(slot.map { " (slot \($0))" } ?? ""): \(message)" }
}

extension VectorIndex {
    /// Checks every promise that the index makes, reading all of it; empty when all hold.
    ///
    /// - Parameter limit: how many findings to collect before giving up.
    /// - Throws: `VectorIndexError.noSuchIndex`, `.replaced`, `DatabaseError`: damage is not thrown but reported.
    package func check(limit: Int = 1_000, in db: Database) throws -> [IndexFinding] {
        do {
            // Past the cache: it is the file that is to be judged.
            let view = try GraphView(self, state: IndexState.read(self, in: db), session: nil, past: true, db: db)
            var check = try IndexCheck(view: view, db: db, limit: limit)
            try check.run()
            return check.findings
        } catch VectorIndexError.corrupt(let table, let slot, let reason) {
            return [IndexFinding(kind: .malformed, slot: slot, message: "\(table): \(reason)")]
        }
    }
}

/// A pass over all nodes, then one over the graph.
private struct IndexCheck {
    let view: GraphView
    let db: Database
    let limit: Int
    private let parts: StoredParts
    var findings: [IndexFinding] = []
    /// Links that can be read, by slot; the others have a finding.
    private var nodes: [Slot: WholeLinks] = [:]

    init(view: GraphView, db: Database, limit: Int) throws {
        parts = try StoredParts(view, db)
        self.view = view
        self.db = db
        self.limit = limit
    }

    private mutating func note(_ kind: IndexFinding.Kind, _ slot: Slot?, _ message: String) {
        if findings.count < limit { findings.append(IndexFinding(kind: kind, slot: slot.map { Int64($0) }, message: message)) }
    }

    mutating func run() throws {
        let schema = view.index.schema
        let slots = view.state.slots
        let free = Set(try Int64.fetchAll(db, sql: "SELECT slot FROM \(schema.free)"))
        let slotOfID = try Row.fetchAll(db, sql: "SELECT id, slot FROM \(schema.ids)")
        if slotOfID.count != view.state.count { note(.mismatch, nil, "\(slotOfID.count) ids, but a count of \(view.state.count)") }
        if slotOfID.count + free.count != slots {
            note(.mismatch, nil, "\(slotOfID.count) ids and \(free.count) free slots, but \(slots) slots")
        }
        for table in [schema.codes, schema.links, schema.vectors] {
            let rows = try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0
            if rows != slots { note(.orphan, nil, "\(table) has \(rows) rows for \(slots) slots") }
        }
        for row in slotOfID {
            let (id, number): (Int64, Int64) = (row[0], row[1])
            guard (0..<Int64(slots)).contains(number), !free.contains(number) else {
                note(.mismatch, nil, "id \(id) is in slot \(number), which is free or does not exist")
                continue
            }
            try checkNode(id, Slot(number))
        }
        for number in free where (0..<Int64(slots)).contains(number) { try checkFree(Slot(number)) }
        for (slot, node) in nodes.sorted(by: { $0.key < $1.key }) { checkEdges(slot, node) }
        checkTree()
        checkReach()
    }

    private mutating func checkNode(_ id: Int64, _ slot: Slot) throws {
        do {
            switch try parts.read(slot) {
            case .vector(let found, let vector):
                if found != id { note(.mismatch, slot, "holds the vector of \(found), not of \(id)") }
                checkVector(vector, slot)
            case .free: note(.mismatch, slot, "is free, but vector \(id) should be there")
            case .damaged(let reason): note(.malformed, slot, reason)
            }
            let node = try view.wholeLinks(slot)
            let level = view.index.parameters.level(of: id)
            if node.isFree { note(.mismatch, slot, "is marked as free but holds vector \(id)") }
            if node.topLevel != level { note(.mismatch, slot, "is on level \(node.topLevel), should be on \(level)") }
            nodes[slot] = node
        } catch VectorIndexError.corrupt(let table, _, let reason) {
            note(.malformed, slot, "\(table): \(reason)")
        }
    }

    private mutating func checkVector(_ vector: StoredVector, _ slot: Slot) {
        let values = vector.values
        let metric = view.index.parameters.metric
        let squares = values.reduce(0.0) { $0 + Double($1) * Double($1) }
        if metric == .cosine, abs(squares - 1) > 1e-3 { note(.malformed, slot, "a vector of length \(squares.squareRoot()) instead of 1") }
        let bias = metric.bias(of: values)
        if abs(bias - vector.bias) > 1e-4 * abs(bias) { note(.mismatch, slot, "a bias of \(vector.bias) instead of \(bias)") }
    }

    private mutating func checkFree(_ slot: Slot) throws {
        do {
            if try !view.links(slot).isFree { note(.mismatch, slot, "is free, but has links") }
            switch try parts.read(slot) {
            case .free: break
            case .vector(let id, _): note(.orphan, slot, "is free, but holds vector \(id)")
            case .damaged(let reason): note(.malformed, slot, reason)
            }
        } catch VectorIndexError.corrupt(let table, _, let reason) {
            note(.malformed, slot, "\(table): \(reason)")
        }
    }

    private mutating func checkEdges(_ slot: Slot, _ node: WholeLinks) {
        for level in 0...node.topLevel {
            for (list, isOut) in [(node.out(level), true), (node.inOnly(level), false)] {
                if Set(list.all).count != list.count { note(.badEdge, slot, "the same edge twice on level \(level)") }
                for other in list.all {
                    guard other != slot, let end = nodes[other], level <= end.topLevel else {
                        note(.badEdge, slot, "an edge with slot \(other) on level \(level)")
                        continue
                    }
                    let isKnown = isOut
                        ? end.out(level).contains(slot) || end.inOnly(level).contains(slot)
                        : end.out(level).contains(slot) && !node.out(level).contains(other)
                    if !isKnown { note(.oneSided, slot, "an edge with slot \(other) on level \(level)") }
                }
            }
        }
    }

    /// The spanning tree has one root, from which every node descends, and children and parents point at each other.
    private mutating func checkTree() {
        var children: [Slot: [Slot]] = [:]
        for (slot, node) in nodes where node.parent != slot { children[node.parent, default: []].append(slot) }
        for (parent, list) in children.sorted(by: { $0.key < $1.key }) {
            for slot in list where nodes[parent]?.out(0).contains(slot) != true || nodes[slot]?.out(0).contains(parent) != true {
                note(.badEdge, slot, "is not bound to its parent, slot \(parent)")
            }
        }
        let roots = nodes.keys.filter { nodes[$0]?.parent == $0 }
        if roots.count != 1, !nodes.isEmpty { note(.badEdge, roots.min(), "the spanning tree has \(roots.count) roots") }
        var queue = roots
        var met = roots.count
        while let slot = queue.popLast() {
            met += children[slot]?.count ?? 0
            queue += children[slot] ?? []
        }
        if met != nodes.count { note(.badEdge, nil, "\(nodes.count - met) nodes do not descend from the spanning tree's root") }
    }

    /// Every node must be met from the entry along the edges of level 0, where every search ends.
    private mutating func checkReach() {
        guard let entry = view.state.entry else {
            if view.state.count > 0 { note(.mismatch, nil, "no entry") }
            return
        }
        guard let start = nodes[entry] else { return note(.mismatch, entry, "the entry is no node") }
        if start.topLevel != view.state.topLevel { note(.mismatch, entry, "the entry is not on level \(view.state.topLevel)") }
        var met: Set<Slot> = [entry]
        var queue = [entry]
        while let slot = queue.popLast() {
            guard let node = nodes[slot] else { continue }
            for other in node.out(0).all where met.insert(other).inserted { queue.append(other) }
        }
        for slot in nodes.keys.sorted() where !met.contains(slot) { note(.unreachable, slot, "cannot be reached from the entry") }
    }
}
