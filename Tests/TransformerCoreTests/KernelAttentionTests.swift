import CKernels
import Testing

import TransformerCore

@Suite struct KernelAttentionTests {
    /// Of weighted means of values below 1, against sums in another order.
    private func tolerance(_ precision: ComputePrecision, _ isa: ck_isa) -> Float {
        // Weights and values with 8 significant bits where there are tiles: largest error over the root mean square.
        precision == .fast && isa == CK_ISA_AMX ? 0.03 : 1e-5
    }

    /// Cases: rows, position of the first, query heads, heads of keys and values, head dimension.
    private static let cases = [
        (1, 0, 4, 2, 64), (1, 62, 9, 3, 64), (1, 700, 2, 2, 32), (2, 17, 3, 1, 80), (7, 0, 4, 4, 32), (17, 63, 6, 2, 64),
        (63, 0, 2, 1, 16), (40, 500, 6, 2, 128), (150, 200, 3, 1, 64), (65, 3, 2, 2, 20),
    ]

    @Test(arguments: [TensorType.f32, .f16]) func causalEqualsItsTwin(type: TensorType) {
        var numbers = TestNumbers()
        for (rows, first, queryHeads, heads, dimension) in Self.cases {
            let capacity = first + rows + 5
            let width = queryHeads * dimension
            let stride = width + 2 * heads * dimension
            let bytes = heads * capacity * dimension * type.blockBytes
            let cache = KeyValueCacheView(
                keys: .allocate(byteCount: bytes, alignment: 64), values: .allocate(byteCount: bytes, alignment: 64),
                type: type, heads: heads, headDimension: dimension, capacity: capacity)
            defer {
                cache.keys.deallocate()
                cache.values.deallocate()
            }
            // What lies beyond the visible positions must not matter.
            cache.keys.initializeMemory(as: UInt8.self, repeating: 0xff, count: bytes)
            cache.values.initializeMemory(as: UInt8.self, repeating: 0xff, count: bytes)
            let past = numbers.floats(first * 2 * heads * dimension, scale: 2)
            let batch = numbers.floats(rows * stride, scale: 2)
            past.withUnsafeBufferPointer { past in
                guard let base = past.baseAddress, first > 0 else { return }
                cache.store(
                    keys: base, values: base + heads * dimension, rows: first, stride: 2 * heads * dimension, at: 0)
            }
            var expected: [Float] = []
            for precision in [ComputePrecision.exact, .fast] {
                let attention = Attention(
                    queryHeads: queryHeads, keyValueHeads: heads, headDimension: dimension, precision: precision)
                onEachInstructionSet { isa in
                    var output = [Float](repeating: .nan, count: rows * width)
                    batch.withUnsafeBufferPointer { batch in
                        guard let base = batch.baseAddress else { return }
                        cache.store(
                            keys: base + width, values: base + width + heads * dimension, rows: rows, stride: stride,
                            at: first)
                        attention.causal(
                            queries: base, stride: stride, rows: rows, first: first, cache: cache, into: &output, pool: nil)
                    }
                    if isa == CK_ISA_SCALAR, precision == .exact { expected = output }
                    #expect(relativeError(output, expected) < tolerance(precision, isa), "\(isa) \(rows) \(first) \(dimension)")
                }
            }
        }
    }

    @Test func bidirectionalEqualsItsTwin() {
        var numbers = TestNumbers()
        let offsets = [0, 1, 8, 8, 25, 88, 238, 771]
        for (queryHeads, heads, dimension) in [(12, 12, 32), (4, 2, 64), (3, 3, 20)] {
            let rows = offsets[offsets.count - 1]
            let x = numbers.floats(rows * (queryHeads + 2 * heads) * dimension, scale: 2)
            var expected: [Float] = []
            for precision in [ComputePrecision.exact, .fast] {
                let attention = Attention(
                    queryHeads: queryHeads, keyValueHeads: heads, headDimension: dimension, precision: precision)
                onEachInstructionSet { isa in
                    var output = [Float](repeating: .nan, count: rows * queryHeads * dimension)
                    attention.bidirectional(queriesKeysValues: x, offsets: offsets, into: &output, pool: nil)
                    if isa == CK_ISA_SCALAR, precision == .exact { expected = output }
                    #expect(relativeError(output, expected) < tolerance(precision, isa), "\(isa) \(dimension)")
                }
            }
        }
    }

    @Test func oneVisiblePositionReturnsItsValue() {
        let attention = Attention(queryHeads: 1, keyValueHeads: 1, headDimension: 32)
        var numbers = TestNumbers()
        let x = numbers.floats(96)
        var output = [Float](repeating: 0, count: 32)
        attention.bidirectional(queriesKeysValues: x, offsets: [0, 1], into: &output, pool: nil)
        #expect(relativeError(output, Array(x[64...])) < tolerance(.exact, CK_ISA_SCALAR))
    }
}
