internal import CKernels

/// A dense layer of a decoder, to which the sequences of a batch may add adapters of their own.
struct Projection: Sendable {
    /// A matrix of the layer, and which rows of the stored tensor it is.
    private struct Part: Sendable {
        let tensor: String
        let firstRow: Int
        /// Its outputs in a row of the product.
        let columns: Range<Int>
    }

    private let linear: Linear
    private let parts: [Part]

    var inputs: Int { linear.inputs }
    var outputs: Int { linear.outputs }

    /// - Parameters:
    ///   - weights: matrices `[outputs, inputs]` with the same number of inputs.
    ///   - biases: one vector for each matrix, or nil where it has none.
    ///   - firstRows: where each matrix begins in the tensor of its name, for layers made of slices.
    init(
        _ weights: [Tensor], biases: [Tensor?] = [], firstRows: [Int] = [], precision: ComputePrecision
    ) throws(LinearError) {
        linear = try Linear(weights, biases: biases, precision: precision)
        var column = 0
        var parts: [Part] = []
        for (index, weight) in weights.enumerated() {
            let height = weight.shape[0]
            parts.append(
                Part(
                    tensor: weight.name, firstRow: firstRows.indices.contains(index) ? firstRows[index] : 0,
                    columns: column..<column + height))
            column += height
        }
        self.parts = parts
    }

    /// `[rows, inputs]` to `[rows, outputs]`, half of that for `.siluGate`; must not overlap.
    func apply(
        _ x: UnsafePointer<Float>, batch: DecoderBatch, into output: UnsafeMutablePointer<Float>,
        epilogue: Epilogue = .store
    ) {
        guard batch.hasAdapters else {
            return linear.apply(x, rows: batch.rows, into: output, epilogue: epilogue, pool: batch.pool)
        }
        // Additions belong before the epilogue.
        let product = batch.workspace.adapted.reserve(batch.rows * outputs)
        linear.apply(x, rows: batch.rows, into: product, pool: batch.pool)
        for span in batch.spans {
            for applied in span.state.adapters {
                for part in parts {
                    applied.add(
                        to: part.tensor, firstRow: part.firstRow, x + span.rows.lowerBound * inputs,
                        rows: span.rows.count,
                        into: product + span.rows.lowerBound * outputs + part.columns.lowerBound,
                        columns: part.columns.count, stride: outputs, pool: batch.pool)
                }
            }
        }
        finish(product, rows: batch.rows, into: output, epilogue: epilogue)
    }

    private func finish(
        _ product: UnsafeMutablePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>, epilogue: Epilogue
    ) {
        let count = rows * outputs
        switch epilogue {
        case .add: ck_add(output, product, count)
        case .store: output.update(from: product, count: count)
        case .gelu:
            ck_gelu(product, count)
            output.update(from: product, count: count)
        case .geluTanh:
            ck_gelu_tanh(product, count)
            output.update(from: product, count: count)
        case .siluGate:
            let half = outputs / 2
            for row in 0..<rows {
                let gate = product + row * outputs
                ck_silu_multiply(gate, gate + half, output + row * half, half)
            }
        }
    }
}
