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
///
/// Slots are in chunks. A chunk has the addresses of fine parts, then an entry for each slot that begins with the addresses of
/// its code and its links. In chunks with sketches the entry goes on with the code's sketch, so that one line of the processor's
/// cache says both where a node is and, mostly, that it is of no use.
struct SlotTable {
    fileprivate static let chunkSlots = 4_096
    fileprivate static let wordSize = MemoryLayout<UInt64>.stride
    /// Bytes of a chunk before its entries, and of an entry without a sketch.
    fileprivate static let entries = chunkSlots * wordSize
    fileprivate static let plainEntrySize = 2 * wordSize
    /// Set in the address of a chunk with sketches, which is a multiple of 64.
    fileprivate static let sketchFlag: UInt = 1

    /// Addresses of chunks, with the flag.
    fileprivate let chunks: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    /// Bytes of an entry with a sketch.
    fileprivate let entrySize: Int

    @inline(__always)
    func load(_ kind: BlockKind, _ slot: Slot) -> UnsafeMutableRawPointer? {
        guard let chunk = chunk(slot) else { return nil }
        let word = ck_load_word(place(chunk, kind, slot))
        return Self.hasSketches(chunk) ? SketchLayout.address(word) : UnsafeMutableRawPointer(bitPattern: UInt(word))
    }

    /// Asks for the slot's entry, and returns its sketch (`SketchLayout`).
    @inline(__always)
    func prefetchEntry(_ slot: Slot) -> UnsafePointer<UInt64> {
        guard let chunk = chunk(slot) else { return SketchLayout.none }
        let entry = place(chunk, .code, slot)
        let hasSketch = Self.hasSketches(chunk)
        ck_prefetch(entry, hasSketch ? entrySize : Self.plainEntrySize)
        return hasSketch ? UnsafePointer(entry) : SketchLayout.none
    }

    /// The sketch of a slot that has a code here; nil when it has none.
    @inline(__always)
    func sketch(_ slot: Slot) -> UnsafePointer<UInt64>? {
        guard load(.code, slot) != nil else { return nil }
        return entry(slot).map { UnsafePointer($0) } ?? SketchLayout.none
    }

    /// The slot's entry if it has room for a sketch.
    @inline(__always)
    fileprivate func entry(_ slot: Slot) -> UnsafeMutablePointer<UInt64>? {
        guard let chunk = chunk(slot), Self.hasSketches(chunk) else { return nil }
        return place(chunk, .code, slot)
    }

    @inline(__always)
    fileprivate func chunk(_ slot: Slot) -> UnsafeMutableRawPointer? { ck_load_pointer(chunks + Int(slot) / Self.chunkSlots) }

    @inline(__always)
    fileprivate static func hasSketches(_ chunk: UnsafeMutableRawPointer) -> Bool { UInt(bitPattern: chunk) & sketchFlag != 0 }

    @inline(__always)
    fileprivate func place(_ chunk: UnsafeMutableRawPointer, _ kind: BlockKind, _ slot: Slot) -> UnsafeMutablePointer<UInt64> {
        let number = Int(slot) % Self.chunkSlots
        let flag = Int(UInt(bitPattern: chunk) & Self.sketchFlag)
        let entry = Self.entries &+ number &* (flag != 0 ? entrySize : Self.plainEntrySize)
        let offset = switch kind {
        case .code: entry
        case .links: entry &+ Self.wordSize
        case .fine: number &* Self.wordSize
        }
        return (chunk + (offset &- flag)).assumingMemoryBound(to: UInt64.self)
    }
}

/// Slot → block of memory, in constant time and without a lock: readers may look up while one thread (at a time)
/// stores. Opening one costs nothing that grows with the index; room is made per 4,096 slots, on first use.
///
/// It owns no blocks: who stores them frees them. Sketches are its own.
final class SlotDirectory {
    private static let chunkSlots = SlotTable.chunkSlots
    private static let chunkCount = slotLimit / chunkSlots + 1
    /// Of the processor's cache.
    private static let line = 64
    private static let pieceSize = 2 << 20
    /// Chunks of a directory that is too small for large pages.
    private static let singleChunks = 8
    /// Of a piece's slots, when it gets large pages: nearly every small page is in use then.
    private static let partInUse = 16
    /// Zeroed pages that nobody touched are not backed by memory.
    private let chunks: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private let sketches: SketchLayout?
    private(set) var allocatedChunks: [Int] = []
    /// What the chunks lie in: single ones of a small directory, then pieces for several, which get large pages when enough of a
    /// piece is in use: walks look all over.
    private var memories: [UnsafeMutableRawPointer] = []
    private var pieces: [Piece] = []
    private struct Piece {
        let start: UnsafeMutableRawPointer
        var left: Int
        /// Sketches it still waits for before it gets large pages.
        var missing: Int
    }
    /// The piece of each chunk that is in one.
    private var pieceOfChunk: [Int: Int] = [:]
    /// What the places of slots take; untouched zeros of `chunks` take nothing.
    private(set) var byteCount = 0
    /// Chunks are made with sketches as long as all take no more than this, and only from this slot on.
    var mostBytesWithSketches = Int.max
    var firstSlotWithSketches = 0

    /// - Parameter sketches: nil for a directory without.
    init(sketches: SketchLayout? = nil) {
        self.sketches = sketches
        chunks = Zeroed.allocate(Self.chunkCount, of: UnsafeMutableRawPointer?.self)
    }

    deinit {
        for memory in memories { Zeroed.free(memory) }
        for piece in pieces { ck_unmap_pages(piece.start, Self.pieceSize) }
        Zeroed.free(chunks)
    }

    var table: SlotTable { SlotTable(chunks: chunks, entrySize: sketches?.entrySize ?? SlotTable.plainEntrySize) }

    @inline(__always)
    func load(_ kind: BlockKind, _ slot: Slot) -> UnsafeMutableRawPointer? { table.load(kind, slot) }

    func store(_ kind: BlockKind, _ slot: Slot, _ block: UnsafeMutableRawPointer?) {
        let index = Int(slot) / Self.chunkSlots
        if chunks[index] == nil {
            guard block != nil else { return }
            makeChunk(index)
        }
        guard let chunk = chunks[index] else { return }
        let place = table.place(chunk, kind, slot)
        let address = UInt64(UInt(bitPattern: block))
        ck_store_word(place, SlotTable.hasSketches(chunk) ? SketchLayout.word(ck_load_word(place), address: address) : address)
    }

    private func makeChunk(_ index: Int) {
        let plain = SlotTable.entries + Self.chunkSlots * SlotTable.plainEntrySize
        let whole = SlotTable.entries + Self.chunkSlots * (sketches?.entrySize ?? 0)
        let hasSketches = sketches != nil && byteCount + whole <= mostBytesWithSketches
            && (index + 1) * Self.chunkSlots > firstSlotWithSketches
        let size = hasSketches ? whole : plain
        let chunk = hasSketches && allocatedChunks.count >= Self.singleChunks ? cutFromPiece(size, index) ?? single(size) : single(size)
        byteCount += size
        allocatedChunks.append(index)
        ck_store_pointer(chunks + index, hasSketches ? chunk + Int(SlotTable.sketchFlag) : chunk)
    }

    private func single(_ size: Int) -> UnsafeMutableRawPointer {
        let memory = UnsafeMutableRawPointer(Zeroed.allocate(size + Self.line, of: UInt8.self))
        memories.append(memory)
        return memory + (Self.line - Int(UInt(bitPattern: memory) % UInt(Self.line)))
    }

    /// Nil when the system has no such piece, or it would hold few chunks.
    private func cutFromPiece(_ size: Int, _ chunk: Int) -> UnsafeMutableRawPointer? {
        let most = Self.pieceSize / size
        guard most >= 4 else { return nil }
        if pieces.last.map({ $0.left < size }) ?? true {
            guard let start = ck_map_pages(Self.pieceSize, 0) else { return nil }
            pieces.append(Piece(start: start, left: Self.pieceSize, missing: most * Self.chunkSlots / Self.partInUse))
        }
        let last = pieces.count - 1
        defer { pieces[last].left -= size }
        pieceOfChunk[chunk] = last
        return pieces[last].start + (Self.pieceSize - pieces[last].left)
    }

    private func noteSketch(_ slot: Slot) {
        guard let number = pieceOfChunk[Int(slot) / Self.chunkSlots], pieces[number].missing > 0 else { return }
        pieces[number].missing -= 1
        if pieces[number].missing == 0 { ck_make_pages_large(pieces[number].start, Self.pieceSize) }
    }

    // MARK: Sketches

    /// Gives the slot the sketch of its code, if there is room for one and it has none.
    func storeSketch(_ slot: Slot, of code: UnsafeRawPointer) {
        guard let sketches, let entry = table.entry(slot), !SketchLayout.isThere(in: UnsafePointer(entry)) else { return }
        sketches.write(code, to: entry)
        noteSketch(slot)
    }

    func clearSketch(_ slot: Slot) {
        // Nothing is written to pages that nobody has touched.
        if let entry = table.entry(slot), SketchLayout.isThere(in: UnsafePointer(entry)) { SketchLayout.clear(in: entry) }
    }

    func clearSketches() {
        for index in allocatedChunks {
            for slot in Self.slots(ofChunk: index) { clearSketch(slot) }
        }
    }

    // MARK: All

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
