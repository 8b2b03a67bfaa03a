import CKernels
import Testing

import TransformerCore

@Suite struct LinearTests {
    /// Largest difference over the root mean square of the results: sums of a thousand products in another order.
    private let exactTolerance: Float = 1e-5
    /// Both factors rounded to 8 significant bits: 2^-9 each, averaged over the sum, times the largest of thousands.
    private let bfloatTolerance: Float = 0.02

    /// Activations rounded to 1/254 of the largest in their block of 32, likewise; weights, too, for `int8`.
    private let byteTolerance: Float = 0.05

    /// A few rows of quantised weights: activations rounded to 1/65,024 of the largest in their block of 32.
    private let wordTolerance: Float = 2e-4

    /// Largest difference over what a sum of that many products of such factors is like: one of them alone may be next
    /// to nothing.
    private func error(_ output: [Float], _ expected: [Float], _ x: [Float], _ weight: [Float], width: Int) -> Float {
        let typical = (meanSquare(x) * meanSquare(weight) * Float(width)).squareRoot()
        let size = meanSquare(expected).squareRoot()
        return relativeError(output, expected) * size / max(size, typical)
    }

    private func meanSquare(_ values: [Float]) -> Float {
        values.reduce(0) { $0 + $1 * $1 } / Float(max(1, values.count))
    }

    private func tolerance(_ precision: ComputePrecision, _ isa: ck_isa, _ type: TensorType, rows: Int) -> Float {
        if precision == .exact { return exactTolerance }
        let quantised = type.blockSize > 1
        let words = isa == CK_ISA_AVX512VNNI || isa.rawValue < CK_ISA_AVX2.rawValue
        // Beside weights of so few bits, outliers alone have 16.
        if quantised, isa == CK_ISA_AVX512VNNI, type.blockBytes * 8 <= type.blockSize * 6 { return byteTolerance }
        if quantised, rows < 16 || precision == .fast && words { return wordTolerance }
        if precision == .int8 || quantised { return byteTolerance }
        return isa.rawValue < CK_ISA_AMX.rawValue ? exactTolerance : bfloatTolerance
    }

    /// By the plain loop.
    private func expected(_ x: [Float], rows: Int, _ weight: [Float], outputs: Int, bias: [Float]?) -> [Float] {
        let inputs = x.count / rows
        return (0..<rows * outputs).map { index in
            let (row, output) = (index / outputs, index % outputs)
            var sum: Float = bias?[output] ?? 0
            for k in 0..<inputs { sum += x[row * inputs + k] * weight[output * inputs + k] }
            return sum
        }
    }

    @Test(arguments: TensorType.allCases) func everyTypeAndSizeEqualsThePlainLoop(type: TensorType) throws {
        var numbers = TestNumbers()
        let block = type.blockSize
        for (inputs, outputs) in [(1, 1), (7, 17), (63, 63), (1023, 7), (17, 1023), (160, 5), (576, 33)] {
            let width = (inputs + block - 1) / block * block
            let weight = numbers.tensor(type, shape: [outputs, width])
            let bias = numbers.floats(outputs)
            let values = weight.floats() ?? []
            for rows in [1, 2, 3, 7, 17, 63] {
                let x = numbers.floats(rows * width)
                let expected = expected(x, rows: rows, values, outputs: outputs, bias: bias)
                try onEachInstructionSet { isa in
                    for precision in [ComputePrecision.exact, .fast, .int8] {
                        for packed in [false, true] {
                            let layer = try Linear(weight, bias: Tensor(bias), precision: precision, packed: packed)
                            var output = [Float](repeating: .nan, count: rows * outputs)
                            layer.apply(x, rows: rows, into: &output, pool: nil)
                            #expect(
                                error(output, expected, x, values, width: width)
                                    < tolerance(precision, isa, type, rows: rows),
                                "\(isa) \(precision) \(rows) \(width) \(outputs)")
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: [1, 5, 40]) func epiloguesFollowTheProduct(rows: Int) throws {
        var numbers = TestNumbers()
        let first = numbers.tensor(.q4_1, shape: [70, 96]), second = numbers.tensor(.q8_0, shape: [70, 96])
        let biases = [numbers.floats(70), numbers.floats(70)]
        let x = numbers.floats(rows * 96)
        try onEachInstructionSet { isa in
            let layer = try Linear([first, second], biases: biases.map { Tensor($0) }, precision: .exact)
            var product = [Float](repeating: .nan, count: rows * 140)
            layer.apply(x, rows: rows, into: &product, pool: nil)
            for epilogue in [Epilogue.store, .add, .gelu, .geluTanh, .siluGate] {
                let width = layer.outputWidth(epilogue)
                let before = numbers.floats(rows * width)
                var output = before
                layer.apply(x, rows: rows, into: &output, epilogue: epilogue, pool: nil)
                var wanted = product
                switch epilogue {
                case .store: break
                case .add: for i in wanted.indices { wanted[i] += before[i] }
                case .gelu: ck_gelu(&wanted, wanted.count)
                case .geluTanh: ck_gelu_tanh(&wanted, wanted.count)
                case .siluGate:
                    wanted = (0..<rows).flatMap { row in
                        var gated = [Float](repeating: 0, count: 70)
                        ck_silu_multiply(
                            Array(product[row * 140..<row * 140 + 70]), Array(product[row * 140 + 70..<row * 140 + 140]),
                            &gated, 70)
                        return gated
                    }
                }
                #expect(relativeError(output, wanted) < 1e-5, "\(isa) \(epilogue)")
            }
        }
    }

    @Test func threadsDoNotChangeResults() throws {
        var numbers = TestNumbers()
        let layer = try Linear([numbers.tensor(.q4_1, shape: [200, 96]), numbers.tensor(.f16, shape: [33, 96])])
        let pool = ComputePool(threads: 3)
        for rows in [1, 7, 100] {
            let x = numbers.floats(rows * 96)
            var alone = [Float](repeating: 0, count: rows * 233)
            var together = alone
            layer.apply(x, rows: rows, into: &alone, pool: nil)
            layer.apply(x, rows: rows, into: &together, pool: pool)
            #expect(alone == together)
        }
    }

    @Test func wrongShapesAreRefused() {
        var numbers = TestNumbers()
        let weight = numbers.tensor(.f32, shape: [4, 8])
        #expect(throws: LinearError.self) { try Linear(numbers.tensor(.f32, shape: [8])) }
        #expect(throws: LinearError.self) { try Linear([weight, numbers.tensor(.f32, shape: [4, 9])]) }
        #expect(throws: LinearError.self) { try Linear(weight, bias: Tensor([1, 2, 3])) }
        #expect(throws: LinearError.self) { try Linear([]) }
        #expect(throws: LinearError.self) {
            try Linear(Tensor(bytes: [0, 0], shape: [4, 8], type: .f32))
        }
        #expect(throws: LinearError.self) { try Linear(Tensor(bytes: [0, 0], shape: [1, 33], type: .q8_0)) }
    }
}
