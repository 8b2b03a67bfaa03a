internal import CKernels

/// Walks through a graph view: greedy descent and best-first search of a level (algorithms 2 and 5 of
/// arXiv 1603.09320), on codes. Keeps its buffers from one walk to the next.
struct GraphWalk: ~Copyable {
    private let view: GraphView
    private let dimension: Int
    /// Result of the last `search`.
    private(set) var pool = CandidatePool(width: 1)
    private var visited = VisitedSet()
    private var frontier = Frontier()
    private let memory: UnsafeMutableRawPointer
    private let slots: UnsafeMutablePointer<Slot>
    private let blocks: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private let codes: UnsafeMutablePointer<UnsafeRawPointer?>
    private let scores: UnsafeMutablePointer<Float>
    private let products: UnsafeMutablePointer<Float>
    private let scratch: UnsafeMutablePointer<Int32>
    private let codeBytes: Int
    private let linkBytes: Int

    init(_ view: GraphView) {
        self.view = view
        dimension = view.codeLayout.dimension
        let room = view.linkLayout.capacity(0)
        // One piece of memory for all: every search makes a walk.
        memory = .allocate(byteCount: room * (2 * MemoryLayout<UnsafeRawPointer?>.stride + 4 * 4), alignment: 64)
        blocks = memory.bindMemory(to: UnsafeMutableRawPointer?.self, capacity: room)
        codes = UnsafeMutableRawPointer(blocks + room).bindMemory(to: UnsafeRawPointer?.self, capacity: room)
        slots = UnsafeMutableRawPointer(codes + room).bindMemory(to: Slot.self, capacity: room)
        scores = UnsafeMutableRawPointer(slots + room).bindMemory(to: Float.self, capacity: 2 * room)
        products = scores + room
        scratch = UnsafeMutableRawPointer(products + room).bindMemory(to: Int32.self, capacity: room)
        codeBytes = CodeLayout.blobOffset + view.codeLayout.blobSize
        linkBytes = BlockHeader.size + LinkLayout.headerSize + 4 + 4 * room
    }

    deinit { memory.deallocate() }

    func score(_ query: QueryCode, _ slot: Slot) throws -> Float {
        let block = try view.code(slot)
        return query.score(product: query.product(block, dimension: dimension), block)
    }

    /// From `entry`, one best neighbour at a time, through the levels `from` down to above `to`.
    mutating func descend(_ query: QueryCode, entry: Slot, from top: Int, to bottom: Int) throws -> Candidate {
        var best = Candidate(score: try score(query, entry), slot: entry)
        var level = top
        while level > bottom {
            let count = try meet(query, try view.links(best.slot, on: level).out(level), onlyNew: false)
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
        visited.removeAll()
        _ = visited.insert(entry.slot)
        pool.insert(entry)
        while let best = pool.popUnexpanded() {
            let count = try meet(query, try view.links(best.slot, on: level).out(level), onlyNew: true)
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
            let count = try meet(query, try view.links(best.slot, on: 0).out(0), onlyNew: true)
            for index in 0..<count {
                let candidate = Candidate(score: scores[index], slot: slots[index])
                guard pool.accepts(candidate) else { continue }
                frontier.push(candidate)
                if allowed(CodeLayout.id(try view.code(candidate.slot))) { pool.insert(candidate) }
            }
        }
        return true
    }

    /// Looks at each of some ids, in rounds like `meet`, and returns the best of them, best first: `width` of them, or those
    /// that are within reach.
    ///
    /// - Parameter slotOf: reads where a vector is from the file; nil when it is not there.
    mutating func scan(
        _ query: QueryCode, _ ids: [Int64], width: Int, reach: Reach?, slotOf: (Int64) throws -> Slot?
    ) throws -> [Candidate] {
        var pool = ScanPool(width: width, reach: reach)
        let (hints, tables, room) = (view.hints, view.tables, view.linkLayout.capacity(0))
        try ids.withUnsafeBufferPointer { ids in
            for start in stride(from: 0, to: ids.count, by: room) {
                let part = UnsafeBufferPointer(rebasing: ids[start..<min(start + room, ids.count)])
                let count = try meet(part, hints, tables, slotOf)
                query.multiply(codes, rows: count, dimension: dimension, scratch: scratch, into: products)
                for index in 0..<count {
                    guard let block = blocks[index] else { continue }
                    pool.insert(Candidate(score: query.score(product: products[index], block), slot: slots[index]))
                }
            }
        }
        return pool.sorted()
    }

    private func meet(
        _ ids: UnsafeBufferPointer<Int64>, _ hints: SlotHints, _ tables: (shared: SlotTable, own: SlotTable?), _ slotOf: (Int64) throws -> Slot?
    ) throws -> Int {
        let generation = view.usableGeneration
        for index in 0..<ids.count {
            slots[index] = hints.slot(of: ids[index]) ?? .max
            if slots[index] != .max { tables.shared.prefetch(.code, slots[index]) }
        }
        for index in 0..<ids.count {
            blocks[index] = slots[index] == .max ? nil : tables.own?.load(.code, slots[index]) ?? tables.shared.load(.code, slots[index])
            if let block = blocks[index] { ck_prefetch(block, codeBytes) }
        }
        var count = 0
        for index in 0..<ids.count {
            if let block = blocks[index], BlockHeader.stamp(of: block) <= generation, CodeLayout.id(block) == ids[index] {
                blocks[count] = NodeCache.touch(block)
                slots[count] = slots[index]
                codes[count] = CodeLayout.values(block)
            } else {
                guard let (slot, block) = try find(ids[index], slotOf) else { continue }
                (blocks[count], slots[count], codes[count]) = (block, slot, CodeLayout.values(block))
                hints.note(ids[index], slot)
            }
            count += 1
        }
        return count
    }

    /// What a hint did not lead to.
    private func find(_ id: Int64, _ slotOf: (Int64) throws -> Slot?) throws -> (Slot, UnsafeMutableRawPointer)? {
        guard let slot = try slotOf(id) else { return nil }
        let block = try view.code(slot)
        guard CodeLayout.id(block) == id else {
            throw view.corrupt(view.index.schema.ids, slot, "id \(id) is not what the slot holds")
        }
        return (slot, block)
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

    /// Collects the neighbours, or those not met before, with their scores.
    ///
    /// In rounds over all of them, so that what one round asked for is there in the next: where the blocks are, the
    /// blocks, the products.
    private mutating func meet(_ query: QueryCode, _ edges: EdgeList, onlyNew: Bool) throws -> Int {
        let tables = view.tables
        let generation = view.usableGeneration
        var count = 0
        for slot in edges.all where !onlyNew || visited.insert(slot) {
            slots[count] = slot
            count += 1
            tables.shared.prefetch(.code, slot)
        }
        for index in 0..<count {
            var block = tables.own?.load(.code, slots[index])
            if block == nil {
                block = tables.shared.load(.code, slots[index])
                if let block { ck_prefetch(block, codeBytes) }
            }
            blocks[index] = block
        }
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
        query.multiply(codes, rows: count, dimension: dimension, scratch: scratch, into: products)
        for index in 0..<count {
            guard let block = blocks[index] else { continue }
            scores[index] = query.score(product: products[index], block)
        }
        return count
    }
}
