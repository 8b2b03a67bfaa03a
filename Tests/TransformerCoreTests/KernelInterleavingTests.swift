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
                guard let weights = Interleaved(tensor) else { continue }
                let (stored, interleaved) = (weights.few(x, rows, from: \.stored), weights.few(x, rows, from: \.interleaved))
                #expect(relativeError(interleaved, stored) < 2e-6, "\(rows) \(inputs) \(outputs)")
                // A row's product is the same, to the last bit, whatever stands beside it.
                let alone = weights.few(Array(x.suffix(inputs)), 1, from: \.interleaved)
                #expect(Array(interleaved.suffix(outputs)) == alone, "\(rows) \(inputs) \(outputs)")
            }
        }
    }

    @Test(arguments: types) func panelsAreThoseOfStoredWeights(type: TensorType) throws {
        var numbers = TestNumbers()
        for engine in [CK_ENGINE_Q8, CK_ENGINE_Q16] where ck_engine_available(engine) && ck_packs_interleaved(engine) {
            for (inputs, outputs) in Self.sizes where inputs % type.blockSize == 0 {
                guard let weights = Interleaved(numbers.tensor(type, shape: [outputs, inputs])) else { continue }
                let x = numbers.floats(19 * inputs)
                let stored = weights.many(x, 19, engine, from: \.stored)
                #expect(stored == weights.many(x, 19, engine, from: \.interleaved), "\(inputs) \(outputs)")
            }
        }
    }

    @Test func typesWithoutSuchAnOrderStayAsTheyAre() {
        for type in TensorType.allCases where !Self.types.contains(type) {
            #expect(ck_interleaved_bytes(CK_ENGINE_ROWS, type.kernel, 512) == 0)
        }
    }
}

/// A matrix in both orders.
private final class Interleaved {
    let stored: ck_weight
    private(set) var interleaved: ck_weight
    private let tensor: Tensor
    private let memory: UnsafeMutableRawPointer

    /// Nil where the machine has no such order.
    init?(_ tensor: Tensor) {
        self.tensor = tensor
        let (outputs, inputs) = (tensor.shape[0], tensor.shape[1])
        let bytes = ck_interleaved_bytes(CK_ENGINE_ROWS, tensor.type.kernel, inputs)
        guard bytes > 0 else { return nil }
        let sets = (outputs + 15) / 16
        memory = .allocate(byteCount: sets * bytes, alignment: 64)
        var weight = ck_weight(
            type: tensor.type.kernel, data: tensor.data.baseAddress, inputs: inputs, outputs: outputs, column: 0,
            panels: nil, interleaved: nil)
        stored = weight
        for set in 0..<sets { ck_interleave(CK_ENGINE_ROWS, &weight, set, memory + set * bytes) }
        weight.data = nil  // so that reading it is noticed
        weight.interleaved = UnsafeRawPointer(memory)
        interleaved = weight
    }

    deinit { memory.deallocate() }

    func few(_ x: [Float], _ rows: Int, from weight: KeyPath<Interleaved, ck_weight>) -> [Float] {
        product(x, rows, CK_ENGINE_ROWS) { [self] activations, finish in
            var weight = self[keyPath: weight]
            ck_multiply_rows(CK_ENGINE_ROWS, &weight, nil, 0, weight.outputs, activations, rows, finish)
        }
    }

    func many(_ x: [Float], _ rows: Int, _ engine: ck_engine, from weight: KeyPath<Interleaved, ck_weight>) -> [Float] {
        product(x, rows, engine) { [self] activations, finish in
            var weight = self[keyPath: weight]
            let width = ck_panel_outputs(engine)
            for panel in 0..<(weight.outputs + width - 1) / width {
                ck_multiply_panel(engine, &weight, nil, panel, activations, 0, rows, finish)
            }
        }
    }

    private func product(
        _ x: [Float], _ rows: Int, _ engine: ck_engine,
        _ multiply: (UnsafeRawPointer, UnsafePointer<ck_finish>) -> Void
    ) -> [Float] {
        let activations = UnsafeMutableRawPointer.allocate(
            byteCount: ck_activation_bytes(engine, rows, stored.inputs), alignment: 64)
        defer { activations.deallocate() }
        ck_pack_activations(engine, x, 0, rows, stored.inputs, activations)
        var output = [Float](repeating: .nan, count: rows * stored.outputs)
        output.withUnsafeMutableBufferPointer {
            var finish = ck_finish(
                epilogue: CK_STORE, bias: nil, gatedOffset: 0, output: $0.baseAddress, stride: stored.outputs)
            multiply(activations, &finish)
        }
        return output
    }
}

extension TensorType {
    /// The kernels' number, which is GGML's, too.
    fileprivate var kernel: ck_type { ck_type(rawValue: rawValue) }
}
