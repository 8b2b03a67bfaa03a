import CKernels
import Testing

import TransformerCore

/// Interleaved weights against the same weights as stored, where the machine knows that order.
@Suite struct KernelInterleavingTests {
    private static let types: [TensorType] = [.q4_0, .q4_1, .q8_0, .q4_k, .q6_k]

    /// Outputs that fill a set, do not, and fill half a panel; inputs of whole and of cut chunks.
    private static let sizes = [(inputs: 256, outputs: 16), (768, 33), (1280, 70), (160, 17), (576, 48)]

    @Test(arguments: types) func productsOfAFewRowsEqualThoseOfStoredWeights(type: TensorType) throws {
        guard ck_engine_available(CK_ENGINE_ROWS) else { return }
        var numbers = TestNumbers()
        for (inputs, outputs) in Self.sizes where inputs % type.blockSize == 0 {
            let tensor = numbers.tensor(type, shape: [outputs, inputs])
            for rows in [1, 2, 3, 5, 7, 8, 9, 15] {
                let x = numbers.floats(rows * inputs)
                guard let weights = Interleaved(interleaving: tensor) else { continue }
                let (stored, interleaved) = (StoredWeights(tensor).few(x, rows), weights.few(x, rows))
                #expect(relativeError(interleaved, stored) < 2e-6, "\(rows) \(inputs) \(outputs)")
                // A row's product is the same, to the last bit, whatever stands beside it.
                let alone = weights.few(Array(x.suffix(inputs)), 1)
                #expect(Array(interleaved.suffix(outputs)) == alone, "\(rows) \(inputs) \(outputs)")
            }
        }
    }

    @Test(arguments: types) func panelsAreThoseOfStoredWeights(type: TensorType) throws {
        var numbers = TestNumbers()
        for engine in [CK_ENGINE_Q8, CK_ENGINE_Q16] where ck_engine_available(engine) && ck_packs_interleaved(engine) {
            for (inputs, outputs) in Self.sizes where inputs % type.blockSize == 0 {
                let tensor = numbers.tensor(type, shape: [outputs, inputs])
                guard let weights = Interleaved(interleaving: tensor) else { continue }
                let x = numbers.floats(19 * inputs)
                #expect(StoredWeights(tensor).many(x, 19, engine) == weights.many(x, 19, engine), "\(inputs) \(outputs)")
            }
        }
    }

    /// What `ck_pack_activations` promises, by the plain loop over rounded numbers.
    @Test(arguments: TensorType.allCases.filter { $0.blockSize > 1 })
    func blocksWithOutliersAloneHaveTwoDigits(type: TensorType) throws {
        var numbers = TestNumbers()
        for (inputs, outputs) in Self.sizes where inputs % type.blockSize == 0 {
            let tensor = numbers.tensor(type, shape: [outputs, inputs])
            let x = Self.rowsWithOutliers(19, inputs, &numbers)
            let (weights, values) = (StoredWeights(tensor), try #require(tensor.floats()))
            onEachInstructionSet { isa in
                guard isa == CK_ISA_AVX512VNNI || isa == CK_ISA_AVX2 else { return }
                // AVX2 has other digits, and fewer of them.
                let (outliers, second): (Float, Float) = isa == CK_ISA_AVX2 ? (6, 254) : (3, 256)
                let expected = Self.product(Self.rounded(x, inputs, outliers, second: second), inputs, values)
                let many = weights.many(x, 19, CK_ENGINE_Q16, outliers: outliers)
                #expect(relativeError(many, expected) < 1e-5, "\(isa) \(inputs) \(outputs)")
                guard isa != CK_ISA_AVX2 else { return }
                #expect(relativeError(weights.few(x, 19, outliers: outliers), expected) < 1e-5, "\(isa) \(inputs) \(outputs)")
            }
        }
    }

    /// Rows whose second digits lie in other blocks change nothing.
    @Test(arguments: types) func outliersOfOtherRowsChangeNothing(type: TensorType) throws {
        guard ck_engine_available(CK_ENGINE_ROWS) else { return }
        var numbers = TestNumbers()
        for (inputs, outputs) in [(2304, 33), (256, 16)] {
            let weights = StoredWeights(numbers.tensor(type, shape: [outputs, inputs]))
            let interleaved = Interleaved(interleaving: weights.tensor)
            let x = Self.rowsWithOutliers(8, inputs, &numbers)
            for row in 0..<8 {
                let own = Array(x[row * inputs..<(row + 1) * inputs])
                let part = row * outputs..<(row + 1) * outputs
                #expect(weights.few(own, 1, outliers: 3) == Array(weights.few(x, 8, outliers: 3)[part]))
                guard let interleaved else { continue }
                #expect(interleaved.few(own, 1, outliers: 3) == Array(interleaved.few(x, 8, outliers: 3)[part]))
            }
        }
    }

    /// Rows of which each has a few large numbers, some of them in the same places.
    private static func rowsWithOutliers(_ rows: Int, _ inputs: Int, _ numbers: inout TestNumbers) -> [Float] {
        var x = numbers.floats(rows * inputs)
        for row in 0..<rows {
            x[row * inputs + 5] *= 40
            for _ in 0..<2 { x[row * inputs + Int(numbers.bits() % UInt64(inputs))] *= 20 }
        }
        return x
    }

    /// Rounded to 16 bits in blocks of 32 that reach beyond `outliers` times the root mean square of their row, else to 8.
    ///
    /// - Parameter second: what the first digit is worth, of the second.
    private static func rounded(_ x: [Float], _ inputs: Int, _ outliers: Float, second: Float) -> [Float] {
        stride(from: 0, to: x.count, by: 32).flatMap { start -> [Float] in
            let row = x[start / inputs * inputs..<(start / inputs + 1) * inputs]
            let most = outliers * (row.reduce(0) { $0 + $1 * $1 } / Float(inputs)).squareRoot()
            let largest = x[start..<start + 32].reduce(0) { max($0, abs($1)) }
            let steps: Float = largest > most ? 127 * second : 127
            return x[start..<start + 32].map { ($0 * (steps / largest)).rounded(.toNearestOrEven) * largest / steps }
        }
    }

    private static func product(_ x: [Float], _ inputs: Int, _ weight: [Float]) -> [Float] {
        let outputs = weight.count / inputs
        return (0..<x.count / inputs * outputs).map { index in
            let (row, output) = (index / outputs, index % outputs)
            return Float((0..<inputs).reduce(0.0) { $0 + Double(x[row * inputs + $1]) * Double(weight[output * inputs + $1]) })
        }
    }

    @Test func typesWithoutSuchAnOrderStayAsTheyAre() {
        for type in TensorType.allCases where !Self.types.contains(type) {
            #expect(ck_interleaved_bytes(CK_ENGINE_ROWS, type.kernel, 512) == 0)
        }
    }
}

/// A matrix as stored.
private class StoredWeights {
    let tensor: Tensor
    fileprivate(set) var weight: ck_weight
    private let inputs: Int
    private let outputs: Int

    init(_ tensor: Tensor) {
        self.tensor = tensor
        (outputs, inputs) = (tensor.shape[0], tensor.shape[1])
        weight = ck_weight(
            type: tensor.type.kernel, data: tensor.data.baseAddress, inputs: inputs, outputs: outputs, column: 0,
            panels: nil, interleaved: nil)
    }

    func few(_ x: [Float], _ rows: Int, outliers: Float = 0) -> [Float] {
        product(x, rows, CK_ENGINE_ROWS, outliers) { [self] activations, finish in
            ck_multiply_rows(CK_ENGINE_ROWS, &weight, nil, 0, outputs, activations, rows, finish)
        }
    }

    func many(_ x: [Float], _ rows: Int, _ engine: ck_engine, outliers: Float = 0) -> [Float] {
        product(x, rows, engine, outliers) { [self] activations, finish in
            let width = ck_panel_outputs(engine)
            for panel in 0..<(outputs + width - 1) / width {
                ck_multiply_panel(engine, &weight, nil, panel, activations, 0, rows, finish)
            }
        }
    }

    private func product(
        _ x: [Float], _ rows: Int, _ engine: ck_engine, _ outliers: Float,
        _ multiply: (UnsafeRawPointer, UnsafePointer<ck_finish>) -> Void
    ) -> [Float] {
        let activations = UnsafeMutableRawPointer.allocate(
            byteCount: ck_activation_bytes(engine, rows, inputs), alignment: 64)
        defer { activations.deallocate() }
        ck_pack_activations(engine, x, 0, rows, inputs, outliers, activations)
        var output = [Float](repeating: .nan, count: rows * outputs)
        output.withUnsafeMutableBufferPointer {
            var finish = ck_finish(
                epilogue: CK_STORE, bias: nil, gatedOffset: 0, output: $0.baseAddress, stride: outputs)
            multiply(activations, &finish)
        }
        return output
    }
}

/// The same, interleaved.
private final class Interleaved: StoredWeights {
    private let memory: UnsafeMutableRawPointer

    /// Nil where the machine has no such order.
    init?(interleaving tensor: Tensor) {
        let bytes = ck_interleaved_bytes(CK_ENGINE_ROWS, tensor.type.kernel, tensor.shape[1])
        guard bytes > 0 else { return nil }
        let sets = (tensor.shape[0] + 15) / 16
        memory = .allocate(byteCount: sets * bytes, alignment: 64)
        super.init(tensor)
        for set in 0..<sets { ck_interleave(CK_ENGINE_ROWS, &weight, set, memory + set * bytes) }
        weight.data = nil  // so that reading it is noticed
        weight.interleaved = UnsafeRawPointer(memory)
    }

    deinit { memory.deallocate() }
}

extension TensorType {
    /// The kernels' number, which is GGML's, too.
    fileprivate var kernel: ck_type { ck_type(rawValue: rawValue) }
}
