/// Reads the key/value section of a GGUF file.
struct GGUFMetadataParser {
    private(set) var reader: ByteReader
    /// Bytes of each entry in the file, its key included.
    private(set) var ranges: [String: Range<Int>] = [:]

    /// Arrays of arrays deeper than this are refused: nothing uses them, and recursion needs an end.
    private static let maximumDepth = 4

    init(reader: ByteReader) {
        self.reader = reader
    }

    mutating func parse(count: Int) throws(ModelFileError) -> [String: GGUFValue] {
        var values: [String: GGUFValue] = [:]
        values.reserveCapacity(count)
        for _ in 0..<count {
            let start = reader.offset
            let key = try reader.name("a metadata key")
            let value = try value(of: try type(), depth: 0)
            guard values.updateValue(value, forKey: key) == nil else {
                throw malformed(at: start, "metadata key '\(key)' appears twice")
            }
            ranges[key] = start..<reader.offset
        }
        return values
    }

    private mutating func type() throws(ModelFileError) -> GGUFValueType {
        let start = reader.offset
        let raw = try reader.integer(UInt32.self)
        guard let type = GGUFValueType(rawValue: raw) else {
            throw malformed(at: start, "\(raw) is not a metadata value type")
        }
        return type
    }

    private mutating func value(of type: GGUFValueType, depth: Int) throws(ModelFileError) -> GGUFValue {
        switch type {
        case .uint8: .integer(Int64(try reader.integer(UInt8.self)))
        case .int8: .integer(Int64(try reader.integer(Int8.self)))
        case .uint16: .integer(Int64(try reader.integer(UInt16.self)))
        case .int16: .integer(Int64(try reader.integer(Int16.self)))
        case .uint32: .integer(Int64(try reader.integer(UInt32.self)))
        case .int32: .integer(Int64(try reader.integer(Int32.self)))
        case .int64: .integer(try reader.integer(Int64.self))
        case .uint64: .unsigned(try reader.integer(UInt64.self))
        case .float32: .number(Double(try reader.float32()))
        case .float64: .number(try reader.float64())
        case .bool: .bool(try bool())
        case .string: .string(String(decoding: try reader.stringBytes(), as: UTF8.self))
        case .array: .array(try array(depth: depth))
        }
    }

    private mutating func bool() throws(ModelFileError) -> Bool {
        let start = reader.offset
        let byte = try reader.integer(UInt8.self)
        guard byte <= 1 else { throw malformed(at: start, "\(byte) is not a boolean") }
        return byte == 1
    }

    /// Walks over an array, checking that it ends inside the file, and remembers where it is.
    private mutating func array(depth: Int) throws(ModelFileError) -> GGUFArray {
        let start = reader.offset
        guard depth < Self.maximumDepth else {
            throw malformed(at: start, "arrays are nested more than \(Self.maximumDepth) deep")
        }
        let elementType = try type()
        let count = try reader.count(ofAtLeast: elementType.minimumBytes)
        let first = reader.offset
        switch elementType {
        case .string:
            for _ in 0..<count { _ = try reader.stringBytes() }
        case .array:
            for _ in 0..<count { _ = try array(depth: depth + 1) }
        default:
            // The product was checked by `count(ofAtLeast:)`: these types have one size.
            _ = try reader.take(UInt64(count * elementType.minimumBytes))
        }
        return GGUFArray(count: count, elementType: elementType, range: first..<reader.offset, file: reader.file)
    }

    private func malformed(at offset: Int, _ reason: String) -> ModelFileError {
        .malformed(file: reader.file.path, offset: offset, reason: reason)
    }
}
