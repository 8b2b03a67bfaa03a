internal import CKernels

/// How the elements of a tensor are stored. Raw values are GGML's type numbers, as GGUF files hold them.
package enum TensorType: UInt32, Sendable, CaseIterable {
    case f32 = 0
    case f16 = 1
    case q4_0 = 2
    case q4_1 = 3
    case q5_0 = 6
    case q5_1 = 7
    case q8_0 = 8
    case q2_k = 10
    case q3_k = 11
    case q4_k = 12
    case q5_k = 13
    case q6_k = 14
    case iq4_nl = 20
    case iq4_xs = 23
    case bf16 = 30

    /// Elements that share a scale; 1 for plain numbers.
    package var blockSize: Int {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .iq4_nl: 32
        case .q2_k, .q3_k, .q4_k, .q5_k, .q6_k, .iq4_xs: 256
        }
    }

    /// Bytes of one block.
    package var blockBytes: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q4_0, .iq4_nl: 18  // f16 scale, 16 bytes of nibbles
        case .q4_1: 20  // f16 scale, f16 minimum, 16 bytes of nibbles
        case .q5_0: 22  // f16 scale, 32 fifth bits, 16 bytes of nibbles
        case .q5_1: 24  // f16 scale, f16 minimum, 32 fifth bits, 16 bytes of nibbles
        case .q8_0: 34  // f16 scale, 32 int8
        case .q2_k: 84  // 16 bytes of scales and minima, 64 of digits, f16 scale, f16 minimum
        case .q3_k: 110  // 32 bytes of third bits, 64 of digits, 12 of scales, f16 scale
        case .q4_k: 144  // f16 scale, f16 minimum, 12 bytes of scales and minima, 128 of nibbles
        case .q5_k: 176  // the same, 32 bytes of fifth bits before the nibbles
        case .q6_k: 210  // 128 bytes of nibbles, 64 of upper bits, 16 int8 scales, f16 scale
        case .iq4_xs: 136  // f16 scale, 6 bytes of scales, 128 of nibbles
        }
    }

    /// Bits that an element takes, its share of scales included.
    var bitsPerElement: Double { Double(blockBytes * 8) / Double(blockSize) }
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

    /// Gives back the memory in which parts of a mapped file lie; touching them reads them again. Does nothing for tensors
    /// that lie elsewhere.
    func releasePages() {
        guard owner is MappedFile else { return }
        ck_release_pages(data.baseAddress, data.count)
    }
}
