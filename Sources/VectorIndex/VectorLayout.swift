// The blobs that hold a vector, as docs/file-format.md specifies them.
internal import CKernels

/// `codes.code`: external id (Int64), scale (Float32), bias (Float32), checksum (UInt32), 4 reserved bytes, values.
///
/// A code is what the graph is walked on: a small part of the exact vector, or a rounding of it (`CodeKind`). Its product
/// with a query, times the scale, is nearly that of the vector.
struct CodeLayout {
    let dimension: Int
    let kind: CodeKind

    init(_ parameters: IndexParameters) { (dimension, kind) = (parameters.dimension, parameters.code) }

    /// Ids mark a free slot by this value, which no vector may have.
    static let freeID = Int64.min
    static let headerSize = 24
    static let checksumOffset = 16
    /// Where the blob begins in a block: so that the values begin at a cache line.
    static let blobOffset = 64 - headerSize
    var blobSize: Int { Self.headerSize + kind.bytes(dimension) }
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
    static func values(_ block: UnsafeRawPointer) -> UnsafeRawPointer { block + blobOffset + headerSize }
    func blob(_ block: UnsafeRawPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: block + Self.blobOffset, count: blobSize)
    }

    /// Fills a block for a vector in `slot`.
    func write(id: Int64, _ vector: StoredVector, slot: Slot, to block: UnsafeMutableRawPointer) {
        let blob = block + Self.blobOffset
        blob.initializeMemory(as: UInt8.self, repeating: 0, count: blobSize)
        blob.storeBytes(of: id, as: Int64.self)
        let scale = encode(vector, to: blob + Self.headerSize)
        blob.storeBytes(of: scale, toByteOffset: 8, as: Float.self)
        blob.storeBytes(of: vector.bias, toByteOffset: 12, as: Float.self)
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

    /// Whether a code is the one of a vector.
    func matches(_ block: UnsafeRawPointer, _ vector: StoredVector) -> Bool {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: kind.bytes(dimension), alignment: 8)
        defer { room.deallocate() }
        guard let place = room.baseAddress else { return false }
        let scale = encode(vector, to: place)
        return scale == Self.scale(block) && room.elementsEqual(UnsafeRawBufferPointer(start: Self.values(block), count: room.count))
    }
}

/// `vectors.vector`: what makes a vector exact. With codes of 8 bits it is what the code leaves out: checksum (UInt32),
/// `dimension` × Int16. With others it is all: checksum (UInt32), scale (Float32), `dimension` × Int16, `dimension` × Int8.
///
/// An element is (coarse + fine / 65536) × scale: 24 bits in all, as exact as a Float32 is for the largest element.
struct FineLayout {
    let dimension: Int
    let isWhole: Bool

    init(_ parameters: IndexParameters) { (dimension, isWhole) = (parameters.dimension, parameters.code != .int8) }

    private var headerSize: Int { isWhole ? 8 : 4 }
    /// Where the blob begins in a block: so that fine parts of 8-bit codes are aligned to 32 bytes.
    static let blobOffset = 28
    var blobSize: Int { headerSize + (isWhole ? 3 : 2) * dimension }
    var blockSize: Int { (Self.blobOffset + blobSize + 31) / 32 * 32 }

    /// The blob of a vector; of zeros for a free slot.
    func bytes(_ vector: StoredVector?, slot: Slot) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: blobSize)
        bytes.withUnsafeMutableBytes { buffer in
            if let vector {
                if isWhole { buffer.storeBytes(of: vector.scale, toByteOffset: 4, as: Float.self) }
                vector.low.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[headerSize...]).copyMemory(from: $0) }
                if isWhole {
                    vector.high.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[(headerSize + 2 * dimension)...]).copyMemory(from: $0) }
                }
            }
            buffer.storeBytes(of: Checksum.of(UnsafeRawBufferPointer(buffer), slot: slot, without: 0), as: UInt32.self)
        }
        return bytes
    }

    func fault(_ blob: UnsafeRawBufferPointer, slot: Slot) -> String? {
        guard blob.count == blobSize else { return "a vector of \(blob.count) bytes instead of \(blobSize)" }
        guard Checksum.isRight(blob, slot: slot, at: 0) else { return "the vector's checksum is wrong" }
        guard isWhole else { return nil }
        let scale = blob.loadUnaligned(fromByteOffset: 4, as: Float.self)
        return scale.isFinite && scale >= 0 ? nil : "a vector of scale \(scale)"
    }

    /// A free slot holds zeros.
    func isZero(_ blob: UnsafeRawBufferPointer) -> Bool { blob.dropFirst(4).allSatisfy { $0 == 0 } }

    /// Puts the parts of a vector together.
    func join(code block: UnsafeRawPointer, fine: UnsafeRawPointer, into vector: inout [Float]) {
        let blob = fine + Self.blobOffset
        let low = (blob + headerSize).assumingMemoryBound(to: Int16.self)
        let high = (isWhole ? blob + headerSize + 2 * dimension : CodeLayout.values(block)).assumingMemoryBound(to: Int8.self)
        let scale = isWhole ? blob.loadUnaligned(fromByteOffset: 4, as: Float.self) : CodeLayout.scale(block)
        vector.withUnsafeMutableBufferPointer { values in
            guard let to = values.baseAddress else { return }
            ck_join_f32(high, low, dimension, scale, to)
        }
    }

    /// The vector of a code's block and a blob, both of which have been checked.
    func stored(code block: UnsafeRawPointer, _ blob: UnsafeRawBufferPointer) -> StoredVector {
        let low = (0..<dimension).map { blob.loadUnaligned(fromByteOffset: headerSize + 2 * $0, as: Int16.self) }
        let coarse = isWhole
            ? UnsafeRawBufferPointer(rebasing: blob[(headerSize + 2 * dimension)...])
            : UnsafeRawBufferPointer(start: CodeLayout.values(block), count: dimension)
        return StoredVector(
            high: coarse.map { Int8(bitPattern: $0) }, low: low,
            scale: isWhole ? blob.loadUnaligned(fromByteOffset: 4, as: Float.self) : CodeLayout.scale(block),
            bias: CodeLayout.bias(block))
    }
}

/// A vector as it is stored: 24-bit fixed-point numbers in two parts.
struct StoredVector: Equatable {
    let high: [Int8]
    let low: [Int16]
    let scale: Float
    let bias: Float

    init(high: [Int8], low: [Int16], scale: Float, bias: Float) {
        (self.high, self.low, self.scale, self.bias) = (high, low, scale, bias)
    }

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

    /// An element in parts of 65536 of the scale.
    func fixed(_ index: Int) -> Int32 { Int32(high[index]) * 65_536 + Int32(low[index]) }

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
