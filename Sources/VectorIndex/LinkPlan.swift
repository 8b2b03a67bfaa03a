internal import Dispatch
internal import Foundation

/// Where a new node is to be linked: found by reading alone, so that several can be planned at once.
struct LinkPlan {
    /// Neighbours on each level, from 0 up.
    var chosen: [[Slot]]
    /// Nodes like it on level 0, best first: hosts for its edge of the spanning tree.
    var hosts: [Candidate]
}

/// Plans where new nodes are linked (the searching part of algorithm 1 of arXiv 1603.09320).
///
/// Nodes of a batch are planned against the graph as it was before the batch, and each against those of the batch that
/// come before it, all of which it looks at. So the plan, and with it the graph, does not depend on how many threads
/// there are.
struct LinkPlanner: ~Copyable {
    private let view: GraphView
    private let selection: NeighborSelection
    private let scratch: QueryScratch
    private var walk: GraphWalk

    init(_ view: GraphView) {
        self.view = view
        selection = NeighborSelection(view: view)
        scratch = QueryScratch(view.codeLayout)
        walk = GraphWalk(view)
    }

    struct NewNode {
        let slot: Slot
        let level: Int
        let vector: StoredVector
    }

    /// - Parameter earlier: nodes that exist but were not linked when the graph was last changed.
    mutating func plan(_ node: NewNode, after earlier: ArraySlice<NewNode>) throws -> LinkPlan {
        let metric = view.index.parameters.metric
        guard view.codeLayout.kind == .binary else {
            return try plan(node, scratch.query(view.code(node.slot), metric: metric), after: earlier)
        }
        // Signs alone would find poorer neighbours: the vector is at hand.
        return try node.vector.high.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return LinkPlan(chosen: [], hosts: []) }
            let query = QueryCode(kind: .binary, values: start, factor: node.vector.scale * metric.productFactor)
            return try plan(node, query, after: earlier)
        }
    }

    private mutating func plan(_ node: NewNode, _ query: QueryCode, after earlier: ArraySlice<NewNode>) throws -> LinkPlan {
        let peers = try selection.rank(earlier.lazy.map(\.slot), for: node.slot)
        let levels = Dictionary(earlier.lazy.map { ($0.slot, $0.level) }, uniquingKeysWith: { $1 })
        var plan = LinkPlan(chosen: Array(repeating: [], count: node.level + 1), hosts: [])
        let top = view.state.entry == nil ? -1 : view.state.topLevel
        var best = try view.state.entry.map { try walk.descend(query, entry: $0, from: top, to: min(node.level, top)) }
        for level in stride(from: node.level, through: 0, by: -1) {
            var found: [Candidate] = []
            if let start = best, level <= top {
                try walk.search(query, from: start, width: view.index.parameters.constructionWidth, level: level)
                found = walk.pool.all.map(\.unexpanded)
                best = found.first
            }
            let here = peers.filter { (levels[$0.slot] ?? 0) >= level }
            if !here.isEmpty { found = (found + here).sorted() }
            try selection.select(
                from: found, for: node.slot, into: &plan.chosen[level], limit: view.index.parameters.neighbors)
            if level == 0 { plan.hosts = found }
        }
        return plan
    }

    /// Plans for all, on as many threads.
    static func plans(for nodes: [NewNode], in view: GraphView, threads: Int) throws -> [LinkPlan] {
        if threads < 2 || nodes.count < 2 {
            var planner = LinkPlanner(view)
            return try nodes.indices.map { try planner.plan(nodes[$0], after: nodes[..<$0]) }
        }
        let results = PlanResults(nodes.count)
        // Why unsafe is sound: planning only reads the view, which reads rows of the file under a lock.
        nonisolated(unsafe) let view = view
        DispatchQueue.concurrentPerform(iterations: min(threads, nodes.count)) { _ in
            var planner = LinkPlanner(view)
            while let number = results.next() {
                results.set(number, Result { try planner.plan(nodes[number], after: nodes[..<number]) })
            }
        }
        return try results.all()
    }
}

/// Plans that threads take up and hand in.
private final class PlanResults: @unchecked Sendable {
    // Why unchecked: everything is used under the lock.
    private let lock = NSLock()
    private var taken = 0
    private var results: [Result<LinkPlan, any Error>?]

    init(_ count: Int) { results = Array(repeating: nil, count: count) }

    /// The next one to work on; nil when all are taken or one has failed.
    func next() -> Int? {
        lock.withLock {
            guard taken < results.count else { return nil }
            taken += 1
            return taken - 1
        }
    }
    func set(_ number: Int, _ result: Result<LinkPlan, any Error>) {
        lock.withLock {
            results[number] = result
            if case .failure = result { taken = results.count }
        }
    }
    func all() throws -> [LinkPlan] {
        try lock.withLock {
            for case .failure(let error)? in results { throw error }
            return try results.compactMap { try $0?.get() }
        }
    }
}
