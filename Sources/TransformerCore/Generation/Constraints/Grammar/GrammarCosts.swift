/// What it takes to get from each state to the end of its rule at least: bytes, and rules within rules.
///
/// Both grow along every way, so the least costs are found like shortest paths, each state settled once (Knuth 1977,
/// "A generalization of Dijkstra's algorithm", doi:10.1016/0020-0190(77)90002-3).
struct GrammarCosts: Sendable {
    /// No way leads to the end.
    static let endless = Int32.max

    private(set) var bytes: [Int32]
    private(set) var depth: [Int32]
    /// The highest depth that any state needs.
    let deepest: Int32

    init(_ network: GrammarNetwork) {
        let reversed = ReversedNetwork(network)
        bytes = reversed.leastCosts(network) { edge, target, called in
            switch edge {
            case .nothing: target
            case .byte: Self.sum(target, 1)
            case .character(let node, _): Self.sum(target, network.classes.bytesLeft[Int(node)])
            case .call: Self.sum(target, called)
            }
        }
        depth = reversed.leastCosts(network) { edge, target, called in
            if case .call = edge { max(target, Self.sum(called, 1)) } else { target }
        }
        deepest = depth.filter { $0 != Self.endless }.max() ?? 0
    }

    /// Stays below `endless`: very long is not endless.
    static func sum(_ a: Int32, _ b: Int32) -> Int32 {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? endless - 1 : min(sum, endless - 1)
    }
}

/// Edges by where they lead to.
private struct ReversedNetwork {
    private typealias Place = (state: Int32, edge: GrammarNetwork.Edge)

    private var incoming: [[Place]]
    private var calls: [[Place]]
    /// For each state, the rule that begins with it, or -1.
    private var ruleBeginning: [Int32]

    init(_ network: GrammarNetwork) {
        incoming = [[Place]](repeating: [], count: network.edges.count)
        calls = [[Place]](repeating: [], count: network.first.count)
        ruleBeginning = [Int32](repeating: -1, count: network.edges.count)
        for (rule, state) in network.first.enumerated() { ruleBeginning[Int(state)] = Int32(rule) }
        for (state, edges) in network.edges.enumerated() {
            for edge in edges {
                incoming[Int(edge.target)].append((Int32(state), edge))
                if case .call(let rule, _) = edge { calls[Int(rule)].append((Int32(state), edge)) }
            }
        }
    }

    /// - Parameter cost: of a state, by an edge, the cost of the edge's target, and that of the rule it calls.
    func leastCosts(
        _ network: GrammarNetwork, _ cost: (GrammarNetwork.Edge, _ target: Int32, _ called: Int32) -> Int32
    ) -> [Int32] {
        var least = [Int32](repeating: GrammarCosts.endless, count: network.edges.count)
        var settled = [Bool](repeating: false, count: network.edges.count)
        var queue = CostQueue()
        for last in network.last {
            least[Int(last)] = 0
            queue.push(cost: 0, state: last)
        }
        while let state = queue.pop() {
            guard !settled[Int(state)] else { continue }
            settled[Int(state)] = true
            let rule = ruleBeginning[Int(state)]
            for place in incoming[Int(state)] + (rule < 0 ? [] : calls[Int(rule)]) {
                var called: Int32 = 0
                if case .call(let rule, _) = place.edge {
                    let first = Int(network.first[Int(rule)])
                    guard settled[first] else { continue }
                    called = least[first]
                }
                guard settled[Int(place.edge.target)], !settled[Int(place.state)] else { continue }
                let found = cost(place.edge, least[Int(place.edge.target)], called)
                guard found < least[Int(place.state)] else { continue }
                least[Int(place.state)] = found
                queue.push(cost: found, state: place.state)
            }
        }
        return least
    }
}

/// A binary heap of states, cheapest first.
private struct CostQueue {
    private var heap: [(cost: Int32, state: Int32)] = []

    mutating func push(cost: Int32, state: Int32) {
        heap.append((cost, state))
        var child = heap.count - 1
        while child > 0, heap[(child - 1) / 2].cost > heap[child].cost {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> Int32? {
        guard let top = heap.first else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return top.state }
        heap[0] = last
        var parent = 0
        while 2 * parent + 1 < heap.count {
            var child = 2 * parent + 1
            if child + 1 < heap.count, heap[child + 1].cost < heap[child].cost { child += 1 }
            guard heap[child].cost < heap[parent].cost else { break }
            heap.swapAt(child, parent)
            parent = child
        }
        return top.state
    }
}
