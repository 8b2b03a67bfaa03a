/// What can be said of the values that a schema allows without writing them.
enum JSONSchemaValues {
    /// The values of `enum` or `const`; nil where there is neither.
    static func listed(_ keywords: [String: SchemaValue], at place: String) throws(JSONSchemaError) -> [SchemaValue]? {
        guard let list = keywords["enum"] else { return keywords["const"].map { [$0] } }
        guard let values = list.array, !values.isEmpty else {
            throw .invalid(keyword: "enum", at: place, expected: "an array with at least one value")
        }
        guard let constant = keywords["const"] else { return values }
        guard values.contains(constant) else { throw .allowsNothing(at: place) }
        return [constant]
    }

    private static let typeOfKeyword = [
        "properties": "object", "required": "object", "additionalProperties": "object", "items": "array", "prefixItems": "array",
        "minItems": "array", "maxItems": "array", "minLength": "string", "maxLength": "string", "pattern": "string",
        "format": "string", "minimum": "number", "maximum": "number", "exclusiveMinimum": "number",
        "exclusiveMaximum": "number", "multipleOf": "number",
    ]

    /// The types that `type` names; without it those that the other keywords speak of, or all.
    static func types(_ keywords: [String: SchemaValue], at place: String) throws(JSONSchemaError) -> [String] {
        guard let value = keywords["type"] else {
            let implied = Set(keywords.keys.compactMap { typeOfKeyword[$0] })
            return JSONSchemaGrammar.types.filter { implied.isEmpty ? $0 != "integer" : implied.contains($0) }
        }
        let names = (value.array ?? [value]).map { $0.string ?? "" }
        guard !names.isEmpty, names.allSatisfy(JSONSchemaGrammar.types.contains) else {
            throw .invalid(keyword: "type", at: place, expected: "one or some of \(JSONSchemaGrammar.types.joined(separator: ", "))")
        }
        return names
    }

    static func isOf(_ types: [String], _ value: SchemaValue) -> Bool {
        switch value {
        case .null: types.contains("null")
        case .bool: types.contains("boolean")
        case .string: types.contains("string")
        case .array: types.contains("array")
        case .object: types.contains("object")
        case .number(let spelling):
            types.contains("number") || types.contains("integer") && Double(spelling).map { $0 == $0.rounded() } ?? false
        }
    }

    /// Two alternatives of which it cannot be shown that no value fits both.
    static func overlap(
        _ branches: [[String: SchemaValue]], _ document: JSONSchemaDocument
    ) throws(JSONSchemaError) -> (Int, Int)? {
        for second in branches.indices {
            for first in 0..<second where try !exclude(branches[first], branches[second], document) { return (first, second) }
        }
        return nil
    }

    private static func exclude(
        _ a: [String: SchemaValue], _ b: [String: SchemaValue], _ document: JSONSchemaDocument
    ) throws(JSONSchemaError) -> Bool {
        if let first = try listed(a, at: "#"), let second = try listed(b, at: "#") {
            return !first.contains { value in second.contains { isEqual($0, value) } }
        }
        let (first, second) = (try possibleTypes(a), try possibleTypes(b))
        if first.isDisjoint(with: second) { return true }
        guard first == ["object"], second == ["object"] else { return false }
        for key in required(a).intersection(required(b)) {
            guard let one = a["properties"]?[key], let other = b["properties"]?[key], one.members != nil, other.members != nil
            else { continue }
            let flat = try document.flattened(document.keywords(one, at: "#"), at: "#")
            let flatOther = try document.flattened(document.keywords(other, at: "#"), at: "#")
            if let values = try listed(flat, at: "#"), let others = try listed(flatOther, at: "#"),
                !values.contains(where: { value in others.contains { isEqual($0, value) } })
            {
                return true
            }
        }
        return false
    }

    /// 1 and 1.0 are the same number; of arrays and objects it is enough to know that they might be.
    private static func isEqual(_ a: SchemaValue, _ b: SchemaValue) -> Bool {
        switch (a, b) {
        case (.number(let x), .number(let y)): Double(x) == Double(y)
        case (.array, .array), (.object, .object): true
        default: a == b
        }
    }

    private static func required(_ keywords: [String: SchemaValue]) -> Set<String> {
        Set((keywords["required"]?.array ?? []).compactMap(\.string))
    }

    /// A schema that says nothing of types allows all, whatever else it says.
    private static func possibleTypes(_ keywords: [String: SchemaValue]) throws(JSONSchemaError) -> Set<String> {
        if let values = try listed(keywords, at: "#") {
            return Set(JSONSchemaGrammar.types.filter { type in type != "integer" && values.contains { isOf([type], $0) } })
        }
        guard keywords["type"] != nil, keywords["anyOf"] == nil, keywords["oneOf"] == nil else {
            return Set(JSONSchemaGrammar.types)
        }
        return Set(try types(keywords, at: "#").map { $0 == "integer" ? "number" : $0 })
    }
}
