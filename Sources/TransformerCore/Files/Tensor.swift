/// How the elements of a tensor are stored. Raw values are GGML's type numbers, as GGUF files hold them.
package enum TensorType: UInt32, Sendable, CaseIterable {
    case f32 = 0
    case f16 = 1
    case q4_0 = 2
    case q4_1 = 3
    case q8_0 = 8
    case bf16 = 30

    /// Elements that share a scale; 1 for plain numbers.
    package var blockSize: Int {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q4_0, .q4_1, .q8_0: 32
        }
    }

    /// Bytes of one block.
    package var blockBytes: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q4_0: 18  // f16 scale, 16 bytes of nibbles
        case .q4_1: 20  // f16 scale, f16 minimum, 16 bytes of nibbles
        case .q8_0: 34  // f16 scale, 32 int8
        }
    }
}

/// A read-only tensor: a view of a model file that stays mapped as long as the view lives.
///
/// `data` points into memory owned by `owner`, which never changes after loading: that is why sharing it
/// between threads is sound.
package struct Tensor: @unchecked Sendable {
    package let name: String
    /// Row-major, outermost dimension first: a weight matrix is `[outputs, inputs]`.
    package let shape: [Int]
    package let type: TensorType
    /// Exactly the tensor's bytes; length checked against shape and type when the file was read.
    package let data: UnsafeRawBufferPointer
    /// Keeps `data` valid.
    package let owner: AnyObject

    package init(name: String, shape: [Int], type: TensorType, data: UnsafeRawBufferPointer, owner: AnyObject) {
        self.name = name
        self.shape = shape
        self.type = type
        self.data = data
        self.owner = owner
    }

    package var elementCount: Int { shape.reduce(1, *) }
}
