internal import CKernels

/// How walks through the graph see vectors. Results are put in order by exact vectors whatever it is.
package enum CodeKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// 8-bit integers with a scale: a quarter of Float32.
    case int8 = "i8"
    /// Half precision: half of Float32; as good as exact.
    case float16 = "f16"
    /// Signs alone, a bit for each element: a thirty-second part. Walks must look at several times as many candidates.
    case binary = "b1"

    /// What `vectors` adds to the code: the rest of it, or the whole vector.
    var remainder: String { self == .int8 ? "i8+i16" : "i24" }

    /// Bytes of a code's values. Signs fill words of 64 bits.
    func bytes(_ dimension: Int) -> Int {
        switch self {
        case .int8: dimension
        case .float16: 2 * dimension
        case .binary: (dimension + 63) / 64 * 8
        }
    }

    /// Candidates to walk with for one that is asked for: what a code leaves undecided must be among them.
    package var widthFactor: Int { self == .binary ? 4 : 1 }
}

extension CodeLayout {
    /// The code of a vector: its scale, and its values written to `place`.
    func encode(_ vector: StoredVector, to place: UnsafeMutableRawPointer) -> Float {
        switch kind {
        case .int8:
            vector.high.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: place, count: dimension).copyMemory(from: $0) }
            return vector.scale
        case .float16:
            // In units of the scale, so that no vector is too long or too short for half precision.
            let values = (0..<dimension).map { Float(vector.fixed($0)) / 65_536 }
            values.withUnsafeBufferPointer { values in
                guard let from = values.baseAddress else { return }
                ck_convert_f32_to_f16(from, place.assumingMemoryBound(to: UInt16.self), dimension)
            }
            return vector.scale
        case .binary: return encodeSigns(vector, to: place)
        }
    }

    /// Signs, and the factor that makes their product with a query an unbiased estimate (Gao and Long, RaBitQ, arXiv
    /// 2405.12497, without its rotation): squared length over the sum of magnitudes.
    private func encodeSigns(_ vector: StoredVector, to place: UnsafeMutableRawPointer) -> Float {
        let bits = place.assumingMemoryBound(to: UInt8.self)
        for index in 0..<kind.bytes(dimension) { bits[index] = 0 }
        var (squares, magnitudes) = (0.0, 0.0)
        for index in 0..<dimension {
            let value = vector.fixed(index)
            if value >= 0 { bits[index / 8] |= 1 << UInt8(index % 8) }
            squares += Double(value) * Double(value)
            magnitudes += Double(abs(value))
        }
        return magnitudes > 0 ? Float(squares / magnitudes / 65_536 * Double(vector.scale)) : 0
    }
}

/// A query in the form that walks compare with codes: 8-bit integers for `int8` and `binary`, Float32 for `float16`.
struct QueryCode {
    let kind: CodeKind
    /// In no need of an owner: the vector of a node, or of a query that outlives the walk.
    let values: UnsafeRawPointer
    /// What products with a code of scale 1 are multiplied by.
    let factor: Float
    /// Whether the query itself is made of signs: products of signs tell angles, not cosines.
    var isSigns = false

    /// The product with one code, in the units of `multiply`.
    func product(_ block: UnsafeRawPointer, dimension: Int) -> Float {
        var row: UnsafeRawPointer? = CodeLayout.values(block)
        var (result, scratch) = (Float(0), Int32(0))
        multiply(&row, rows: 1, dimension: dimension, scratch: &scratch, into: &result)
        return result
    }

    /// Products with codes that lie anywhere.
    @inline(__always)
    func multiply(
        _ rows: UnsafePointer<UnsafeRawPointer?>, rows count: Int, dimension: Int, scratch: UnsafeMutablePointer<Int32>,
        into products: UnsafeMutablePointer<Float>
    ) {
        guard count > 0 else { return }
        let place = UnsafeRawPointer(rows)
        switch kind {
        case .int8:
            ck_dots_i8(values.assumingMemoryBound(to: Int8.self), place.assumingMemoryBound(to: UnsafePointer<Int8>?.self), count, dimension, scratch)
        case .binary:
            ck_dots_i8_signs(values.assumingMemoryBound(to: Int8.self), place.assumingMemoryBound(to: UnsafePointer<UInt8>?.self), count, dimension, scratch)
        case .float16:
            ck_dots_f32_f16(values.assumingMemoryBound(to: Float.self), place.assumingMemoryBound(to: UnsafePointer<UInt16>?.self), count, dimension, products)
            return
        }
        for index in 0..<count { products[index] = Float(scratch[index]) }
        if isSigns { for index in 0..<count { products[index] = Self.straightened(products[index], dimension) } }
    }

    /// The score of a node: of the order of the metric's scores, and the same for equal vectors.
    @inline(__always)
    func score(product: Float, _ block: UnsafeRawPointer) -> Float {
        product * CodeLayout.scale(block) * factor + CodeLayout.bias(block)
    }

    /// The share of equal signs is linear in the angle; its cosine is what products are compared with. By a series, so
    /// that it is the same on every machine.
    private static func straightened(_ product: Float, _ dimension: Int) -> Float {
        let n = Float(dimension)
        let x = Float.pi / 2 * product / n
        let y = x * x
        let sine = x * (1 - y / 6 * (1 - y / 20 * (1 - y / 42 * (1 - y / 72))))
        return 2 / Float.pi * n * sine
    }
}

/// Room for nodes' codes in the form of queries.
final class QueryScratch {
    private let layout: CodeLayout
    private let room: UnsafeMutableRawPointer

    init(_ layout: CodeLayout) {
        self.layout = layout
        room = .allocate(byteCount: 4 * layout.dimension, alignment: 64)
    }

    deinit { room.deallocate() }

    /// The query that a node's own code makes, until the next one is made.
    func query(_ block: UnsafeRawPointer, metric: Metric) -> QueryCode {
        let factor = CodeLayout.scale(block) * metric.productFactor
        let values = CodeLayout.values(block)
        switch layout.kind {
        case .int8:
            return QueryCode(kind: .int8, values: values, factor: factor)
        case .float16:
            ck_convert_f16_to_f32(values.assumingMemoryBound(to: UInt16.self), room.assumingMemoryBound(to: Float.self), layout.dimension)
            return QueryCode(kind: .float16, values: room, factor: factor)
        case .binary:
            let (bits, signs) = (values.assumingMemoryBound(to: UInt8.self), room.assumingMemoryBound(to: Int8.self))
            for index in 0..<layout.dimension { signs[index] = bits[index / 8] >> UInt8(index % 8) & 1 == 1 ? 1 : -1 }
            return QueryCode(kind: .binary, values: room, factor: factor, isSigns: true)
        }
    }
}
