/// A schema with its references resolved and what must hold together put together.
struct JSONSchemaDocument {
    let root: SchemaValue

    /// Keywords that say nothing about values.
    static let annotations: Set<String> = [
        "$schema", "$id", "$comment", "$defs", "definitions", "$anchor", "title", "description", "default", "examples",
        "deprecated", "readOnly", "writeOnly",
    ]
    private static let supported: Set<String> = [
        "$ref", "allOf", "anyOf", "oneOf", "type", "enum", "const", "properties", "required", "additionalProperties", "items",
        "prefixItems", "minItems", "maxItems", "minLength", "maxLength", "pattern", "format", "minimum", "maximum",
        "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    ]
    /// References and `allOf` within each other.
    private static let mostSteps = 100

    /// The members of a schema that say something. Throws for keywords that are not supported.
    func keywords(_ schema: SchemaValue, at place: String) throws(JSONSchemaError) -> [String: SchemaValue] {
        guard let members = schema.members else {
            throw .invalid(keyword: "a schema", at: place, expected: "an object, true or false")
        }
        var result: [String: SchemaValue] = [:]
        for member in members where !Self.annotations.contains(member.key) {
            guard Self.supported.contains(member.key) else { throw .unsupported(keyword: member.key, at: place, detail: "") }
            result[member.key] = member.value
        }
        return result
    }

    /// Keywords after `$ref` beside others and `allOf` have been put in.
    func flattened(
        _ keywords: [String: SchemaValue], at place: String, steps: Int = 0
    ) throws(JSONSchemaError) -> [String: SchemaValue] {
        guard steps < Self.mostSteps else {
            throw .unsupported(keyword: "$ref", at: place, detail: "in a circle")
        }
        var result = keywords
        if let reference = result.removeValue(forKey: "$ref") {
            let (target, pointer) = try resolve(reference, at: place)
            let inner = try flattened(self.keywords(target, at: pointer), at: pointer, steps: steps + 1)
            result = try merged(result, inner, at: place)
        }
        if let parts = result.removeValue(forKey: "allOf") {
            guard let parts = parts.array else { throw .invalid(keyword: "allOf", at: place, expected: "an array of schemas") }
            for (index, part) in parts.enumerated() where part != .bool(true) {
                let inner = "\(place)/allOf/\(index)"
                result = try merged(result, flattened(self.keywords(part, at: inner), at: inner, steps: steps + 1), at: place)
            }
        }
        return result
    }

    func resolve(_ reference: SchemaValue, at place: String) throws(JSONSchemaError) -> (schema: SchemaValue, pointer: String) {
        guard let text = reference.string else { throw .invalid(keyword: "$ref", at: place, expected: "a string") }
        guard text.hasPrefix("#") else { throw .missingReference(text, at: place) }
        var value = root
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: true) {
            let key = Self.unescaped(part)
            if let member = value[key] {
                value = member
            } else if let items = value.array, let index = Int(key), items.indices.contains(index) {
                value = items[index]
            } else {
                throw .missingReference(text, at: place)
            }
        }
        return (value, text)
    }

    /// A pointer's part: percent signs as in addresses, then `~1` and `~0` (RFC 6901).
    private static func unescaped(_ part: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(part.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.split(separator: "~1", omittingEmptySubsequences: false).joined(separator: "/")
            .split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~")
    }

    /// Keywords that say what both say.
    func merged(
        _ a: [String: SchemaValue], _ b: [String: SchemaValue], at place: String
    ) throws(JSONSchemaError) -> [String: SchemaValue] {
        try checkAdditional(a, b, at: place)
        try checkAdditional(b, a, at: place)
        var result = a
        for (key, value) in b.sorted(by: { $0.key < $1.key }) {
            guard let own = result[key], own != value else {
                result[key] = value
                continue
            }
            result[key] = try merged(key, own, value, at: place)
        }
        return result
    }

    /// `additionalProperties` speaks of the properties beside it alone.
    private func checkAdditional(
        _ a: [String: SchemaValue], _ b: [String: SchemaValue], at place: String
    ) throws(JSONSchemaError) {
        guard let additional = a["additionalProperties"], additional != .bool(true) else { return }
        let own = Set((a["properties"]?.members ?? []).map(\.key))
        if let other = b["properties"]?.members, !own.isSuperset(of: other.map(\.key)) {
            throw .unsupported(keyword: "additionalProperties", at: place, detail: "beside properties that another schema adds")
        }
    }

    private func merged(
        _ key: String, _ a: SchemaValue, _ b: SchemaValue, at place: String
    ) throws(JSONSchemaError) -> SchemaValue {
        switch key {
        case "required":
            let first = a.array ?? []
            return .array(first + (b.array ?? []).filter { !first.contains($0) })
        case "properties":
            var members = a.members ?? []
            for member in b.members ?? [] {
                if let index = members.firstIndex(where: { $0.key == member.key }) {
                    let both = SchemaValue.object([.init(key: "allOf", value: .array([members[index].value, member.value]))])
                    members[index] = .init(key: member.key, value: members[index].value == member.value ? member.value : both)
                } else {
                    members.append(member)
                }
            }
            return .object(members)
        case "type":
            let (first, second) = (a.array ?? [a], b.array ?? [b])
            let integer = SchemaValue.string("integer"), number = SchemaValue.string("number")
            let common = first.filter { second.contains($0) || $0 == integer && second.contains(number) }
            let narrowed = first.contains(number) && !second.contains(number) && second.contains(integer) && !common.contains(integer)
            guard !common.isEmpty || narrowed else { throw .allowsNothing(at: place) }
            return .array(common + (narrowed ? [integer] : []))
        case "enum":
            let common = (a.array ?? []).filter { (b.array ?? []).contains($0) }
            guard !common.isEmpty else { throw .allowsNothing(at: place) }
            return .array(common)
        case "minimum", "exclusiveMinimum", "minLength", "minItems": return try chosen(a, b, at: place, key) { max($0, $1) }
        case "maximum", "exclusiveMaximum", "maxLength", "maxItems": return try chosen(a, b, at: place, key) { min($0, $1) }
        case "const": throw .allowsNothing(at: place)
        default: throw .unsupported(keyword: key, at: place, detail: "in two schemas that must both hold")
        }
    }

    private func chosen(
        _ a: SchemaValue, _ b: SchemaValue, at place: String, _ key: String, _ choose: (Double, Double) -> Double
    ) throws(JSONSchemaError) -> SchemaValue {
        guard case .number(let first) = a, case .number(let second) = b, let x = Double(first), let y = Double(second) else {
            throw .invalid(keyword: key, at: place, expected: "a number")
        }
        return choose(x, y) == x ? a : b
    }
}
