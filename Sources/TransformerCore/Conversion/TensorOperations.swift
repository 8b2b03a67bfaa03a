internal import CKernels

/// What conversion does to tensors of plain numbers. Each returns a new tensor in memory of its own.
extension Tensor {
    private func made(shape: [Int], type: TensorType, _ fill: (UnsafeMutableRawBufferPointer) -> Void) -> Tensor {
        let storage = AlignedBytes(byteCount: type.bytes(for: shape.reduce(1, *)))
        // `data` does not keep its memory by itself.
        withExtendedLifetime(owner) { fill(storage.memory) }
        return Tensor(name: name, shape: shape, type: type, data: storage.bytes, owner: storage)
    }

    /// Rows (elements of a vector) in another order: row i of the result is row `order[i]` of this. Rows may be left out.
    func reordered(_ order: [Int]) -> Tensor {
        let rowShape = Array(shape.dropFirst())
        let bytes = type.bytes(for: rowShape.reduce(1, *))
        return made(shape: [order.count] + rowShape, type: type) { target in
            for (index, row) in order.enumerated() {
                UnsafeMutableRawBufferPointer(rebasing: target[index * bytes..<(index + 1) * bytes])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: data[row * bytes..<(row + 1) * bytes]))
            }
        }
    }

    /// Queries or keys whose halves are turned together, so that neighbours are: what GGUF files of Llama hold.
    func withNeighboursTurned(heads: Int) -> Tensor {
        let size = shape[0] / heads
        return reordered(
            (0..<heads).flatMap { head in (0..<size).map { head * size + $0 % 2 * (size / 2) + $0 / 2 } })
    }

    /// A matrix turned over: `[rows, columns]` to `[columns, rows]`.
    func transposed() -> Tensor {
        let (rows, columns, size) = (shape[0], shape[1], type.blockBytes)
        return made(shape: [columns, rows], type: type) { target in
            for row in 0..<rows {
                for column in 0..<columns {
                    let (from, to) = ((row * columns + column) * size, (column * rows + row) * size)
                    for byte in 0..<size { target[to + byte] = data[from + byte] }
                }
            }
        }
    }

    /// The same numbers in another type of plain numbers.
    func converted(to target: TensorType) -> Tensor {
        guard target != type, let values = floats() else { return self }
        return values.withUnsafeBufferPointer { values in
            made(shape: shape, type: target) { memory in
                guard let source = values.baseAddress, let base = memory.baseAddress else { return }
                switch target {
                case .f16: ck_convert_f32_to_f16(source, base.assumingMemoryBound(to: UInt16.self), values.count)
                case .bf16:
                    for index in values.indices {
                        base.storeBytes(of: Self.bfloat16(values[index]), toByteOffset: 2 * index, as: UInt16.self)
                    }
                default: base.copyMemory(from: source, byteCount: values.count * MemoryLayout<Float>.stride)
                }
            }
        }
    }

    /// The upper half of a float, rounded to nearest even.
    private static func bfloat16(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        guard !value.isNaN else { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
        return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
    }

    /// Each element plus one, in single precision: Gemma's norms are stored as what they differ from 1.
    func plusOne() -> Tensor {
        let tensor = converted(to: .f32)
        guard let values = tensor.floats() else { return tensor }
        return Tensor(name: name, shape: shape, floats: values.map { $0 + 1 })
    }

    /// Vectors or matrices of the same shape and type, one behind the other.
    static func stacked(_ tensors: [Tensor]) -> Tensor {
        let first = tensors[0]
        let bytes = first.type.bytes(for: first.elementCount)
        return first.made(shape: [tensors.count] + first.shape, type: first.type) { target in
            for (index, tensor) in tensors.enumerated() {
                UnsafeMutableRawBufferPointer(rebasing: target[index * bytes..<(index + 1) * bytes])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: tensor.data[0..<bytes]))
            }
        }
    }

    /// A tensor of type `.f32`.
    init(name: String, shape: [Int], floats: [Float]) {
        let storage = floats.withUnsafeBytes { AlignedBytes(copying: $0) }
        self.init(name: name, shape: shape, type: .f32, data: storage.bytes, owner: storage)
    }

    /// The same tensor with another shape of as many elements.
    func reshaped(_ shape: [Int]) -> Tensor {
        Tensor(name: name, shape: shape, type: type, data: data, owner: owner)
    }
}
