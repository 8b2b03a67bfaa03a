import Foundation

/// Any JSON value.
enum AnyJSON: Decodable, Equatable {
    case null, bool(Bool), number(Double), string(String), array([AnyJSON]), object([String: AnyJSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([AnyJSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: AnyJSON].self))
        }
    }

    init(_ text: String) throws { self = try JSONDecoder().decode(AnyJSON.self, from: Data(text.utf8)) }

    subscript(_ key: String) -> AnyJSON? { if case .object(let members) = self { members[key] } else { nil } }
    var array: [AnyJSON]? { if case .array(let values) = self { values } else { nil } }
    var number: Double? { if case .number(let value) = self { value } else { nil } }
    var string: String? { if case .string(let value) = self { value } else { nil } }
}

/// Validates values as the specification of JSON Schema says, keyword by keyword: the naive twin of its grammar.
struct NaiveSchema {
    let root: AnyJSON

    init(_ text: String) throws { root = try AnyJSON(text) }

    func allows(_ value: AnyJSON) throws -> Bool { try allows(value, root) }

    private func allows(_ value: AnyJSON, _ schema: AnyJSON) throws -> Bool {
        if case .bool(let all) = schema { return all }
        if let reference = schema["$ref"]?.string, try !allows(value, resolve(reference)) { return false }
        if let all = schema["allOf"]?.array, try !all.allSatisfy({ try allows(value, $0) }) { return false }
        if let any = schema["anyOf"]?.array, try !any.contains(where: { try allows(value, $0) }) { return false }
        if let one = schema["oneOf"]?.array, try one.filter({ try allows(value, $0) }).count != 1 { return false }
        if let values = schema["enum"]?.array, !values.contains(value) { return false }
        if let constant = schema["const"], constant != value { return false }
        if let type = schema["type"], !(type.array ?? [type]).contains(where: { isOf($0.string ?? "", value) }) { return false }
        switch value {
        case .number(let number): return allows(number, schema)
        case .string(let text): return try allows(text, schema)
        case .array(let values): return try allows(values, schema)
        case .object(let members): return try allows(members, schema)
        case .null, .bool: return true
        }
    }

    private func resolve(_ reference: String) throws -> AnyJSON {
        try reference.dropFirst().split(separator: "/").reduce(root) { value, key in
            try found(value[String(key)])
        }
    }

    private func isOf(_ type: String, _ value: AnyJSON) -> Bool {
        switch value {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .number(let number): type == "number" || type == "integer" && number == number.rounded()
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }

    private func allows(_ number: Double, _ schema: AnyJSON) -> Bool {
        if let bound = schema["minimum"]?.number, number < bound { return false }
        if let bound = schema["maximum"]?.number, number > bound { return false }
        if let bound = schema["exclusiveMinimum"]?.number, number <= bound { return false }
        if let bound = schema["exclusiveMaximum"]?.number, number >= bound { return false }
        return true
    }

    private static let formats = [
        "date": #"^\d{4}-\d\d-\d\d$"#, "uuid": #"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"#,
        "date-time": #"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"#,
    ]

    private func allows(_ text: String, _ schema: AnyJSON) throws -> Bool {
        let length = Double(text.unicodeScalars.count)
        if let bound = schema["minLength"]?.number, length < bound { return false }
        if let bound = schema["maxLength"]?.number, length > bound { return false }
        let format = schema["format"]?.string.flatMap { Self.formats[$0] }
        for pattern in [schema["pattern"]?.string, format].compactMap(\.self) {
            let expression = try NSRegularExpression(pattern: pattern)
            let whole = NSRange(location: 0, length: (text as NSString).length)
            if expression.firstMatch(in: text, range: whole) == nil { return false }
        }
        return true
    }

    private func allows(_ values: [AnyJSON], _ schema: AnyJSON) throws -> Bool {
        if let bound = schema["minItems"]?.number, Double(values.count) < bound { return false }
        if let bound = schema["maxItems"]?.number, Double(values.count) > bound { return false }
        let prefix = schema["prefixItems"]?.array ?? []
        for (index, value) in values.enumerated() {
            let own = prefix.indices.contains(index) ? prefix[index] : schema["items"] ?? .bool(true)
            if try !allows(value, own) { return false }
        }
        return true
    }

    private func allows(_ members: [String: AnyJSON], _ schema: AnyJSON) throws -> Bool {
        for name in schema["required"]?.array ?? [] where members[name.string ?? ""] == nil { return false }
        for (key, value) in members {
            if let own = schema["properties"]?[key] {
                if try !allows(value, own) { return false }
            } else if let others = schema["additionalProperties"], try !allows(value, others) {
                return false
            }
        }
        return true
    }

    private func found(_ value: AnyJSON?) throws -> AnyJSON {
        guard let value else { throw CocoaError(.coderValueNotFound) }
        return value
    }
}
