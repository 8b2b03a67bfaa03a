import CKernels
import Testing

import TransformerCore

/// Sizes that leave every kind of remainder.
let raggedSizes = [1, 7, 17, 63, 1023]

/// Runs `body` once for each instruction set that this machine has, the scalar twin first.
func onEachInstructionSet(_ body: (ck_isa) throws -> Void) rethrows {
    let before = ck_active_isa()
    defer { _ = ck_use_isa_on_thread(before) }
    for isa in [CK_ISA_SCALAR, CK_ISA_NEON, CK_ISA_AVX2, CK_ISA_AVX512, CK_ISA_AVX512VNNI, CK_ISA_AMX]
    where ck_use_isa_on_thread(isa) == isa {
        try body(isa)
    }
}

/// Numbers that are the same in every run.
struct TestNumbers {
    var state: UInt64

    init(seed: UInt64 = 1) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func bits() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    /// Uniform in -scale ... scale.
    mutating func float(_ scale: Float = 1) -> Float {
        (Float(bits() >> 40) / Float(1 << 23) - 1) * scale
    }

    mutating func floats(_ count: Int, scale: Float = 1) -> [Float] { (0..<count).map { _ in float(scale) } }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: bits() >> 33) } }

    /// A weight of random blocks: finite scales of about 1/100, arbitrary digits.
    mutating func tensor(_ type: TensorType, shape: [Int], name: String = "w") -> Tensor {
        let count = shape.reduce(1, *)
        var data: [UInt8] = []
        switch type {
        case .f32: for value in floats(count) { withUnsafeBytes(of: value) { data += $0 } }
        case .f16: for value in floats(count) { withUnsafeBytes(of: ck_f32_to_f16(value)) { data += $0 } }
        case .bf16: for value in floats(count) { withUnsafeBytes(of: UInt16(value.bitPattern >> 16)) { data += $0 } }
        default:
            for _ in 0..<count / type.blockSize {
                var block = bytes(type.blockBytes)
                for (place, value) in zip(type.scalePlaces, [0.01 + float(0.005), -0.07 + float(0.02)]) {
                    withUnsafeBytes(of: ck_f32_to_f16(value)) { block.replaceSubrange(place..<place + 2, with: $0) }
                }
                data += block
            }
        }
        return Tensor(bytes: data, shape: shape, type: type, name: name)
    }
}

extension TensorType {
    /// Where a block holds its scale, and its minimum if it has one.
    fileprivate var scalePlaces: [Int] {
        switch self {
        case .f32, .f16, .bf16: []
        case .q4_0, .q5_0, .q8_0, .iq4_nl, .iq4_xs: [0]
        case .q4_1, .q5_1, .q4_k, .q5_k: [0, 2]
        case .q2_k: [80, 82]
        case .q3_k: [108]
        case .q6_k: [208]
        }
    }
}

private final class TensorBytes {
    let bytes: UnsafeMutableRawBufferPointer

    init(_ data: [UInt8]) {
        bytes = .allocate(byteCount: data.count, alignment: 64)
        bytes.copyBytes(from: data)
    }

    deinit { bytes.deallocate() }
}

extension Tensor {
    /// A tensor that owns its data.
    init(bytes: [UInt8], shape: [Int], type: TensorType, name: String = "t") {
        let owner = TensorBytes(bytes)
        self.init(name: name, shape: shape, type: type, data: UnsafeRawBufferPointer(owner.bytes), owner: owner)
    }

    init(_ values: [Float], shape: [Int]? = nil, name: String = "t") {
        let bytes = values.withUnsafeBytes { [UInt8]($0) }
        self.init(bytes: bytes, shape: shape ?? [values.count], type: .f32, name: name)
    }
}

/// Largest difference, relative to the root mean square of what is expected.
func relativeError(_ actual: [Float], _ expected: [Float]) -> Float {
    var squares: Float = 0
    var largest: Float = 0
    for (a, e) in zip(actual, expected) {
        squares += e * e
        largest = a.isNaN ? .infinity : max(largest, abs(a - e))
    }
    guard actual.count == expected.count else { return .infinity }
    return largest / max((squares / Float(max(1, expected.count))).squareRoot(), .leastNormalMagnitude)
}

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Double {
    static func pow(_ base: Double, _ exponent: Double) -> Double { exp(log(base) * exponent) }
    static func cosine(_ x: Double) -> Double { cos(x) }
    static func sine(_ x: Double) -> Double { sin(x) }
}
