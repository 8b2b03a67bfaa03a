// The blobs of a node, byte by byte, as docs/file-format.md specifies them, and the blocks of memory that hold
// them. Integers in blobs are little-endian; the blocks are the blobs' own bytes.
internal import CKernels

#if _endian(big)
    #error("Blobs are read in place as little-endian: a big-endian host needs byte swaps here.")
#endif

/// The number of a node within its index: dense, and used again after a removal.
typealias Slot = UInt32

/// Slots stay below this, so that a slot and a flag fit 32 bits.
let slotLimit = Int(Int32.max)

/// Every block in memory begins with this header, which is not part of the blob that follows it.
enum BlockHeader {
    /// UInt64: from this generation of the index on, the block's content is what the file says.
    static let stamp = 0
    /// UInt8: set by readers, cleared by the sweep that looks for blocks nobody needs.
    static let touched = 8
    /// UInt8, in a write session: bit 0 not yet written, bit 1 changed by this transaction.
    static let dirty = 9
    static let size = 16

    static func stamp(of block: UnsafeRawPointer) -> UInt64 {
        block.load(fromByteOffset: stamp, as: UInt64.self)
    }
}

/// Checksums of blobs: CRC-32C over the slot (UInt32) and the blob, without the four bytes that hold it. The slot is in
/// it so that a row in the wrong place is noticed.
enum Checksum {
    static func of(_ blob: UnsafeRawBufferPointer, slot: Slot, without offset: Int) -> UInt32 {
        guard let start = blob.baseAddress, offset + 4 <= blob.count else { return 0 }
        let seed = withUnsafeBytes(of: slot.littleEndian) { ck_crc32c(0, $0.baseAddress, 4) }
        let first = ck_crc32c(seed, start, offset)
        return ck_crc32c(first, start + offset + 4, blob.count - offset - 4)
    }

    static func isRight(_ blob: UnsafeRawBufferPointer, slot: Slot, at offset: Int) -> Bool {
        offset + 4 <= blob.count
            && blob.loadUnaligned(fromByteOffset: offset, as: UInt32.self) == of(blob, slot: slot, without: offset)
    }
}

/// `links.links`: level (UInt8), flags (UInt8), 2 + 4 reserved bytes, parent (UInt32), then for each level from 0 up:
/// number of out-edges (UInt16), of in-edges (UInt16), room for `capacity` out-edges and as many in-edges
/// (UInt32 slots each).
///
/// Out-edges are what a search follows. In-edges list those nodes that point here without being pointed at from
/// here, so that every edge is known at both of its ends: removing a node finds all that refer to it without
/// scanning the graph, and no edge ever dangles. The room is fixed, so that an update overwrites a row in place.
struct LinkLayout {
    let neighbors: Int

    static let highestLevel = 15
    static let headerSize = 12
    static let freeFlag: UInt8 = 1

    func capacity(_ level: Int) -> Int { level == 0 ? 2 * neighbors : neighbors }
    func sectionSize(_ level: Int) -> Int { 4 + 8 * capacity(level) }
    func sectionOffset(_ level: Int) -> Int {
        level == 0 ? Self.headerSize : Self.headerSize + sectionSize(0) + (level - 1) * sectionSize(1)
    }
    func blobSize(topLevel: Int) -> Int { sectionOffset(topLevel) + sectionSize(topLevel) }
    func blockSize(topLevel: Int) -> Int { (BlockHeader.size + blobSize(topLevel: topLevel) + 31) / 32 * 32 }
    static let checksumOffset = 4

    /// What the cache keeps of a blob: searches never read in-edges, and those of level 0 are the end of nearly all blobs.
    func cachedPart(_ blob: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard let level = blob.first, level == 0, blob.count >= blobSize(topLevel: 0) else { return blob }
        return UnsafeRawBufferPointer(rebasing: blob[..<(blobSize(topLevel: 0) - 4 * capacity(0))])
    }
    /// The size of a block in the cache.
    func cachedBlockSize(topLevel: Int) -> Int {
        let missing = topLevel == 0 ? 4 * capacity(0) : 0
        return (BlockHeader.size + blobSize(topLevel: topLevel) - missing + 31) / 32 * 32
    }

    /// What is wrong with a blob of `count` bytes of an index of `slots` slots, or nil. Nothing that reads links
    /// needs to check them again.
    func fault(_ blob: UnsafeRawPointer, count: Int, slot: Slot, slots: Int) -> String? {
        guard count >= Self.headerSize else { return "links of \(count) bytes" }
        let top = Int(blob.load(as: UInt8.self))
        guard top <= Self.highestLevel else { return "level \(top)" }
        guard count == blobSize(topLevel: top) else { return "links of \(count) bytes for level \(top)" }
        guard Checksum.isRight(UnsafeRawBufferPointer(start: blob, count: count), slot: slot, at: Self.checksumOffset) else {
            return "the checksum of the links is wrong"
        }
        let parent = blob.loadUnaligned(fromByteOffset: NodeLinks.parentOffset, as: UInt32.self)
        guard Int(parent) < slots || parent == NodeLinks.noParent else { return "parent \(parent) of \(slots)" }
        for level in 0...top {
            let section = blob + sectionOffset(level)
            let room = capacity(level)
            for (half, name) in [(0, "out"), (1, "in")] {
                let degree = Int(section.loadUnaligned(fromByteOffset: 2 * half, as: UInt16.self))
                guard degree <= room else { return "\(degree) \(name)-edges on level \(level)" }
                for index in 0..<degree {
                    let slot = section.loadUnaligned(fromByteOffset: 4 + 4 * (half * room + index), as: UInt32.self)
                    guard Int(slot) < slots else { return "an \(name)-edge to slot \(slot) of \(slots)" }
                }
            }
        }
        return nil
    }
}

/// A node's links in memory as searches need them: a view on a block, which outlives it. In-edges may be missing.
struct NodeLinks {
    let block: UnsafeMutableRawPointer
    let layout: LinkLayout

    fileprivate var payload: UnsafeMutableRawPointer { block + BlockHeader.size }
    var topLevel: Int { Int(payload.load(as: UInt8.self)) }
    var isFree: Bool { payload.load(fromByteOffset: 1, as: UInt8.self) & LinkLayout.freeFlag != 0 }

    static let parentOffset = 8
    static let noParent = Slot.max
    /// The node's parent in the spanning tree of level 0; its own slot for the root, `noParent` outside the tree.
    var parent: Slot { payload.load(fromByteOffset: Self.parentOffset, as: Slot.self) }

    func out(_ level: Int) -> EdgeList { list(level, half: 0) }

    fileprivate func list(_ level: Int, half: Int) -> EdgeList {
        let section = payload + layout.sectionOffset(level)
        let room = layout.capacity(level)
        return EdgeList(
            countPlace: (section + 2 * half).assumingMemoryBound(to: UInt16.self),
            slots: (section + 4 + 4 * half * room).assumingMemoryBound(to: Slot.self), capacity: room)
    }
}

/// All of a node's links, as the file has them: a view on a block that holds the whole blob, which the cache's may not.
struct WholeLinks {
    let links: NodeLinks

    init(block: UnsafeMutableRawPointer, layout: LinkLayout) { links = NodeLinks(block: block, layout: layout) }

    var block: UnsafeMutableRawPointer { links.block }
    var topLevel: Int { links.topLevel }
    var isFree: Bool { links.isFree }
    var blob: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: links.payload, count: links.layout.blobSize(topLevel: topLevel))
    }
    var parent: Slot {
        get { links.parent }
        nonmutating set { links.payload.storeBytes(of: newValue, toByteOffset: NodeLinks.parentOffset, as: Slot.self) }
    }

    func out(_ level: Int) -> EdgeList { links.out(level) }
    /// Nodes that point here and are not pointed at from here.
    func inOnly(_ level: Int) -> EdgeList { links.list(level, half: 1) }

    /// Gives the blob its checksum, before it is written.
    func seal(_ slot: Slot) {
        let sum = Checksum.of(blob, slot: slot, without: LinkLayout.checksumOffset)
        links.payload.storeBytes(of: sum, toByteOffset: LinkLayout.checksumOffset, as: UInt32.self)
    }

    /// Makes an empty node of a block with enough room.
    func initialize(topLevel: Int, free: Bool = false) {
        let payload = links.payload
        payload.initializeMemory(as: UInt8.self, repeating: 0, count: links.layout.blobSize(topLevel: topLevel))
        payload.storeBytes(of: UInt8(topLevel), as: UInt8.self)
        payload.storeBytes(of: free ? LinkLayout.freeFlag : 0, toByteOffset: 1, as: UInt8.self)
        parent = NodeLinks.noParent
    }
}

/// The out- or in-edges of a node on one level. The order carries no meaning, but is deterministic.
struct EdgeList {
    let countPlace: UnsafeMutablePointer<UInt16>
    let slots: UnsafeMutablePointer<Slot>
    let capacity: Int

    var count: Int { Int(countPlace.pointee) }
    var isFull: Bool { count >= capacity }
    var all: UnsafeBufferPointer<Slot> { UnsafeBufferPointer(start: slots, count: count) }

    func contains(_ slot: Slot) -> Bool {
        for index in 0..<count where slots[index] == slot { return true }
        return false
    }
    /// Does nothing when full, which only a damaged list can be where this is called.
    func append(_ slot: Slot) {
        guard !isFull else { return }
        slots[count] = slot
        countPlace.pointee += 1
    }
    @discardableResult
    func remove(_ slot: Slot) -> Bool {
        let last = count - 1
        for index in 0..<count where slots[index] == slot {
            slots[index] = slots[last]
            slots[last] = 0
            countPlace.pointee -= 1
            return true
        }
        return false
    }
}
