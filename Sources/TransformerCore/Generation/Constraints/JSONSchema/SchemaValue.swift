/// A JSON text that keeps the order of its members and the spelling of its numbers, which a schema's grammar needs.
package indirect enum SchemaValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// As it is spelled.
    case number(String)
    case string(String)
    case array([SchemaValue])
    case object([Member])

    package struct Member: Hashable, Sendable {
        package let key: String
        package let value: SchemaValue
    }

    /// Throws `JSONSchemaError.notJSON`. Members with the same key are an error.
    package init(parsing text: String) throws(JSONSchemaError) {
        var parser = SchemaParser(Array(text.utf8))
        self = try parser.document()
    }

    subscript(_ key: String) -> SchemaValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    var string: String? { if case .string(let value) = self { value } else { nil } }
    var array: [SchemaValue]? { if case .array(let value) = self { value } else { nil } }
    var members: [Member]? { if case .object(let value) = self { value } else { nil } }

    /// The shortest spelling.
    var spelling: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let spelling): spelling
        case .string(let value): Self.quoted(value)
        case .array(let values): "[" + values.map(\.spelling).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { Self.quoted($0.key) + ": " + $0.value.spelling }.joined(separator: ", ") + "}"
        }
    }

    static func quoted(_ text: String) -> String {
        "\"" + text.unicodeScalars.map { escaped($0) }.joined() + "\""
    }

    /// A character as it stands in a JSON string.
    static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case "\u{8}": return "\\b"
        case "\u{C}": return "\\f"
        default:
            guard scalar.value < 0x20 else { return String(scalar) }
            let digits = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }
}

/// Reads JSON (RFC 8259).
private struct SchemaParser {
    private let bytes: [UInt8]
    private var place = 0

    private static let maximumBytes = 4 << 20
    private static let maximumNesting = 200

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSONSchemaError) -> SchemaValue {
        guard bytes.count <= Self.maximumBytes else { throw error("longer than \(Self.maximumBytes) bytes") }
        let value = try value(nesting: 0)
        skipSpace()
        guard place == bytes.count else { throw error("something follows the value") }
        return value
    }

    private mutating func value(nesting: Int) throws(JSONSchemaError) -> SchemaValue {
        guard nesting <= Self.maximumNesting else { throw error("more than \(Self.maximumNesting) values within values") }
        skipSpace()
        guard place < bytes.count else { throw error("a value is missing") }
        switch bytes[place] {
        case UInt8(ascii: "{"): return try object(nesting: nesting)
        case UInt8(ascii: "["): return try array(nesting: nesting)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default:
            if take("null") { return .null }
            if take("true") { return .bool(true) }
            if take("false") { return .bool(false) }
            throw error("a value is expected")
        }
    }

    private mutating func object(nesting: Int) throws(JSONSchemaError) -> SchemaValue {
        var members: [SchemaValue.Member] = []
        var keys: Set<String> = []
        place += 1
        skipSpace()
        if take("}") { return .object([]) }
        while true {
            skipSpace()
            guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { throw error("a key is expected") }
            let key = try string()
            guard keys.insert(key).inserted else { throw error("the key \(key.debugDescription) stands twice") }
            skipSpace()
            guard take(":") else { throw error("a colon is expected") }
            members.append(.init(key: key, value: try value(nesting: nesting + 1)))
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw error("a comma or } is expected") }
        }
    }

    private mutating func array(nesting: Int) throws(JSONSchemaError) -> SchemaValue {
        var values: [SchemaValue] = []
        place += 1
        skipSpace()
        if take("]") { return .array([]) }
        while true {
            values.append(try value(nesting: nesting + 1))
            skipSpace()
            if take("]") { return .array(values) }
            guard take(",") else { throw error("a comma or ] is expected") }
        }
    }

    private mutating func string() throws(JSONSchemaError) -> String {
        place += 1
        var content: [UInt8] = []
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
            guard bytes[place] >= 0x20 else { throw error("a control character in a string") }
            if bytes[place] == UInt8(ascii: "\\") {
                content += try escape()
            } else {
                content.append(bytes[place])
                place += 1
            }
        }
        guard take("\"") else { throw error("a string is not closed") }
        return String(decoding: content, as: UTF8.self)
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 8,
        UInt8(ascii: "f"): 0xC, UInt8(ascii: "n"): 0xA, UInt8(ascii: "r"): 0xD, UInt8(ascii: "t"): 9,
    ]

    private mutating func escape() throws(JSONSchemaError) -> [UInt8] {
        place += 1
        guard place < bytes.count else { throw error("a string is not closed") }
        let kind = bytes[place]
        place += 1
        if let byte = Self.escapes[kind] { return [byte] }
        guard kind == UInt8(ascii: "u") else { throw error("an unknown escape") }
        var unit = try hexadecimal()
        if (0xD800...0xDBFF).contains(unit), take("\\u") {
            let low = try hexadecimal()
            guard (0xDC00...0xDFFF).contains(low) else { throw error("half a surrogate pair") }
            unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(unit) else { throw error("half a surrogate pair") }
        return Array(String(scalar).utf8)
    }

    private mutating func hexadecimal() throws(JSONSchemaError) -> UInt32 {
        let digits = bytes[place..<min(place + 4, bytes.count)]
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw error("four hexadecimal digits are expected") }
        place += 4
        return value
    }

    private mutating func number() throws(JSONSchemaError) -> String {
        let start = place
        func isDigit(_ place: Int) -> Bool { place < bytes.count && (48...57).contains(bytes[place]) }
        _ = take("-")
        guard isDigit(place) else { throw error("a digit is expected") }
        if bytes[place] == UInt8(ascii: "0") { place += 1 } else { while isDigit(place) { place += 1 } }
        if take(".") {
            guard isDigit(place) else { throw error("a digit is expected") }
            while isDigit(place) { place += 1 }
        }
        if take("e") || take("E") {
            if !take("-") { _ = take("+") }
            guard isDigit(place) else { throw error("a digit is expected") }
            while isDigit(place) { place += 1 }
        }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func skipSpace() {
        while place < bytes.count, [0x20, 0x9, 0xA, 0xD].contains(bytes[place]) { place += 1 }
    }

    private mutating func take(_ text: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard bytes[place...].starts(with: wanted) else { return false }
        place += wanted.count
        return true
    }

    private func error(_ problem: String) -> JSONSchemaError { .notJSON(offset: place, problem: problem) }
}
