internal import CKernels

/// Looks at the code of each of some ids, in rounds like `GraphWalk.meet`: entries of the directory, codes, products.
struct CodeScan: ~Copyable {
    private let view: GraphView
    private let hints: SlotHints
    private let tables: (shared: SlotTable, own: SlotTable?)
    /// Reads where a vector is from the file; nil when it is not there.
    private let slotOf: (Int64) throws -> Slot?
    private var pool: ScanPool
    private let memory: UnsafeMutableRawPointer
    private let slots: UnsafeMutablePointer<Slot>
    private let blocks: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private let codes: UnsafeMutablePointer<UnsafeRawPointer?>
    private let products: UnsafeMutablePointer<Float>
    private let scratch: UnsafeMutablePointer<Int32>

    /// Ids of a round.
    private static let round = 32
    /// Where no hint says where a vector is.
    private static let noSlot = Slot.max

    init(_ view: GraphView, width: Int, reach: Reach?, slotOf: @escaping (Int64) throws -> Slot?) {
        self.view = view
        self.slotOf = slotOf
        (hints, tables) = (view.hints, view.tables)
        pool = ScanPool(width: width, reach: reach)
        let round = Self.round
        memory = .allocate(byteCount: round * (2 * MemoryLayout<UnsafeRawPointer?>.stride + 3 * 4), alignment: 64)
        blocks = memory.bindMemory(to: UnsafeMutableRawPointer?.self, capacity: round)
        codes = UnsafeMutableRawPointer(blocks + round).bindMemory(to: UnsafeRawPointer?.self, capacity: round)
        slots = UnsafeMutableRawPointer(codes + round).bindMemory(to: Slot.self, capacity: round)
        products = UnsafeMutableRawPointer(slots + round).bindMemory(to: Float.self, capacity: round)
        scratch = UnsafeMutableRawPointer(products + round).bindMemory(to: Int32.self, capacity: round)
    }

    deinit { memory.deallocate() }

    /// The best of them, best first: `width` of them, or those that are within reach.
    mutating func best(_ query: QueryCode, _ ids: [Int64]) throws -> [Candidate] {
        try ids.withUnsafeBufferPointer { ids in
            for start in stride(from: 0, to: ids.count, by: Self.round) {
                let part = UnsafeBufferPointer(rebasing: ids[start..<min(start + Self.round, ids.count)])
                prefetchCodes(part)
                let count = try readCodes(part)
                query.multiply(codes, rows: count, dimension: view.codeLayout.dimension, scratch: scratch, into: products)
                for index in 0..<count {
                    guard let block = blocks[index] else { continue }
                    pool.insert(Candidate(score: query.score(product: products[index], block), slot: slots[index]))
                }
            }
        }
        return pool.sorted()
    }

    /// Looks up where hints say that vectors are, and asks for what lies there.
    @inline(__always)
    private func prefetchCodes(_ ids: UnsafeBufferPointer<Int64>) {
        for index in 0..<ids.count {
            slots[index] = hints.slot(of: ids[index]) ?? Self.noSlot
            if slots[index] != Self.noSlot { _ = tables.shared.prefetchEntry(slots[index]) }
        }
        let bytes = CodeLayout.blobOffset + view.codeLayout.blobSize
        for index in 0..<ids.count {
            blocks[index] = slots[index] == Self.noSlot ? nil : tables.own?.load(.code, slots[index]) ?? tables.shared.load(.code, slots[index])
            if let block = blocks[index] { ck_prefetch(block, bytes) }
        }
    }

    /// The codes of those ids that are there, of which it returns the number.
    @inline(__always)
    private func readCodes(_ ids: UnsafeBufferPointer<Int64>) throws -> Int {
        let generation = view.usableGeneration
        var count = 0
        for index in 0..<ids.count {
            if let block = blocks[index], BlockHeader.stamp(of: block) <= generation, CodeLayout.id(block) == ids[index] {
                blocks[count] = NodeCache.touch(block)
                slots[count] = slots[index]
            } else {
                guard let (slot, block) = try find(ids[index]) else { continue }
                (blocks[count], slots[count]) = (block, slot)
                hints.note(ids[index], slot)
            }
            codes[count] = blocks[count].map { CodeLayout.values($0) }
            count += 1
        }
        return count
    }

    /// What a hint did not lead to.
    private func find(_ id: Int64) throws -> (Slot, UnsafeMutableRawPointer)? {
        guard let slot = try slotOf(id) else { return nil }
        let block = try view.code(slot)
        guard CodeLayout.id(block) == id else {
            throw view.corrupt(view.index.schema.ids, slot, "id \(id) is not what the slot holds")
        }
        return (slot, block)
    }
}
