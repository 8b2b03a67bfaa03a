extension GrammarNetwork {
    /// Throws for rules that never end, are left-recursive, or need more depth than there is.
    func check(_ costs: GrammarCosts, limits: GrammarLimits) throws(GrammarError) {
        for (rule, state) in first.enumerated() where costs.bytes[Int(state)] == GrammarCosts.endless {
            throw .neverEnds(rule: names[rule])
        }
        if costs.depth[Int(first[Int(root)])] > Int32(limits.depth) {
            throw .tooDeep(rule: names[Int(root)], limit: limits.depth)
        }
        let calls = first.indices.map { firstCalls(of: $0, costs) }
        if let cycle = Self.cycle(in: calls) { throw .leftRecursion(rules: cycle.map { names[$0] }) }
    }

    /// Rules that a rule may call before it has read anything.
    private func firstCalls(of rule: Int, _ costs: GrammarCosts) -> [Int] {
        var seen: Set<Int32> = [first[rule]]
        var waiting = [first[rule]]
        var calls: Set<Int> = []
        while let state = waiting.popLast() {
            for edge in edges[Int(state)] {
                var readsNothing = false
                switch edge {
                case .nothing: readsNothing = true
                case .call(let called, _):
                    calls.insert(Int(called))
                    readsNothing = costs.bytes[Int(first[Int(called)])] == 0
                case .byte, .character: break
                }
                if readsNothing, seen.insert(edge.target).inserted { waiting.append(edge.target) }
            }
        }
        return calls.sorted()
    }

    /// A cycle in a graph, found by walking it depth first without recursion; nil when it has none.
    private static func cycle(in graph: [[Int]]) -> [Int]? {
        enum Mark { case new, open, done }
        var marks = [Mark](repeating: .new, count: graph.count)
        for start in graph.indices where marks[start] == .new {
            var path = [(node: start, next: 0)]
            marks[start] = .open
            while let (node, next) = path.last {
                guard next < graph[node].count else {
                    marks[node] = .done
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let neighbour = graph[node][next]
                if marks[neighbour] == .open {
                    return Array(path.map(\.node).drop { $0 != neighbour })
                }
                guard marks[neighbour] == .new else { continue }
                marks[neighbour] = .open
                path.append((neighbour, 0))
            }
        }
        return nil
    }
}
