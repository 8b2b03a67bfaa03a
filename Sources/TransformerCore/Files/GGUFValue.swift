/// The types of a GGUF metadata value, with the numbers the format gives them.
enum GGUFValueType: UInt32 {
    case uint8 = 0, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

    /// Fewest bytes that a value can take in the file.
    var minimumBytes: Int {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64, .string: 8
        case .array: 12
        }
    }
}

/// A metadata value of a GGUF file.
package enum GGUFValue: Sendable {
    /// Every integer type but values above `Int64.max`.
    case integer(Int64)
    case unsigned(UInt64)
    case number(Double)
    case bool(Bool)
    case string(String)
    case array(GGUFArray)

    /// The integer, when this is one and fits.
    package var int: Int? {
        switch self {
        case .integer(let value): Int(exactly: value)
        case .unsigned(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The number, integers included.
    package var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .unsigned(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var array: GGUFArray? {
        if case .array(let value) = self { value } else { nil }
    }
}

extension GGUFValue: CustomStringConvertible {
    /// Short enough for a message or a listing: long strings are cut and escaped, arrays are described.
    package var description: String {
        switch self {
        case .integer(let value): "\(value)"
        case .unsigned(let value): "\(value)"
        case .number(let value): "\(value)"
        case .bool(let value): "\(value)"
        case .string(let value): value.count > 80 ? "\(value.prefix(79).debugDescription)…" : value.debugDescription
        case .array(let value): "an array of \(value.count) elements"
        }
    }
}

/// An array in a GGUF file's metadata, left in the mapped file until it is asked for: a vocabulary of a hundred
/// thousand strings costs nothing to a program that does not look at it.
package struct GGUFArray: Sendable {
    package let count: Int
    let elementType: GGUFValueType
    /// Bytes of the elements in the file.
    let range: Range<Int>
    let file: FileBytes

    /// The elements as strings, bytes that are not UTF-8 replaced; `nil` when the array holds something else.
    package var strings: [String]? {
        guard elementType == .string else { return nil }
        return collect { reader in String(decoding: try reader.stringBytes(), as: UTF8.self) }
    }

    /// The elements as integers; `nil` when the array holds something else or one does not fit.
    package var integers: [Int]? {
        switch elementType {
        case .uint8: collect { reader in Int(try reader.integer(UInt8.self)) }
        case .int8: collect { reader in Int(try reader.integer(Int8.self)) }
        case .uint16: collect { reader in Int(try reader.integer(UInt16.self)) }
        case .int16: collect { reader in Int(try reader.integer(Int16.self)) }
        case .uint32: collect { reader in Int(try reader.integer(UInt32.self)) }
        case .int32: collect { reader in Int(try reader.integer(Int32.self)) }
        case .uint64: collect { reader in Int(exactly: try reader.integer(UInt64.self)) }
        case .int64: collect { reader in Int(exactly: try reader.integer(Int64.self)) }
        case .float32, .float64, .bool, .string, .array: nil
        }
    }

    /// The elements as 32-bit floating point numbers; `nil` when the array holds something else.
    package var floats: [Float]? {
        switch elementType {
        case .float32: collect { reader in try reader.float32() }
        case .float64: collect { reader in Float(try reader.float64()) }
        default: nil
        }
    }

    /// The elements as truth values; `nil` when the array holds something else.
    package var bools: [Bool]? {
        guard elementType == .bool else { return nil }
        return collect { reader in try reader.integer(UInt8.self) != 0 }
    }

    /// One element as a string, the others passed over; `nil` when there is none or it is something else.
    package func string(at index: Int) -> String? {
        guard elementType == .string, (0..<count).contains(index) else { return nil }
        var reader = ByteReader(file: file, offset: range.lowerBound)
        for _ in 0..<index {
            guard (try? reader.stringBytes()) != nil else { return nil }
        }
        return (try? reader.stringBytes()).map { String(decoding: $0, as: UTF8.self) }
    }

    private func collect<Element>(_ next: (inout ByteReader) throws -> Element?) -> [Element]? {
        var elements: [Element] = []
        elements.reserveCapacity(count)
        var reader = ByteReader(file: file, offset: range.lowerBound)
        for _ in 0..<count {
            guard let element = try? next(&reader) else { return nil }
            elements.append(element)
        }
        return elements
    }
}
