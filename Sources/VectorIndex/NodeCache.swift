internal import CKernels
internal import Foundation

/// A point in the history of an index: `generation` grows by one with every committed transaction that changed
/// the index, `token` is random and tells two histories apart.
struct IndexVersion: Hashable {
    var generation: UInt64
    var token: Int64
}

/// Blocks of nodes in memory, shared by all readers of an index and by its writer, filled on demand, under a budget.
///
/// **Consistency.** The cache stands at one version of the index, `current`. Each block carries a stamp: the
/// generation from which on its content is what the file says, until `current`. A reader whose transaction sees
/// generation g may use a block whose stamp is ≤ g; any other block it reads from its own snapshot and keeps to
/// itself. Only a reader that sees exactly `current` adds blocks. So no reader ever meets an edge of another state
/// than that of its own transaction.
///
/// **Writing.** A writer keeps what it changes apart (`WriteSession`). Just before its transaction commits, the
/// blocks it changed leave the cache and `current` becomes the new version: whoever reads afterwards reads the
/// new rows. If the commit fails, `current` goes back; no block with the new stamp can exist then.
///
/// **Other processes.** A reader that meets a newer generation than `current` knows that somebody else has written,
/// and empties the cache, since it cannot know which rows changed.
///
/// **Lifetime of blocks.** A walk pins the cache, and reads blocks without a lock. Blocks that are replaced or
/// evicted are freed when every walk that was under way at that time has ended.
final class NodeCache: @unchecked Sendable {
    // Why unchecked: everything mutable is guarded by `lock`, except the directory's pointers and the `touched`
    // marks, which are loaded and stored atomically.
    private let lock = NSLock()
    private let directory: SlotDirectory
    private let arena = BlockArena()
    private let linkLayout: LinkLayout
    private let codeLayout: CodeLayout
    private let fineLayout: FineLayout
    private var current: IndexVersion? {
        didSet { ck_store_version(generation, current?.generation ?? 0) }
    }
    /// The generation of `current`, for walks that must know whether it has changed.
    private let generation = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    private var epoch: UInt64 = 0
    /// The epochs at which walks under way began.
    private var pins: [UInt64] = []
    private var retired: [(block: UnsafeMutableRawPointer, size: Int, epoch: UInt64)] = []
    /// Bytes of all blocks, and of those that wait in `retired`.
    private var heldBytes = 0
    private var retiredBytes = 0
    /// Bytes of exact parts, which may take no more than a share of what nodes take.
    private var fineBytes = 0
    /// Where the clocks of the kinds stand.
    private var hands = [(chunk: Int, slot: Slot)](repeating: (0, 0), count: BlockKind.count)
    private var budget: Int
    private var slotHints: SlotHints?

    init(parameters: IndexParameters, budget: Int) {
        linkLayout = LinkLayout(neighbors: parameters.neighbors)
        codeLayout = CodeLayout(parameters)
        fineLayout = FineLayout(parameters)
        directory = SlotDirectory(sketches: SketchLayout(codeLayout))
        self.budget = budget
        directory.mostBytesWithSketches = mostDirectoryBytes
        generation.initialize(to: 0)
    }

    deinit { generation.deallocate() }

    /// Bytes of blocks held, those not yet freed included.
    var byteCount: Int { lock.withLock { heldBytes } }
    /// Bytes taken from the system, the directory's included: beyond the budget by some megabytes at most, a piece for each
    /// size of block, since what walks under way need cannot be freed.
    var reservedBytes: Int { lock.withLock { arena.reservedBytes + directory.byteCount } }

    /// Where walks look blocks up.
    var table: SlotTable { directory.table }

    func setBudget(_ bytes: Int) {
        lock.withLock {
            budget = bytes
            directory.mostBytesWithSketches = mostDirectoryBytes
            // Memory goes back to the system only when all of it is free: with less room, the cache begins anew.
            let isTooLarge = heldBytes - retiredBytes > room || arena.reservedBytes > max(room, Self.leastReserve)
            if isTooLarge, let current { reset(to: current) }
            freeRetired()
        }
    }

    /// Hints for an index of `count` vectors: made when they are first asked for, and anew when it has outgrown them.
    func hints(count: Int) -> SlotHints {
        lock.withLock {
            // The count is what the database says: a damaged one must not ask for more than the cache may have.
            let most = min(count, max(1_024, budget / 64))
            if let slotHints, slotHints.capacity >= most { return slotHints }
            let made = SlotHints(count: most)
            slotHints = made
            return made
        }
    }

    // MARK: Walks

    /// Whether the cache stands at a generation. Sketches have no stamps: a walk asks before it looks at them and again afterwards.
    @inline(__always)
    func isAt(_ expected: UInt64) -> Bool { ck_load_version(generation) == expected }

    struct Pin {
        fileprivate var epoch: UInt64
        /// Blocks with a stamp up to this may be used; 0: none.
        var generation: UInt64
    }

    /// Begins a walk over the index as of `version`.
    func pin(_ version: IndexVersion) -> Pin {
        lock.withLock {
            if current.map({ version.generation > $0.generation }) ?? true { reset(to: version) }
            // The same generation with another token is another history, of which nothing here is known.
            let isForeign = current?.generation == version.generation && current != version
            pins.append(epoch)
            return Pin(epoch: epoch, generation: isForeign ? 0 : version.generation)
        }
    }

    func unpin(_ pin: Pin) {
        lock.withLock {
            if let index = pins.firstIndex(of: pin.epoch) { pins.remove(at: index) }
            freeRetired()
        }
    }

    /// The block, if it is here and right for a reader of `generation`. Valid until the walk ends.
    @inline(__always)
    static func block(_ table: SlotTable, _ kind: BlockKind, _ slot: Slot, generation: UInt64) -> UnsafeMutableRawPointer? {
        guard let block = table.load(kind, slot), BlockHeader.stamp(of: block) <= generation else { return nil }
        return touch(block)
    }

    /// Notes that a block is in use.
    @inline(__always)
    static func touch(_ block: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        let mark = (block + BlockHeader.touched).assumingMemoryBound(to: UInt8.self)
        if ck_load_mark(mark) == 0 { ck_store_mark(mark, 1) }
        return block
    }

    /// Keeps a copy of a block, or of a blob, read at `version`; returns the block to use, or nil if the reader must keep
    /// its own.
    func publish(
        _ kind: BlockKind, _ slot: Slot, copying blob: UnsafeRawBufferPointer, version: IndexVersion
    ) -> UnsafeMutableRawPointer? {
        lock.withLock {
            let blob = kind == .links ? linkLayout.cachedPart(blob) : blob
            guard current == version, let start = blob.baseAddress else { return nil }
            if let other = directory.load(kind, slot) { return other }
            let size = blockSize(kind, blobSize: blob.count)
            guard makeRoom(for: kind, size), let block = arena.allocate(size) else { return nil }
            guard SketchLayout.holds(block) else {
                arena.free(block, size: size)
                return nil
            }
            block.initializeMemory(as: UInt8.self, repeating: 0, count: kind.blobOffset)
            (block + kind.blobOffset).copyMemory(from: start, byteCount: blob.count)
            block.storeBytes(of: version.generation, toByteOffset: BlockHeader.stamp, as: UInt64.self)
            heldBytes += size
            if kind == .fine { fineBytes += size }
            directory.store(kind, slot, block)
            if kind == .code { directory.storeSketch(slot, of: block) }
            return block
        }
    }

    // MARK: Commits

    /// Steps from `base` to `next`, about to be committed: what changed leaves the cache.
    func prepare(_ next: IndexVersion, from base: IndexVersion, changed: (_ evict: (BlockKind, Slot) -> Void) -> Void) {
        lock.withLock {
            guard current == base else { return reset(to: next) }
            changed { kind, slot in
                retire(kind, slot)
                // What is made of a vector changes with it.
                guard kind == .code else { return }
                retire(.fine, slot)
                directory.clearSketch(slot)
            }
            current = next
            freeRetired()
        }
    }

    /// What was announced as `next` turned out to be `actual`: the commit failed, or part of the transaction had been
    /// rolled back.
    func correct(_ next: IndexVersion, to actual: IndexVersion) {
        lock.withLock { if current == next { current = actual } }
    }

    // MARK: Under the lock

    private func reset(to version: IndexVersion) {
        directory.forEachBlock { kind, slot, _ in retire(kind, slot) }
        directory.clearSketches()
        current = version
        freeRetired()
    }

    private func retire(_ kind: BlockKind, _ slot: Slot) {
        guard let block = directory.load(kind, slot) else { return }
        directory.store(kind, slot, nil)
        // A walk that begins later cannot have met the block: it pins a higher epoch.
        let size = size(kind, block)
        retired.append((block, size, epoch))
        retiredBytes += size
        if kind == .fine { fineBytes -= size }
        epoch += 1
    }

    private func freeRetired() {
        guard !retired.isEmpty else { return }
        let oldest = pins.min() ?? .max
        retired.removeAll { item in
            guard item.epoch < oldest else { return false }
            heldBytes -= item.size
            retiredBytes -= item.size
            arena.free(item.block, size: item.size)
            return true
        }
    }

    /// Evicts blocks of a kind where one more would need memory from the system that the budget does not allow, or where
    /// exact parts would take more than their share: walks need nodes, and exact parts are needed of results alone.
    ///
    /// - Returns: false when it could not, since the walks under way need what there is.
    private func makeRoom(for kind: BlockKind, _ size: Int) -> Bool {
        let growth = arena.growth(for: size)
        let share = min(max(Self.leastFineBytes, (heldBytes - fineBytes) / 4), room / 4)
        if growth > 0 && arena.reservedBytes + growth > max(room, Self.leastReserve) || kind == .fine && fineBytes + size > share {
            sweep(kind, bytes: max(room / 64, size))
            freeRetired()
        }
        // A kind that had nothing to give: the others must.
        for other in BlockKind.allCases where heldBytes - retiredBytes + size > room {
            sweep(other, bytes: heldBytes - retiredBytes + size - room + room / 64)
        }
        freeRetired()
        let more = arena.growth(for: size)
        return more == 0 || arena.reservedBytes + more <= max(room, Self.leastReserve) || arena.isNew(size)
    }

    /// What blocks may take: the budget, less what it takes to find them.
    private var room: Int { max(budget - directory.byteCount - (slotHints?.byteCount ?? 0), budget / 4) }
    /// Sketches leave no more than a quarter to nodes: with them few nodes are needed.
    private var mostDirectoryBytes: Int { budget / 4 * 3 }
    /// Pieces of the arena are not counted below this, where single ones would be larger than the budget.
    private static let leastReserve = 1 << 20

    /// Exact parts of some 80,000 vectors of 384 elements.
    private static let leastFineBytes = 64 << 20

    /// One step of the clock: evicts blocks of a kind not touched since its hand last passed, until `excess` bytes are free.
    private func sweep(_ kind: BlockKind, bytes: Int) {
        let chunks = directory.allocatedChunks
        guard !chunks.isEmpty else { return }
        var excess = bytes
        var hand = hands[kind.rawValue]
        defer { hands[kind.rawValue] = hand }
        // Twice around at most: once to clear the marks, once to evict.
        var stepsLeft = 2 * chunks.count + 1
        while excess > 0, stepsLeft > 0 {
            if hand.chunk >= chunks.count { hand = (0, 0) }
            let slots = SlotDirectory.slots(ofChunk: chunks[hand.chunk])
            var slot = slots.lowerBound + hand.slot
            while excess > 0, slot < slots.upperBound {
                defer { slot += 1 }
                guard let block = directory.load(kind, slot) else { continue }
                let mark = (block + BlockHeader.touched).assumingMemoryBound(to: UInt8.self)
                if ck_load_mark(mark) != 0 {
                    ck_store_mark(mark, 0)
                } else {
                    excess -= size(kind, block)
                    retire(kind, slot)
                }
            }
            hand.slot = slot - slots.lowerBound
            if slot == slots.upperBound {
                hand = (hand.chunk + 1, 0)
                stepsLeft -= 1
            }
        }
    }

    private func size(_ kind: BlockKind, _ block: UnsafeMutableRawPointer) -> Int {
        switch kind {
        case .code: codeLayout.blockSize
        case .links: linkLayout.cachedBlockSize(topLevel: NodeLinks(block: block, layout: linkLayout).topLevel)
        case .fine: fineLayout.blockSize
        }
    }

    private func blockSize(_ kind: BlockKind, blobSize: Int) -> Int {
        switch kind {
        case .code: codeLayout.blockSize
        case .links: (BlockHeader.size + blobSize + 31) / 32 * 32
        case .fine: fineLayout.blockSize
        }
    }
}
