internal import CKernels

/// The blobs of a node: the two that a walk through the graph needs, and what makes its vector exact.
enum BlockKind: Int, CaseIterable {
    case code, links, fine

    static let count = 3

    /// Where the blob begins in a block.
    var blobOffset: Int {
        switch self {
        case .code: CodeLayout.blobOffset
        case .links: BlockHeader.size
        case .fine: FineLayout.blobOffset
        }
    }
}

/// A directory as walks see it: nothing but where to look, so that a look-up costs two loads.
struct SlotTable {
    fileprivate static let chunkSlots = 4_096
    fileprivate let chunks: UnsafeMutablePointer<UnsafeMutableRawPointer?>

    @inline(__always)
    func load(_ kind: BlockKind, _ slot: Slot) -> UnsafeMutableRawPointer? {
        guard let chunk = ck_load_pointer(chunks + Int(slot) / Self.chunkSlots) else { return nil }
        return ck_load_pointer(Self.place(chunk, kind, slot))
    }

    /// Asks for what `load` will read.
    @inline(__always)
    func prefetch(_ kind: BlockKind, _ slot: Slot) {
        guard let chunk = ck_load_pointer(chunks + Int(slot) / Self.chunkSlots) else { return }
        ck_prefetch(Self.place(chunk, kind, slot), 1)
    }

    @inline(__always)
    fileprivate static func place(
        _ chunk: UnsafeMutableRawPointer, _ kind: BlockKind, _ slot: Slot
    ) -> UnsafeMutablePointer<UnsafeMutableRawPointer?> {
        chunk.assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
            + (BlockKind.count * (Int(slot) % chunkSlots) + kind.rawValue)
    }
}

/// Slot → block of memory, in constant time and without a lock: readers may look up while one thread (at a time)
/// stores. Opening one costs nothing that grows with the index; room is made per 4,096 slots, on first use.
///
/// It owns no blocks: who stores them frees them.
final class SlotDirectory {
    private static let chunkSlots = SlotTable.chunkSlots
    private static let chunkCount = slotLimit / chunkSlots + 1
    /// Zeroed pages that nobody touched are not backed by memory.
    private let chunks: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private(set) var allocatedChunks: [Int] = []
    /// What the places of slots take; untouched zeros of `chunks` take nothing.
    var byteCount: Int {
        allocatedChunks.count * BlockKind.count * Self.chunkSlots * MemoryLayout<UnsafeMutableRawPointer?>.stride
    }

    init() {
        chunks = Zeroed.allocate(Self.chunkCount, of: UnsafeMutableRawPointer?.self)
    }

    deinit {
        for chunk in allocatedChunks { Zeroed.free(chunks[chunk]) }
        Zeroed.free(chunks)
    }

    var table: SlotTable { SlotTable(chunks: chunks) }

    @inline(__always)
    func load(_ kind: BlockKind, _ slot: Slot) -> UnsafeMutableRawPointer? { table.load(kind, slot) }

    func store(_ kind: BlockKind, _ slot: Slot, _ block: UnsafeMutableRawPointer?) {
        let index = Int(slot) / Self.chunkSlots
        if chunks[index] == nil {
            guard block != nil else { return }
            let made = Zeroed.allocate(BlockKind.count * Self.chunkSlots, of: UnsafeMutableRawPointer?.self)
            allocatedChunks.append(index)
            ck_store_pointer(chunks + index, UnsafeMutableRawPointer(made))
        }
        guard let chunk = chunks[index] else { return }
        ck_store_pointer(SlotTable.place(chunk, kind, slot), block)
    }

    /// The slots that chunk number `index` has room for.
    static func slots(ofChunk index: Int) -> Range<Slot> {
        Slot(index * chunkSlots)..<Slot((index + 1) * chunkSlots)
    }

    func forEachBlock(_ body: (BlockKind, Slot, UnsafeMutableRawPointer) -> Void) {
        for chunk in allocatedChunks {
            for slot in Self.slots(ofChunk: chunk) {
                for kind in BlockKind.allCases {
                    if let block = load(kind, slot) { body(kind, slot, block) }
                }
            }
        }
    }
}
