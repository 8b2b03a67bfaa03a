internal import CKernels

/// Walks through a graph view: greedy descent and best-first search of a level (algorithms 2 and 5 of
/// arXiv 1603.09320), on codes. Keeps its buffers from one walk to the next.
struct GraphWalk: ~Copyable {
    private let view: GraphView
    private let dimension: Int
    /// Result of the last `search`.
    private(set) var pool = CandidatePool(width: 1)
    private var recent = RecentSlots()
    /// Of filtered walks, which end after so many.
    private var visited = VisitedSet()
    private var frontier = Frontier()
    private let memory: UnsafeMutableRawPointer
    private let slots: UnsafeMutablePointer<Slot>
    private let promising: UnsafeMutablePointer<Slot>
    private let blocks: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private let codes: UnsafeMutablePointer<UnsafeRawPointer?>
    private let scores: UnsafeMutablePointer<Float>
    private let products: UnsafeMutablePointer<Float>
    private let scratch: UnsafeMutablePointer<Int32>
    /// Sketches of `slots`.
    private let rows: UnsafeMutablePointer<UnsafePointer<UInt64>?>
    private let codeBytes: Int
    private let linkBytes: Int
    private let sketches: SketchLayout?
    /// The query of the walks from here on: made for the first of them, since scans need none; nil where there are no sketches.
    private var sketch: SketchQuery?

    init(_ view: GraphView) {
        self.view = view
        dimension = view.codeLayout.dimension
        let room = view.linkLayout.capacity(0)
        // One piece of memory for all: every search makes a walk.
        memory = .allocate(byteCount: room * (3 * MemoryLayout<UnsafeRawPointer?>.stride + 5 * 4), alignment: 64)
        blocks = memory.bindMemory(to: UnsafeMutableRawPointer?.self, capacity: room)
        codes = UnsafeMutableRawPointer(blocks + room).bindMemory(to: UnsafeRawPointer?.self, capacity: room)
        rows = UnsafeMutableRawPointer(codes + room).bindMemory(to: UnsafePointer<UInt64>?.self, capacity: room)
        slots = UnsafeMutableRawPointer(rows + room).bindMemory(to: Slot.self, capacity: room)
        promising = UnsafeMutableRawPointer(slots + room).bindMemory(to: Slot.self, capacity: room)
        scores = UnsafeMutableRawPointer(promising + room).bindMemory(to: Float.self, capacity: 2 * room)
        products = scores + room
        scratch = UnsafeMutableRawPointer(products + room).bindMemory(to: Int32.self, capacity: room)
        sketches = SketchLayout(view.codeLayout)
        codeBytes = CodeLayout.blobOffset + view.codeLayout.blobSize
        linkBytes = BlockHeader.size + LinkLayout.headerSize + 4 + 4 * room
    }

    deinit { memory.deallocate() }

    func score(_ query: QueryCode, _ slot: Slot) throws -> Float {
        let block = try view.code(slot)
        return query.score(product: query.product(block, dimension: dimension), block)
    }

    /// From `entry`, one best neighbour at a time, through the levels `from` down to above `to`. Every walk begins with it.
    mutating func descend(_ query: QueryCode, entry: Slot, from top: Int, to bottom: Int) throws -> Candidate {
        if sketch == nil { sketch = sketches.map { SketchQuery($0) } }
        sketch?.set(query)
        var best = Candidate(score: try score(query, entry), slot: entry)
        var level = top
        while level > bottom {
            let edges = try view.links(best.slot, on: level).out(level).all
            slots.update(from: edges.baseAddress ?? UnsafePointer(slots), count: edges.count)
            let count = try meet(query, edges.count, above: best.score)
            var next = best
            for index in 0..<count { next = min(next, Candidate(score: scores[index], slot: slots[index])) }
            // Every step is to a strictly better node, so this ends, whatever the file says.
            if next < best { best = next } else { level -= 1 }
        }
        return best
    }

    /// The `width` nodes of a level most like the query that a best-first walk finds, in `pool`.
    mutating func search(_ query: QueryCode, from entry: Candidate, width: Int, level: Int, reach: Reach? = nil) throws {
        pool.reset(width: width, reach: reach)
        recent.removeAll()
        recent.insert(entry.slot)
        pool.insert(entry)
        while let best = pool.popUnexpanded() {
            let edges = try view.links(best.slot, on: level).out(level).all
            let count = try meet(query, recent.insert(edges, new: slots), above: pool.leastScore)
            for index in 0..<count { pool.insert(Candidate(score: scores[index], slot: slots[index])) }
            prefetchLinks()
        }
    }

    /// As `search` on level 0, but only nodes that `allowed` says yes to come into `pool`; the walk leads through all.
    ///
    /// - Returns: false when it gave up, having met `limit` nodes.
    mutating func search(
        _ query: QueryCode, from entry: Candidate, width: Int, reach: Reach?, limit: Int, allowed: (Int64) -> Bool
    ) throws -> Bool {
        pool.reset(width: width, reach: reach)
        visited.removeAll()
        frontier.removeAll()
        _ = visited.insert(entry.slot)
        frontier.push(entry)
        if allowed(CodeLayout.id(try view.code(entry.slot))) { pool.insert(entry) }
        while let best = frontier.pop(), pool.accepts(best) {
            guard visited.count <= limit else { return false }
            var new = 0
            for slot in try view.links(best.slot, on: 0).out(0).all where visited.insert(slot) {
                slots[new] = slot
                new += 1
            }
            let count = try meet(query, new, above: pool.leastScore)
            for index in 0..<count {
                let candidate = Candidate(score: scores[index], slot: slots[index])
                guard pool.accepts(candidate) else { continue }
                frontier.push(candidate)
                if allowed(CodeLayout.id(try view.code(candidate.slot))) { pool.insert(candidate) }
            }
        }
        return true
    }

    /// Asks for the edges of the nodes that are likely to be next: of one alone they would come too late.
    @inline(__always)
    private func prefetchLinks() {
        let shared = view.tables.shared
        pool.forNextUnexpanded(3) { next in
            guard let block = shared.load(.links, next.slot) else { return }
            ck_prefetch(block, linkBytes)
        }
    }

    /// Scores the first `count` of `slots`, but for those whose sketches say that they are not above `bound`; puts the rest first and
    /// returns how many they are.
    ///
    /// In rounds over all of them, so that what one round asked for is there in the next: entries of the directory, codes, products.
    private func meet(_ query: QueryCode, _ met: Int, above bound: Float) throws -> Int {
        let tables = view.tables
        var count = met
        for index in 0..<count { rows[index] = tables.shared.prefetchEntry(slots[index]) }
        if bound > -.infinity, let sketch { count = selectPromising(sketch, count, above: bound, tables.own) }
        for index in 0..<count {
            var block = tables.own?.load(.code, slots[index])
            if block == nil {
                block = tables.shared.load(.code, slots[index])
                if let block { ck_prefetch(block, codeBytes) }
            }
            blocks[index] = block
        }
        try readCodes(count)
        query.multiply(codes, rows: count, dimension: dimension, scratch: scratch, into: products)
        for index in 0..<count {
            guard let block = blocks[index] else { continue }
            scores[index] = query.score(product: products[index], block)
        }
        return count
    }

    /// Puts those of `slots` first whose scores may be above `bound`, by the entries in `rows`, and returns how many they are.
    private func selectPromising(_ sketch: SketchQuery, _ count: Int, above bound: Float, _ own: SlotTable?) -> Int {
        guard view.sketchesHold else { return count }
        if let own {
            for index in 0..<count { rows[index] = own.sketch(slots[index]) ?? rows[index] }
        }
        let kept = sketch.select(rows, slots, count: count, above: bound, into: promising)
        // What a commit has changed meanwhile may be in the file as it was.
        guard view.sketchesHold else { return count }
        slots.update(from: promising, count: kept)
        return kept
    }

    /// The codes of `slots`, from `blocks` or the file.
    private func readCodes(_ count: Int) throws {
        let generation = view.usableGeneration
        for index in 0..<count {
            let block: UnsafeMutableRawPointer
            // The writer's own blocks have no stamp.
            if let found = blocks[index], BlockHeader.stamp(of: found) <= generation {
                block = NodeCache.touch(found)
            } else {
                block = try view.code(slots[index])
                blocks[index] = block
            }
            codes[index] = CodeLayout.values(block)
        }
    }
}
