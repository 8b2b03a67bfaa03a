import TransformerCore

/// Writes GGUF files for tests, well-formed unless told otherwise.
struct GGUFBuilder {
    var version: UInt32 = 3
    var alignment = 32
    var metadata: [(key: String, value: Value)] = []
    var tensors: [(name: String, shape: [Int], type: UInt32, data: [UInt8])] = []
    /// Overrides the count in the header.
    var tensorCount: UInt64?
    var metadataCount: UInt64?
    /// Overrides a tensor's offset, by index.
    var offsets: [Int: UInt64] = [:]

    indirect enum Value {
        case uint8(UInt8), int8(Int8), uint16(UInt16), int16(Int16), uint32(UInt32), int32(Int32), float32(Float)
        case bool(Bool), string(String), array(type: UInt32, count: UInt64?, [Value])
        case uint64(UInt64), int64(Int64), float64(Double)
        /// Anything, as it stands.
        case raw(type: UInt32, [UInt8])

        static func strings(_ values: [String]) -> Value { .array(type: 8, count: nil, values.map(Value.string)) }
        static func int32s(_ values: [Int32]) -> Value { .array(type: 5, count: nil, values.map(Value.int32)) }
        static func floats(_ values: [Float]) -> Value { .array(type: 6, count: nil, values.map(Value.float32)) }

        var type: UInt32 {
            switch self {
            case .uint8: 0
            case .int8: 1
            case .uint16: 2
            case .int16: 3
            case .uint32: 4
            case .int32: 5
            case .float32: 6
            case .bool: 7
            case .string: 8
            case .array: 9
            case .uint64: 10
            case .int64: 11
            case .float64: 12
            case .raw(let type, _): type
            }
        }

        var bytes: [UInt8] {
            switch self {
            case .uint8(let value): littleEndian(value)
            case .int8(let value): littleEndian(value)
            case .uint16(let value): littleEndian(value)
            case .int16(let value): littleEndian(value)
            case .uint32(let value): littleEndian(value)
            case .int32(let value): littleEndian(value)
            case .uint64(let value): littleEndian(value)
            case .int64(let value): littleEndian(value)
            case .float32(let value): littleEndian(value.bitPattern)
            case .float64(let value): littleEndian(value.bitPattern)
            case .bool(let value): [value ? 1 : 0]
            case .string(let value): stringBytes(value)
            case .array(let type, let count, let values):
                littleEndian(type) + littleEndian(count ?? UInt64(values.count)) + values.flatMap(\.bytes)
            case .raw(_, let bytes): bytes
            }
        }
    }

    mutating func add(_ key: String, _ value: Value) {
        metadata.append((key, value))
    }

    mutating func add(_ name: String, shape: [Int], floats: [Float]) {
        tensors.append((name, shape, 0, floats.flatMap { littleEndian($0.bitPattern) }))
    }

    func build() -> [UInt8] {
        var bytes = Array("GGUF".utf8) + littleEndian(version)
        bytes += littleEndian(tensorCount ?? UInt64(tensors.count))
        bytes += littleEndian(metadataCount ?? UInt64(metadata.count))
        for (key, value) in metadata { bytes += stringBytes(key) + littleEndian(value.type) + value.bytes }

        var data: [UInt8] = []
        for (index, tensor) in tensors.enumerated() {
            bytes += stringBytes(tensor.name) + littleEndian(UInt32(tensor.shape.count))
            for extent in tensor.shape.reversed() { bytes += littleEndian(UInt64(bitPattern: Int64(extent))) }
            bytes += littleEndian(tensor.type) + littleEndian(offsets[index] ?? UInt64(data.count))
            data += tensor.data
            data += [UInt8](repeating: 0, count: padding(data.count))
        }
        return bytes + [UInt8](repeating: 0, count: padding(bytes.count)) + data
    }

    private func padding(_ count: Int) -> Int {
        (alignment - count % alignment) % alignment
    }
}

func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian, Array.init)
}

private func stringBytes(_ value: String) -> [UInt8] {
    littleEndian(UInt64(value.utf8.count)) + Array(value.utf8)
}
