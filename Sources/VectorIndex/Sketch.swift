internal import CKernels

/// Sketches of codes: what tells of most nodes that a walk meets, in one line of the processor's cache, that they are too far
/// from the query to be of use, so that their codes need not be read (Gao and Long, RaBitQ, arXiv 2405.12497: signs after a
/// rotation; there, too, what an estimate can be wrong by says when it is not enough).
///
/// They are made when a code comes into memory, and in no file.
///
/// An entry of a directory: address of the code (6 bytes), factor (2), address of the links (6), bias (2), signs. A score is about
/// factor × (sum of the query's rotated elements, each with its sign) + bias; a factor of 0 says that there is no sketch. Both
/// are the upper half of a Float32, rounded up.
struct SketchLayout {
    let dimension: Int
    private let kind: CodeKind

    /// - Returns: nil where a sketch would say too little, or is what the code is already.
    init?(_ code: CodeLayout) {
        guard code.dimension >= Self.leastDimension, code.kind != .binary else { return nil }
        (dimension, kind) = (code.dimension, code.kind)
    }

    /// With fewer elements estimates are so rough that most codes are read all the same.
    private static let leastDimension = 128

    /// Bytes of an entry.
    var entrySize: Int { ck_sketch_words(dimension) * MemoryLayout<UInt64>.stride }

    // MARK: Words of an address and a number

    private static let addressBits: UInt64 = 48
    private static let addressMask: UInt64 = 1 << addressBits - 1

    @inline(__always)
    static func address(_ word: UInt64) -> UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(bitPattern: UInt(word & addressMask))
    }

    /// Whether an address fits: processors that the program runs on use 48 bits unless a program asks for more.
    static func holds(_ address: UnsafeMutableRawPointer) -> Bool { UInt64(UInt(bitPattern: address)) <= addressMask }

    /// A word with another address, which fits.
    static func word(_ word: UInt64, address: UInt64) -> UInt64 { word & ~addressMask | address & addressMask }

    private static func word(_ word: UInt64, number: Float) -> UInt64 {
        let bits = number.bitPattern
        // The upper half of a negative number is larger than all of it.
        let upper = number > 0 ? (bits &+ 0xFFFF) >> 16 : bits >> 16
        return word & addressMask | UInt64(upper) << addressBits
    }

    // MARK: Sketches

    /// An entry without a sketch, for any dimension: zeros that nobody writes.
    nonisolated(unsafe) static let none: UnsafePointer<UInt64> = UnsafePointer(
        Zeroed.allocate(ck_sketch_words(IndexParameters.mostDimension), of: UInt64.self))

    static func isThere(in entry: UnsafePointer<UInt64>) -> Bool { entry[0] >> addressBits != 0 }

    static func clear(in entry: UnsafeMutablePointer<UInt64>) { ck_store_word(entry, word(entry[0], number: 0)) }

    /// Writes the sketch of a code, given as its block.
    func write(_ block: UnsafeRawPointer, to entry: UnsafeMutablePointer<UInt64>) {
        let factor = withUnsafeTemporaryAllocation(of: Int32.self, capacity: dimension) { room in
            withValues(block) { values in room.baseAddress.map { ck_sketch_i8(values, dimension, $0, entry) } ?? 0 }
        }
        ck_store_word(entry + 1, Self.word(entry[1], number: CodeLayout.bias(block)))
        ck_store_word(entry, Self.word(entry[0], number: factor * CodeLayout.scale(block)))
    }

    /// The code's values as bytes: half precision is in units of which none is beyond 127.
    private func withValues(_ block: UnsafeRawPointer, _ body: (UnsafePointer<Int8>) -> Float) -> Float {
        let values = CodeLayout.values(block)
        guard kind == .float16 else { return body(values.assumingMemoryBound(to: Int8.self)) }
        let halves = values.assumingMemoryBound(to: UInt16.self)
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: dimension) { floats in
            withUnsafeTemporaryAllocation(of: Int8.self, capacity: dimension) { bytes in
                guard let from = floats.baseAddress, let to = bytes.baseAddress else { return 0 }
                ck_convert_f16_to_f32(halves, from, dimension)
                for index in 0..<dimension {
                    let value = from[index].rounded()
                    to[index] = value > -127 ? Int8(min(value, 127)) : -127
                }
                return body(to)
            }
        }
    }
}

/// A query in the form that sketches are compared with, and room for it.
final class SketchQuery {
    private let layout: SketchLayout
    private let planes: UnsafeMutablePointer<UInt64>
    private let scratch: UnsafeMutablePointer<Int32>
    private var query = ck_sketch_query()

    init(_ layout: SketchLayout) {
        self.layout = layout
        planes = .allocate(capacity: 4 * ck_sketch_words(layout.dimension))
        scratch = .allocate(capacity: layout.dimension)
    }

    deinit {
        planes.deallocate()
        scratch.deallocate()
    }

    /// A node is passed over when it is farther than what is looked for by so many standard deviations. One in six would be
    /// wrongly passed over of those that are just as far; of all that walks would keep it is one in forty, which others that
    /// are met lead to as well: of a million vectors recall is lower by 0.001, for a third fewer codes read than with two.
    private static let deviations: Float = 1

    /// Makes the query of one that walks have.
    func set(_ code: QueryCode) {
        guard code.kind == .float16 else {
            return set(code.values.assumingMemoryBound(to: Int8.self), factor: code.factor)
        }
        withUnsafeTemporaryAllocation(of: Int8.self, capacity: layout.dimension) { bytes in
            guard let to = bytes.baseAddress else { return }
            let scale = ck_quantize_i8(code.values.assumingMemoryBound(to: Float.self), layout.dimension, to)
            set(to, factor: code.factor * scale)
        }
    }

    private func set(_ values: UnsafePointer<Int8>, factor: Float) {
        query = ck_sketch_query_i8(values, layout.dimension, factor, Self.deviations, scratch, planes)
    }

    /// Copies to `kept` those of `slots` whose scores may be above `bound`, and returns how many they are.
    @inline(__always)
    func select(
        _ sketches: UnsafePointer<UnsafePointer<UInt64>?>, _ slots: UnsafePointer<Slot>, count: Int, above bound: Float,
        into kept: UnsafeMutablePointer<Slot>
    ) -> Int {
        ck_sketch_select(&query, sketches, slots, count, bound, kept)
    }
}
