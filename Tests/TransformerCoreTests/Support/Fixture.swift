import Foundation

/// A golden file, read from the front.
struct Fixture {
    private let data: Data
    private var offset = 0

    init(_ name: String) throws {
        let url = Bundle.module.bundleURL.appendingPathComponent("Fixtures").appendingPathComponent(name)
        data = try Data(contentsOf: url)
    }

    mutating func next<Value: BitwiseCopyable>(_ type: Value.Type = Value.self) -> Value {
        defer { offset += MemoryLayout<Value>.size }
        return data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
    }

    mutating func array<Value: BitwiseCopyable>(_ count: Int, of type: Value.Type = Value.self) -> [Value] {
        (0..<count).map { _ in next() }
    }

    /// Token ids stored as 16 bits.
    mutating func ids(_ count: Int) -> [Int32] { array(count, of: UInt16.self).map(Int32.init) }

    /// IEEE half precision as floats.
    mutating func halves(_ count: Int) -> [Float] { array(count, of: UInt16.self).map(halfToFloat) }

    var isAtEnd: Bool { offset == data.count }
}

/// Written out, as `Float16` is not available on every platform.
func halfToFloat(_ half: UInt16) -> Float {
    let sign: Float = half & 0x8000 == 0 ? 1 : -1
    let exponent = Int(half >> 10 & 0x1F)
    let fraction = Float(half & 0x3FF) / 1024
    if exponent == 0 { return sign * fraction * Float(sign: .plus, exponent: -14, significand: 1) }
    if exponent == 31 { return fraction == 0 ? sign * .infinity : .nan }
    return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction)
}
