/// Walks through a graph view: greedy descent and best-first search of a level (algorithms 2 and 5 of
/// arXiv 1603.09320), on codes. Keeps its buffers from one walk to the next.
struct GraphWalk: ~Copyable {
    private let view: GraphView
    private let dimension: Int
    /// Result of the last `search`.
    private(set) var pool = CandidatePool(width: 1)
    private var visited = VisitedSet()
    private var frontier = Frontier()
    private let slots: UnsafeMutablePointer<Slot>
    private let codes: UnsafeMutablePointer<UnsafePointer<Int8>?>
    private let scores: UnsafeMutablePointer<Float>
    private let products: UnsafeMutablePointer<Int32>

    init(_ view: GraphView) {
        self.view = view
        dimension = view.codeLayout.dimension
        let room = view.linkLayout.capacity(0)
        slots = .allocate(capacity: room)
        codes = .allocate(capacity: room)
        scores = .allocate(capacity: room)
        products = .allocate(capacity: room)
    }

    deinit {
        slots.deallocate()
        codes.deallocate()
        scores.deallocate()
        products.deallocate()
    }

    /// Similarity of a query code and a node, up to a factor of the query.
    func score(_ query: UnsafePointer<Int8>, _ slot: Slot) throws -> Float {
        let block = try view.code(slot)
        return Float(Distances.dot(query, CodeLayout.values(block), count: dimension)) * CodeLayout.scale(block)
    }

    /// From `entry`, one best neighbour at a time, through the levels `from` down to above `to`.
    mutating func descend(_ query: UnsafePointer<Int8>, entry: Slot, from top: Int, to bottom: Int) throws -> Candidate {
        var best = Candidate(score: try score(query, entry), slot: entry)
        var level = top
        while level > bottom {
            let count = try gather(try view.links(best.slot, on: level).out(level), onlyNew: false)
            score(query, count)
            var next = best
            for index in 0..<count { next = min(next, Candidate(score: scores[index], slot: slots[index])) }
            // Every step is to a strictly better node, so this ends, whatever the file says.
            if next < best { best = next } else { level -= 1 }
        }
        return best
    }

    /// The `width` nodes of a level most like the query that a best-first walk finds, in `pool`.
    mutating func search(_ query: UnsafePointer<Int8>, from entry: Candidate, width: Int, level: Int) throws {
        pool.reset(width: width)
        visited.removeAll()
        _ = visited.insert(entry.slot)
        pool.insert(entry)
        while let best = pool.popUnexpanded() {
            let count = try gather(try view.links(best.slot, on: level).out(level), onlyNew: true)
            score(query, count)
            for index in 0..<count { pool.insert(Candidate(score: scores[index], slot: slots[index])) }
        }
    }

    /// As `search` on level 0, but only nodes that `allowed` says yes to come into `pool`; the walk leads through all.
    ///
    /// - Returns: false when it gave up, having met `limit` nodes.
    mutating func search(
        _ query: UnsafePointer<Int8>, from entry: Candidate, width: Int, limit: Int, allowed: (Int64) -> Bool
    ) throws -> Bool {
        pool.reset(width: width)
        visited.removeAll()
        frontier.removeAll()
        _ = visited.insert(entry.slot)
        frontier.push(entry)
        if allowed(CodeLayout.id(try view.code(entry.slot))) { pool.insert(entry) }
        while let best = frontier.pop(), pool.accepts(best) {
            guard visited.count <= limit else { return false }
            let count = try gather(try view.links(best.slot, on: 0).out(0), onlyNew: true)
            score(query, count)
            for index in 0..<count {
                let candidate = Candidate(score: scores[index], slot: slots[index])
                guard pool.accepts(candidate) else { continue }
                frontier.push(candidate)
                if allowed(CodeLayout.id(try view.code(candidate.slot))) { pool.insert(candidate) }
            }
        }
        return true
    }

    /// Collects neighbours and their codes.
    private mutating func gather(_ edges: EdgeList, onlyNew: Bool) throws -> Int {
        var count = 0
        for slot in edges.all {
            if onlyNew, !visited.insert(slot) { continue }
            slots[count] = slot
            count += 1
        }
        for index in 0..<count {
            let block = try view.code(slots[index])
            scores[index] = CodeLayout.scale(block)
            codes[index] = CodeLayout.values(block)
        }
        return count
    }

    /// Turns the collected scales into scores.
    private func score(_ query: UnsafePointer<Int8>, _ count: Int) {
        Distances.dots(query, codes, rows: count, count: dimension, into: products)
        for index in 0..<count { scores[index] *= Float(products[index]) }
    }
}
