/// Makes a grammar of a JSON Schema (draft 2020-12, and the older spellings people use): every text of the grammar is JSON
/// that the schema allows. Not every value that it allows can be written: members come in the schema's order, objects with
/// `properties` have no others unless `additionalProperties` says so, white space is scarce, numbers have few digits.
/// What is not supported is an error that names the keyword.
package struct JSONSchemaGrammar {
    let document: JSONSchemaDocument
    private(set) var rules: [GrammarDefinition.Rule] = []
    /// Rules of places that are referred to.
    private var referred: [String: Int] = [:]
    private var shared: [String: Int] = [:]

    static let types = ["object", "array", "string", "number", "integer", "boolean", "null"]

    private init(_ root: SchemaValue) { document = JSONSchemaDocument(root: root) }

    /// Throws `JSONSchemaError`.
    package static func definition(_ schema: SchemaValue) throws(JSONSchemaError) -> GrammarDefinition {
        var grammar = JSONSchemaGrammar(schema)
        let root = try grammar.rule(referredTo: "#", schema)
        return GrammarDefinition(rules: grammar.rules, root: root)
    }

    private mutating func rule(referredTo pointer: String, _ schema: SchemaValue) throws(JSONSchemaError) -> Int {
        if let known = referred[pointer] { return known }
        let number = add(pointer, .nothing)
        referred[pointer] = number
        rules[number].expression = try expression(schema, at: pointer)
        return number
    }

    /// Adds a rule and returns its number.
    mutating func add(_ name: String, _ expression: GrammarExpression) -> Int {
        rules.append(.init(name: name, expression: expression))
        return rules.count - 1
    }

    /// A rule that is the same for all schemas, made when it is first needed.
    mutating func common(_ name: String, _ make: (inout Self) -> GrammarExpression) -> GrammarExpression {
        if let known = shared[name] { return .rule(known) }
        let number = add(name, .nothing)
        shared[name] = number
        rules[number].expression = make(&self)
        return .rule(number)
    }

    /// What a schema allows.
    mutating func expression(_ schema: SchemaValue, at place: String) throws(JSONSchemaError) -> GrammarExpression {
        if schema == .bool(true) { return anyValue() }
        if schema == .bool(false) { throw .allowsNothing(at: place) }
        var keywords = try document.keywords(schema, at: place)
        if keywords.count == 1, let reference = keywords["$ref"] {
            let (target, pointer) = try document.resolve(reference, at: place)
            return .rule(try rule(referredTo: pointer, target))
        }
        keywords = try document.flattened(keywords, at: place)
        return try expression(keywords, at: place)
    }

    private mutating func expression(
        _ keywords: [String: SchemaValue], at place: String
    ) throws(JSONSchemaError) -> GrammarExpression {
        for key in ["oneOf", "anyOf"] {
            var rest = keywords
            guard let value = rest.removeValue(forKey: key) else { continue }
            guard let branches = value.array, !branches.isEmpty else {
                throw .invalid(keyword: key, at: place, expected: "an array of schemas")
            }
            return try alternatives(branches, key: key, beside: rest, at: place)
        }
        if let values = try JSONSchemaValues.listed(keywords, at: place) { return try literals(values, keywords, at: place) }
        let types = try JSONSchemaValues.types(keywords, at: place)
        var choices: [GrammarExpression] = []
        for type in types { choices.append(try expression(type, keywords, at: place)) }
        return choices.count == 1 ? choices[0] : .choice(choices)
    }

    private mutating func alternatives(
        _ branches: [SchemaValue], key: String, beside rest: [String: SchemaValue], at place: String
    ) throws(JSONSchemaError) -> GrammarExpression {
        var choices: [GrammarExpression] = []
        var flat: [[String: SchemaValue]] = []
        for (index, branch) in branches.enumerated() {
            let inner = "\(place)/\(key)/\(index)"
            if rest.isEmpty, key == "anyOf" {
                choices.append(try expression(branch, at: inner))
                continue
            }
            guard branch.members != nil else { throw .unsupported(keyword: key, at: place, detail: "with true or false in it") }
            let own = try document.flattened(document.keywords(branch, at: inner), at: inner)
            let both = try document.merged(rest, own, at: inner)
            flat.append(both)
            choices.append(rest.isEmpty ? try expression(branch, at: inner) : try expression(both, at: inner))
        }
        if key == "oneOf", let (first, second) = try JSONSchemaValues.overlap(flat, document) {
            throw .overlapping(at: place, first: first, second: second)
        }
        return .choice(choices)
    }

    /// The values of `enum` or `const`.
    private func literals(
        _ values: [SchemaValue], _ keywords: [String: SchemaValue], at place: String
    ) throws(JSONSchemaError) -> GrammarExpression {
        if let other = keywords.keys.sorted().first(where: { !["enum", "const", "type"].contains($0) }) {
            throw .unsupported(keyword: other, at: place, detail: "beside enum or const")
        }
        let types = try keywords["type"].map { (_) throws(JSONSchemaError) in try JSONSchemaValues.types(keywords, at: place) }
        let fitting = values.filter { value in types.map { JSONSchemaValues.isOf($0, value) } ?? true }
        guard !fitting.isEmpty else { throw .allowsNothing(at: place) }
        return .choice(fitting.map { .text($0.spelling) })
    }

    private mutating func expression(
        _ type: String, _ keywords: [String: SchemaValue], at place: String
    ) throws(JSONSchemaError) -> GrammarExpression {
        switch type {
        case "object": try object(keywords, at: place)
        case "array": try array(keywords, at: place)
        case "string": try string(keywords, at: place)
        case "number": try number(keywords, isInteger: false, at: place)
        case "integer": try number(keywords, isInteger: true, at: place)
        case "boolean": .choice([.text("true"), .text("false")])
        default: .text("null")
        }
    }

    /// Nothing, a space, or a line end with an indentation.
    mutating func space() -> GrammarExpression {
        common("white space") { _ in
            .choice([.nothing, .text(" "), .sequence([.text("\n"), .repeated(.characters([0x20...0x20, 9...9]), atLeast: 0, atMost: 20)])])
        }
    }

    mutating func anyValue() -> GrammarExpression {
        common("any value") { grammar in
            let value = GrammarExpression.rule(grammar.rules.count - 1)
            let space = grammar.space()
            let string = grammar.anyString()
            let member = GrammarExpression.sequence([string, .text(":"), space, value, space])
            return .choice([
                string, grammar.anyNumber(isInteger: false), .text("true"), .text("false"), .text("null"),
                .sequence([.text("{"), space, .optional(grammar.list(member)), .text("}")]),
                .sequence([.text("["), space, .optional(grammar.list(.sequence([value, space]))), .text("]")]),
            ])
        }
    }

    /// One or more, with commas between.
    mutating func list(_ item: GrammarExpression) -> GrammarExpression {
        .sequence([item, .repeated(.sequence([.text(","), space(), item]), atLeast: 0, atMost: nil)])
    }
}

extension Grammar {
    /// The grammar of a JSON Schema. Throws `JSONSchemaError`.
    package convenience init(
        jsonSchema text: String, limits: GrammarLimits = GrammarLimits()
    ) throws(JSONSchemaError) {
        let definition = try JSONSchemaGrammar.definition(SchemaValue(parsing: text))
        do { try self.init(definition, limits: limits) } catch { throw .grammar(error) }
    }
}
