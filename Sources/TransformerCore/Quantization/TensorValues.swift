internal import CKernels

extension TensorType {
    /// The same type as the kernels name it.
    var kernelType: ck_type {
        switch self {
        case .f32: CK_F32
        case .f16: CK_F16
        case .bf16: CK_BF16
        case .q4_0: CK_Q4_0
        case .q4_1: CK_Q4_1
        case .q5_0: CK_Q5_0
        case .q5_1: CK_Q5_1
        case .q8_0: CK_Q8_0
        case .q2_k: CK_Q2_K
        case .q3_k: CK_Q3_K
        case .q4_k: CK_Q4_K
        case .q5_k: CK_Q5_K
        case .q6_k: CK_Q6_K
        case .iq4_nl: CK_IQ4_NL
        case .iq4_xs: CK_IQ4_XS
        }
    }

    /// Bytes that `count` elements take, a multiple of the block size.
    package func bytes(for count: Int) -> Int { count / blockSize * blockBytes }
}

extension Tensor {
    /// All elements as floats, or nil when the data are shorter than the shape says. For small vectors such as norms.
    package func floats() -> [Float]? {
        guard elementCount % type.blockSize == 0, data.count >= type.bytes(for: elementCount) else { return nil }
        return [Float](unsafeUninitializedCapacity: elementCount) { buffer, count in
            // `data` does not keep its memory by itself.
            withExtendedLifetime(owner) {
                if let target = buffer.baseAddress, let source = data.baseAddress {
                    ck_dequantize(type.kernelType, source, target, elementCount)
                }
            }
            count = elementCount
        }
    }
}

extension Tensor {
    /// Whether this is a whole matrix of full-precision weights in rows of whole blocks.
    var isRoundable: Bool {
        shape.count == 2 && type.blockSize == 1 && shape[1] % TensorType.q8_0.blockSize == 0
            && data.count >= type.bytes(for: elementCount)
    }

    /// The same matrix with each block of 32 weights rounded to 8 bits. It must be roundable.
    func roundedToQ8() -> Tensor {
        let storage = AlignedBytes(byteCount: TensorType.q8_0.bytes(for: elementCount))
        let rowElements = shape.last ?? 0
        var row = [Float](repeating: 0, count: rowElements)
        // `data` does not keep its memory by itself.
        withExtendedLifetime(owner) {
            guard let source = data.baseAddress, let target = storage.memory.baseAddress, rowElements > 0 else { return }
            for index in 0..<elementCount / rowElements {
                ck_dequantize(type.kernelType, source + index * type.bytes(for: rowElements), &row, rowElements)
                ck_quantize_q8_0(row, target + index * TensorType.q8_0.bytes(for: rowElements), rowElements)
            }
        }
        return Tensor(
            name: name, shape: shape, type: .q8_0, data: storage.bytes, owner: storage)
    }
}

/// Rows of a table, as floats: the lookup of token embeddings, from weights of any type.
package struct EmbeddingTable: Sendable {
    package let rows: Int
    package let width: Int
    private let tensor: Tensor

    /// - Parameter tensor: `[rows, width]`
    /// - Throws: `LinearError` when it is no matrix or its data are too short.
    package init(_ tensor: Tensor) throws(LinearError) {
        guard tensor.shape.count == 2, tensor.shape[1] % tensor.type.blockSize == 0,
            tensor.data.count >= tensor.type.bytes(for: tensor.elementCount)
        else { throw LinearError(tensor: tensor.name, problem: "of shape \(tensor.shape) is not a whole table of rows") }
        self.tensor = tensor
        rows = tensor.shape[0]
        width = tensor.shape[1]
    }

    /// Gives back memory of a mapped file: a prompt's tokens lie all over the table, and the system maps what lies around them,
    /// too.
    package func releasePages() { tensor.releasePages() }

    /// Writes row `index` to `output`, `[width]`; zeros when there is no such row.
    package func copyRow(_ index: Int, to output: UnsafeMutablePointer<Float>) {
        guard index >= 0, index < rows, let base = tensor.data.baseAddress else {
            output.update(repeating: 0, count: width)
            return
        }
        ck_dequantize(tensor.type.kernelType, base + index * tensor.type.bytes(for: width), output, width)
    }
}
