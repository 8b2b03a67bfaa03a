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

/// `codes.code`: external id (Int64), scale (Float32), bias (Float32), checksum (UInt32), 4 reserved bytes,
/// `dimension` × Int8.
///
/// A code is the vector in 8-bit integers with a scale of its own, the coarse part of the exact vector. The graph is
/// walked on codes: they are a quarter of the exact vectors, and integer dot products are several times faster.
struct CodeLayout {
    let dimension: Int

    /// Ids mark a free slot by this value, which no vector may have.
    static let freeID = Int64.min
    static let headerSize = 24
    static let checksumOffset = 16
    /// Where the blob begins in a block: so that the values begin at a cache line.
    static let blobOffset = 64 - headerSize
    var blobSize: Int { Self.headerSize + dimension }
    var blockSize: Int { (Self.blobOffset + blobSize + 63) / 64 * 64 }

    static func id(_ block: UnsafeRawPointer) -> Int64 {
        block.loadUnaligned(fromByteOffset: blobOffset, as: Int64.self)
    }
    static func scale(_ block: UnsafeRawPointer) -> Float {
        block.loadUnaligned(fromByteOffset: blobOffset + 8, as: Float.self)
    }
    /// Added to the scaled product: minus the squared length where distances count, else 0.
    static func bias(_ block: UnsafeRawPointer) -> Float {
        block.loadUnaligned(fromByteOffset: blobOffset + 12, as: Float.self)
    }
    static func values(_ block: UnsafeRawPointer) -> UnsafePointer<Int8> {
        (block + blobOffset + headerSize).assumingMemoryBound(to: Int8.self)
    }
    func blob(_ block: UnsafeRawPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: block + Self.blobOffset, count: blobSize)
    }

    /// Fills a block for a vector in `slot`.
    func write(id: Int64, _ vector: StoredVector, slot: Slot, to block: UnsafeMutableRawPointer) {
        let blob = block + Self.blobOffset
        blob.initializeMemory(as: UInt8.self, repeating: 0, count: blobSize)
        blob.storeBytes(of: id, as: Int64.self)
        blob.storeBytes(of: vector.scale, toByteOffset: 8, as: Float.self)
        blob.storeBytes(of: vector.bias, toByteOffset: 12, as: Float.self)
        vector.high.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: blob + Self.headerSize, count: dimension).copyMemory(from: $0) }
        seal(block, slot)
    }

    /// Fills a block with the marks of a free slot.
    func writeFree(slot: Slot, to block: UnsafeMutableRawPointer) {
        let blob = block + Self.blobOffset
        blob.initializeMemory(as: UInt8.self, repeating: 0, count: blobSize)
        blob.storeBytes(of: Self.freeID, as: Int64.self)
        seal(block, slot)
    }

    private func seal(_ block: UnsafeMutableRawPointer, _ slot: Slot) {
        let sum = Checksum.of(blob(block), slot: slot, without: Self.checksumOffset)
        block.storeBytes(of: sum, toByteOffset: Self.blobOffset + Self.checksumOffset, as: UInt32.self)
    }

    /// What is wrong with a blob, or nil.
    func fault(_ blob: UnsafeRawBufferPointer, slot: Slot) -> String? {
        guard blob.count == blobSize else { return "a code of \(blob.count) bytes instead of \(blobSize)" }
        guard Checksum.isRight(blob, slot: slot, at: Self.checksumOffset) else { return "the code's checksum is wrong" }
        let (scale, bias) = (blob.loadUnaligned(fromByteOffset: 8, as: Float.self), blob.loadUnaligned(fromByteOffset: 12, as: Float.self))
        return scale.isFinite && scale >= 0 && bias.isFinite ? nil : "a code of scale \(scale) and bias \(bias)"
    }
}

/// `vectors.vector`: checksum (UInt32), `dimension` × Int16: what the code leaves out of the exact vector.
///
/// An element is (code + fine / 65536) × scale: 24 bits in all, as exact as a Float32 is for the largest element.
struct FineLayout {
    let dimension: Int
    static let headerSize = 4
    /// Where the blob begins in a block: so that the numbers are aligned to 32 bytes.
    static let blobOffset = 32 - headerSize
    var blobSize: Int { Self.headerSize + 2 * dimension }
    var blockSize: Int { (Self.blobOffset + blobSize + 31) / 32 * 32 }

    func bytes(_ low: [Int16], slot: Slot) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: blobSize)
        bytes.withUnsafeMutableBytes { buffer in
            low.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[Self.headerSize...]).copyMemory(from: $0) }
            buffer.storeBytes(of: Checksum.of(UnsafeRawBufferPointer(buffer), slot: slot, without: 0), as: UInt32.self)
        }
        return bytes
    }

    func fault(_ blob: UnsafeRawBufferPointer, slot: Slot) -> String? {
        guard blob.count == blobSize else { return "a vector of \(blob.count) bytes instead of \(blobSize)" }
        return Checksum.isRight(blob, slot: slot, at: 0) ? nil : "the vector's checksum is wrong"
    }

    /// Puts code and fine part together.
    func join(_ block: UnsafeRawPointer, fine: UnsafeRawPointer, into vector: inout [Float]) {
        let low = (fine + Self.blobOffset + Self.headerSize).assumingMemoryBound(to: Int16.self)
        vector.withUnsafeMutableBufferPointer { values in
            guard let to = values.baseAddress else { return }
            ck_join_f32(CodeLayout.values(block), low, dimension, CodeLayout.scale(block), to)
        }
    }
}

/// A vector in the two parts that are stored.
struct StoredVector: Equatable {
    let high: [Int8]
    let low: [Int16]
    let scale: Float
    let bias: Float

    /// - Parameter vector: of the metric's kind: of length 1 where that is the cosine.
    init(_ vector: [Float], metric: Metric) {
        var scale: Float = 0
        var fine = [Int16](repeating: 0, count: vector.count)
        high = [Int8](unsafeUninitializedCapacity: vector.count) { coarse, count in
            fine.withUnsafeMutableBufferPointer { low in
                vector.withUnsafeBufferPointer { values in
                    guard let from = values.baseAddress, let high = coarse.baseAddress, let low = low.baseAddress else { return }
                    scale = ck_split_f32(from, values.count, high, low)
                }
            }
            count = vector.count
        }
        low = fine
        self.scale = scale
        bias = metric.bias(of: vector)
    }

    /// From a code's block and a fine part's blob that have been checked.
    init(_ block: UnsafeRawPointer, _ blob: UnsafeRawBufferPointer, dimension: Int) {
        high = Array(UnsafeBufferPointer(start: CodeLayout.values(block), count: dimension))
        low = (0..<dimension).map { blob.loadUnaligned(fromByteOffset: FineLayout.headerSize + 2 * $0, as: Int16.self) }
        scale = CodeLayout.scale(block)
        bias = CodeLayout.bias(block)
    }

    /// The vector itself.
    var values: [Float] {
        [Float](unsafeUninitializedCapacity: high.count) { buffer, count in
            high.withUnsafeBufferPointer { high in
                low.withUnsafeBufferPointer { low in
                    guard let a = high.baseAddress, let b = low.baseAddress, let to = buffer.baseAddress else { return }
                    ck_join_f32(a, b, high.count, scale, to)
                }
            }
            count = high.count
        }
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

/// A node's links in memory: a view on a block, which outlives it.
struct NodeLinks {
    let block: UnsafeMutableRawPointer
    let layout: LinkLayout

    private var payload: UnsafeMutableRawPointer { block + BlockHeader.size }
    var topLevel: Int { Int(payload.load(as: UInt8.self)) }
    var isFree: Bool { payload.load(fromByteOffset: 1, as: UInt8.self) & LinkLayout.freeFlag != 0 }
    var blob: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: payload, count: layout.blobSize(topLevel: topLevel))
    }

    /// Gives the blob its checksum, before it is written.
    func seal(_ slot: Slot) {
        let sum = Checksum.of(blob, slot: slot, without: LinkLayout.checksumOffset)
        payload.storeBytes(of: sum, toByteOffset: LinkLayout.checksumOffset, as: UInt32.self)
    }

    static let parentOffset = 8
    static let noParent = Slot.max
    /// The node's parent in the spanning tree of level 0; its own slot for the root, `noParent` outside the tree.
    var parent: Slot {
        get { payload.load(fromByteOffset: Self.parentOffset, as: Slot.self) }
        nonmutating set { payload.storeBytes(of: newValue, toByteOffset: Self.parentOffset, as: Slot.self) }
    }

    func out(_ level: Int) -> EdgeList { list(level, half: 0) }
    /// Nodes that point here and are not pointed at from here.
    func inOnly(_ level: Int) -> EdgeList { list(level, half: 1) }

    private func list(_ level: Int, half: Int) -> EdgeList {
        let section = payload + layout.sectionOffset(level)
        let room = layout.capacity(level)
        return EdgeList(
            countPlace: (section + 2 * half).assumingMemoryBound(to: UInt16.self),
            slots: (section + 4 + 4 * half * room).assumingMemoryBound(to: Slot.self), capacity: room)
    }

    /// Makes an empty node of a block with enough room.
    func initialize(topLevel: Int, free: Bool = false) {
        let size = layout.blobSize(topLevel: topLevel)
        payload.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        payload.storeBytes(of: UInt8(topLevel), as: UInt8.self)
        payload.storeBytes(of: free ? LinkLayout.freeFlag : 0, toByteOffset: 1, as: UInt8.self)
        parent = Self.noParent
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
