internal import CKernels

/// How much exactness a product may give up for speed.
package enum ComputePrecision: Sendable {
    /// Weights as stored, arithmetic in single precision.
    case exact
    /// The fastest that this machine has without a loss that shows in results: 16-bit products of full-precision
    /// weights where the hardware has them, 8-bit activations against weights that are quantised already.
    case fast
    /// Full-precision weights rounded to 8 bits, too.
    case int8
}

/// What happens to each product before it is stored.
package enum Epilogue: Sendable {
    /// output = product
    case store
    /// output += product
    case add
    /// output = gelu(product), by erf
    case gelu
    /// output = gelu(product), by tanh
    case geluTanh
    /// For a layer of two stacked matrices of the same height, gate and up: output = silu(gate) * up
    case siluGate
}

/// Why a layer cannot be made from a tensor.
package struct LinearError: Error, CustomStringConvertible, Equatable {
    package let tensor: String
    package let problem: String

    package var description: String {
        "Tensor \(tensor) \(problem). The model file is damaged or of an architecture that is not supported."
    }
}

/// A dense layer, y = W x + b, of one or several weight matrices that share their input (query, key and value; gate and
/// up): their outputs lie side by side in each output row.
package final class Linear: @unchecked Sendable {  // sound: nothing changes after init but caches behind a lock
    /// Width of an input row.
    package let inputs: Int
    /// Width of the product: the sum of the matrices' heights.
    package let outputs: Int
    package let precision: ComputePrecision

    private struct Part {
        let weight: Tensor
        let type: ck_type
        /// Where this matrix's outputs begin in a row.
        let offset: Int
        let outputs: Int
    }
    private let parts: [Part]
    private let bias: [Float]?

    /// - Parameters:
    ///   - weights: matrices `[outputs, inputs]` with the same number of inputs, of any types.
    ///   - biases: one vector `[outputs]` for each matrix, or nil where it has none.
    /// - Throws: `LinearError` when shapes do not fit together.
    package init(
        _ weights: [Tensor], biases: [Tensor?] = [], precision: ComputePrecision = .fast
    ) throws(LinearError) {
        guard let first = weights.first, first.shape.count == 2 else {
            throw LinearError(tensor: weights.first?.name ?? "(none)", problem: "is not a matrix")
        }
        var parts: [Part] = []
        var bias: [Float] = []
        var hasBias = false
        for (index, weight) in weights.enumerated() {
            guard weight.shape.count == 2, weight.shape[1] == first.shape[1] else {
                throw LinearError(tensor: weight.name, problem: "has the shape \(weight.shape), not [*, \(first.shape[1])]")
            }
            let height = weight.shape[0]
            guard weight.shape[1] % weight.type.blockSize == 0,
                weight.data.count >= weight.elementCount / weight.type.blockSize * weight.type.blockBytes
            else { throw LinearError(tensor: weight.name, problem: "is shorter than its shape \(weight.shape)") }
            parts.append(Part(weight: weight, type: weight.type.kernelType, offset: bias.count, outputs: height))
            if index < biases.count, let vector = biases[index] {
                guard vector.elementCount == height, let values = vector.floats() else {
                    throw LinearError(tensor: vector.name, problem: "has the shape \(vector.shape), not [\(height)]")
                }
                bias += values
                hasBias = true
            } else {
                bias += [Float](repeating: 0, count: height)
            }
        }
        self.inputs = first.shape[1]
        self.outputs = bias.count
        self.precision = precision
        self.parts = parts
        self.bias = hasBias ? bias : nil
    }

    /// A layer of one matrix.
    package convenience init(
        _ weight: Tensor, bias: Tensor? = nil, precision: ComputePrecision = .fast
    ) throws(LinearError) {
        try self.init([weight], biases: [bias], precision: precision)
    }

    /// Width of an output row after the epilogue: half of `outputs` for `siluGate`.
    package func outputWidth(_ epilogue: Epilogue = .store) -> Int {
        epilogue == .siluGate ? outputs / 2 : outputs
    }

    /// Applies the layer to `rows` contiguous rows.
    ///
    /// - Parameters:
    ///   - input: `[rows, inputs]`; must not overlap `output`.
    ///   - output: `[rows, outputWidth(epilogue)]`
    ///   - pool: spreads the work over its threads; nil computes on the calling thread, as for callers that spread
    ///     whole sequences instead.
    package func apply(
        _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>,
        epilogue: Epilogue = .store, pool: ComputePool?
    ) {
        let product = UnsafeMutablePointer<Float>.allocate(capacity: rows * outputs)
        defer { product.deallocate() }
        for part in parts {
            let body = { (range: Range<Int>) in
                ck_matmul_plain(
                    input, rows, self.inputs, part.type, part.weight.data.baseAddress, range.lowerBound,
                    range.upperBound, product + part.offset, self.outputs)
            }
            if let pool { pool.parallel(part.outputs, grain: 32, body) } else { body(0..<part.outputs) }
        }
        for row in 0..<rows {
            let values = product + row * outputs
            if let bias { ck_add(values, bias, outputs) }
            let width = outputWidth(epilogue)
            let target = output + row * width
            switch epilogue {
            case .store: break
            case .add: ck_add(target, values, width); continue
            case .gelu: ck_gelu(values, width)
            case .geluTanh: ck_gelu_tanh(values, width)
            case .siluGate: ck_silu_multiply(values, values + width, target, width); continue
            }
            target.update(from: values, count: width)
        }
    }
}
