internal import CKernels

/// Looks at the code of each of some ids.
///
/// In rounds of a few ids, three of which are under way at a time: where the vectors of one are is looked up, of the one before it
/// the codes are asked for, and of the one before that they are compared with the query. So no round waits for what it
/// asked for itself.
struct CodeScan: ~Copyable {
    private let view: GraphView
    private let hints: SlotHints
    private let tables: (shared: SlotTable, own: SlotTable?)
    /// Reads where a vector is from the file; nil when it is not there.
    private let slotOf: (Int64) throws -> Slot?
    private var pool: ScanPool
    private let memory: UnsafeMutableRawPointer
    /// Slots of three rounds, by hints, or `noSlot`.
    private let slots: UnsafeMutablePointer<Slot>
    /// Blocks of two rounds, where memory has them.
    private let blocks: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private let codes: UnsafeMutablePointer<UnsafeRawPointer?>
    private let products: UnsafeMutablePointer<Float>
    private let scratch: UnsafeMutablePointer<Int32>

    private static let round = 32
    private static let noSlot = Slot.max

    init(_ view: GraphView, width: Int, reach: Reach?, slotOf: @escaping (Int64) throws -> Slot?) {
        self.view = view
        self.slotOf = slotOf
        (hints, tables) = (view.hints, view.tables)
        pool = ScanPool(width: width, reach: reach)
        let round = Self.round
        memory = .allocate(byteCount: round * (3 * MemoryLayout<UnsafeRawPointer?>.stride + 5 * 4), alignment: 64)
        blocks = memory.bindMemory(to: UnsafeMutableRawPointer?.self, capacity: 2 * round)
        codes = UnsafeMutableRawPointer(blocks + 2 * round).bindMemory(to: UnsafeRawPointer?.self, capacity: round)
        slots = UnsafeMutableRawPointer(codes + round).bindMemory(to: Slot.self, capacity: 3 * round)
        products = UnsafeMutableRawPointer(slots + 3 * round).bindMemory(to: Float.self, capacity: round)
        scratch = UnsafeMutableRawPointer(products + round).bindMemory(to: Int32.self, capacity: round)
    }

    deinit { memory.deallocate() }

    /// The best of them, best first: `width` of them, or those that are within reach.
    mutating func best(_ query: QueryCode, _ ids: [Int64]) throws -> [Candidate] {
        let rounds = (ids.count + Self.round - 1) / Self.round
        try ids.withUnsafeBufferPointer { ids in
            func part(_ number: Int) -> UnsafeBufferPointer<Int64> {
                UnsafeBufferPointer(rebasing: ids[(number * Self.round)..<min((number + 1) * Self.round, ids.count)])
            }
            for number in 0..<(rounds + 2) {
                if number < rounds { lookUp(part(number), slots + number % 3 * Self.round) }
                if number >= 1, number <= rounds {
                    ask((number - 1) % 3, part(number - 1).count, blocks + (number - 1) % 2 * Self.round)
                }
                if number >= 2 { try compare(query, part(number - 2), (number - 2) % 3, (number - 2) % 2) }
            }
        }
        return pool.sorted()
    }

    @inline(__always)
    private func lookUp(_ ids: UnsafeBufferPointer<Int64>, _ slots: UnsafeMutablePointer<Slot>) {
        for index in 0..<ids.count {
            slots[index] = hints.slot(of: ids[index]) ?? Self.noSlot
            if slots[index] != Self.noSlot { _ = tables.shared.prefetchEntry(slots[index]) }
        }
    }

    @inline(__always)
    private func ask(_ part: Int, _ count: Int, _ blocks: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
        let slots = slots + part * Self.round
        let bytes = CodeLayout.blobOffset + view.codeLayout.blobSize
        for index in 0..<count {
            blocks[index] = slots[index] == Self.noSlot ? nil : tables.own?.load(.code, slots[index]) ?? tables.shared.load(.code, slots[index])
            if let block = blocks[index] { ck_prefetch(block, bytes) }
        }
    }

    private mutating func compare(_ query: QueryCode, _ ids: UnsafeBufferPointer<Int64>, _ part: Int, _ half: Int) throws {
        let (slots, blocks) = (slots + part * Self.round, blocks + half * Self.round)
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
        query.multiply(codes, rows: count, dimension: view.codeLayout.dimension, scratch: scratch, into: products)
        for index in 0..<count {
            guard let block = blocks[index] else { continue }
            pool.insert(Candidate(score: query.score(product: products[index], block), slot: slots[index]))
        }
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
