import CKernels
import Testing

import TransformerCore

@Suite struct KernelVectorTests {
    /// Of sums of a thousand products in another order.
    private let sumTolerance: Float = 2e-6
    /// Of exponentials by polynomial.
    private let exponentialTolerance: Float = 2e-6

    @Test func dotProductsEqualTheirTwins() {
        var numbers = TestNumbers()
        for size in raggedSizes {
            let a = numbers.floats(size), b = numbers.floats(size)
            let halves = b.map { ck_f32_to_f16($0) }
            let exact = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            let exactHalf = zip(a, halves).reduce(0.0) { $0 + Double($1.0) * Double(ck_f16_to_f32($1.1)) }
            let distance = zip(a, b).reduce(0.0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
            let tolerance = Double(sumTolerance) * Double(size)
            onEachInstructionSet { isa in
                #expect(abs(Double(ck_dot_f32(a, b, size)) - exact) < tolerance, "\(isa) \(size)")
                #expect(abs(Double(ck_dot_f32_f16(a, halves, size)) - exactHalf) < tolerance, "\(isa) \(size)")
                #expect(abs(Double(ck_squared_distance_f32(a, b, size)) - distance) < tolerance, "\(isa) \(size)")
            }
        }
    }

    @Test func integerDistancesAreExact() {
        var numbers = TestNumbers()
        for size in raggedSizes + [384] {
            var a = numbers.bytes(size).map { Int8(bitPattern: $0) }
            var b = numbers.bytes(size).map { Int8(bitPattern: $0) }
            (a[0], b[0]) = (-128, -128)
            let dot = zip(a, b).reduce(0) { $0 + Int32($1.0) * Int32($1.1) }
            let x = numbers.bytes(size), y = numbers.bytes(size)
            let bits = zip(x, y).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
            onEachInstructionSet { isa in
                #expect(ck_dot_i8(a, b, size) == dot, "\(isa) \(size)")
                #expect(ck_hamming(x, y, size) == UInt32(bits), "\(isa) \(size)")
            }
        }
    }

    @Test func batchesEqualSingles() {
        var numbers = TestNumbers()
        let query = numbers.floats(63)
        let rows = (0..<17).map { _ in numbers.floats(63) }
        onEachInstructionSet { _ in
            var results = [Float](repeating: 0, count: rows.count)
            let copies = rows.map { row in
                let copy = UnsafeMutablePointer<Float>.allocate(capacity: row.count)
                copy.update(from: row, count: row.count)
                return copy
            }
            defer { copies.forEach { $0.deallocate() } }
            ck_dots_f32(query, copies.map { UnsafePointer($0) as UnsafePointer<Float>? }, rows.count, 63, &results)
            #expect(results == rows.map { ck_dot_f32(query, $0, 63) })
        }
    }

    @Test func quantisedVectorsAreWithinHalfAStep() {
        var numbers = TestNumbers()
        for size in raggedSizes {
            let values = numbers.floats(size, scale: 3)
            onEachInstructionSet { isa in
                var quantized = [Int8](repeating: 0, count: size)
                let scale = ck_quantize_i8(values, size, &quantized)
                #expect(zip(values, quantized).allSatisfy { abs($0 - Float($1) * scale) <= scale * 0.5001 }, "\(isa)")
                #expect(quantized.contains { abs($0) == 127 })
                #expect(ck_quantize_i8([Float](repeating: 0, count: size), size, &quantized) == 0)
                #expect(quantized.allSatisfy { $0 == 0 })
            }
        }
    }

    @Test func halfPrecisionRoundTrips() {
        let all = (0...UInt16.max).filter { $0 & 0x7c00 != 0x7c00 }
        onEachInstructionSet { isa in
            var floats = [Float](repeating: 0, count: all.count)
            var halves = [UInt16](repeating: 0, count: all.count)
            ck_convert_f16_to_f32(all, &floats, all.count)
            ck_convert_f32_to_f16(floats, &halves, all.count)
            #expect(halves == all, "\(isa)")
            #expect(floats[1] == 0x1p-24)
        }
        #expect(ck_f32_to_f16(65519) == 0x7bff)
        #expect(ck_f32_to_f16(65520) == 0x7c00)
        #expect(ck_f32_to_f16(-.infinity) == 0xfc00)
        #expect(ck_f16_to_f32(ck_f32_to_f16(.nan)).isNaN)
    }

    @Test func normsEqualTheirTwins() {
        var numbers = TestNumbers()
        for width in raggedSizes {
            let rows = 3
            let x = numbers.floats(rows * width, scale: 2), residual = numbers.floats(rows * width)
            let weight = numbers.floats(width), bias = numbers.floats(width)
            var expected: [[Float]] = []
            onEachInstructionSet { isa in
                var rms = x, layer = x, sum = x
                ck_rms_norm(x, rows, width, weight, 1e-5, &rms)
                ck_layer_norm(x, nil, rows, width, weight, bias, 1e-5, &layer)
                ck_layer_norm(x, residual, rows, width, weight, bias, 1e-5, &sum)
                if isa == CK_ISA_SCALAR { expected = [rms, layer, sum] }
                for (actual, expected) in zip([rms, layer, sum], expected) {
                    #expect(relativeError(actual, expected) < 1e-5, "\(isa) \(width)")
                }
            }
        }
    }

    @Test func theLargestIsFound() {
        var numbers = TestNumbers()
        for size in raggedSizes + [49_152] {
            let x = numbers.floats(size, scale: 12)
            var cases = [x, x.map { ($0 / 4).rounded() }, [Float](repeating: -.infinity, count: size)]
            for place in [0, size / 2, size - 1] {
                for value in [Float.nan, .infinity, -.infinity, 1000] {
                    cases.append(x)
                    cases[cases.count - 1][place] = value
                }
            }
            for x in cases {
                let isBad = x.contains { $0.isNaN || $0 == .infinity } || x.allSatisfy { $0 == -.infinity }
                let expected = isBad ? -1 : x.firstIndex(of: x.max() ?? 0) ?? -1
                onEachInstructionSet { isa in #expect(ck_largest(x, size) == expected, "\(isa) \(size)") }
            }
        }
    }

    @Test func activationsEqualTheirTwins() {
        var numbers = TestNumbers()
        for size in raggedSizes {
            var x = numbers.floats(size, scale: 12)
            x[0] = -80
            let up = numbers.floats(size)
            var expected: [[Float]] = []
            onEachInstructionSet { isa in
                var gelu = x, geluTanh = x, softmax = x, silu = x, sum = x
                ck_gelu(&gelu, size)
                ck_gelu_tanh(&geluTanh, size)
                ck_softmax(&softmax, size)
                ck_silu_multiply(x, up, &silu, size)
                ck_add_scaled(&sum, up, 0.3, size)
                let actual = [gelu, geluTanh, softmax, silu, sum]
                if isa == CK_ISA_SCALAR { expected = actual }
                for (index, (actual, expected)) in zip(actual, expected).enumerated() {
                    for (a, e) in zip(actual, expected) {
                        #expect(abs(a - e) <= exponentialTolerance * max(1, abs(e)), "\(isa) \(size) \(index)")
                    }
                }
            }
        }
    }

    @Test func dequantisedBlocksEqualTheirTwins() {
        var numbers = TestNumbers()
        for type in TensorType.allCases {
            let tensor = numbers.tensor(type, shape: [17, 32])
            var expected: [Float] = []
            onEachInstructionSet { isa in
                let values = tensor.floats() ?? []
                if isa == CK_ISA_SCALAR { expected = values }
                #expect(relativeError(values, expected) < 1e-6, "\(isa) \(type)")
            }
        }
    }

    @Test func blocksMeanWhatTheFormatSays() {
        // One block each: scale 2, minimum -3 for Q4_1; digit of element i is i % 16 in both halves.
        let scale = withUnsafeBytes(of: ck_f32_to_f16(2)) { [UInt8]($0) }
        let minimum = withUnsafeBytes(of: ck_f32_to_f16(-3)) { [UInt8]($0) }
        let nibbles = (0..<16).map { UInt8($0 | (15 - $0) << 4) }
        let digits = (0..<32).map { Float($0 < 16 ? $0 : 31 - $0) }
        let q40 = Tensor(bytes: scale + nibbles, shape: [32], type: .q4_0)
        let q41 = Tensor(bytes: scale + minimum + nibbles, shape: [32], type: .q4_1)
        let q80 = Tensor(bytes: scale + (0..<32).map { UInt8(bitPattern: Int8($0 - 16)) }, shape: [32], type: .q8_0)
        onEachInstructionSet { _ in
            #expect(q40.floats() == digits.map { ($0 - 8) * 2 })
            #expect(q41.floats() == digits.map { $0 * 2 - 3 })
            #expect(q80.floats() == (0..<32).map { Float($0 - 16) * 2 })
        }
    }

    @Test(arguments: [RotaryLayout.interleaved, .halfSplit]) func rotationsTurnPairs(layout: RotaryLayout) {
        var numbers = TestNumbers()
        for (dimension, rotary) in [(64, 64), (80, 20), (32, 32), (6, 6)] {
            let x = numbers.floats(2 * 3 * dimension)
            var expected = x
            for row in 0..<2 {
                for head in 0..<3 {
                    for pair in 0..<rotary / 2 {
                        let base = (row * 3 + head) * dimension
                        let first = base + (layout == .interleaved ? 2 * pair : pair)
                        let second = layout == .interleaved ? first + 1 : first + rotary / 2
                        let angle = Double(11 + row) * Double.pow(10000, -2 * Double(pair) / Double(rotary))
                        let (c, s) = (Float(Double.cosine(angle)), Float(Double.sine(angle)))
                        expected[first] = x[first] * c - x[second] * s
                        expected[second] = x[first] * s + x[second] * c
                    }
                }
            }
            onEachInstructionSet { isa in
                var rotation = RotaryEmbedding(headDimension: dimension, rotaryDimension: rotary, base: 10000, layout: layout)
                rotation.prepare(first: 11, rows: 2)
                var actual = x
                rotation.apply(&actual, rows: 2, heads: 3, stride: 3 * dimension, pool: nil)
                #expect(relativeError(actual, expected) < 1e-5, "\(isa) \(dimension)")
            }
        }
    }
}
