extension JSONSchemaGrammar {
    private struct Property {
        let key: String
        let isRequired: Bool
        /// Key, colon, value and white space.
        let member: GrammarExpression
    }

    /// Members in the order of `properties`; those that are not required may be left out; then others, if they are allowed.
    mutating func object(_ keywords: [String: SchemaValue], at place: String) throws(JSONSchemaError) -> GrammarExpression {
        var properties = try properties(keywords, at: place)
        var others: SchemaValue? = keywords["additionalProperties"]
        if others == .bool(false) { others = nil } else if keywords["properties"] == nil { others = others ?? .bool(true) }
        for name in try required(keywords, at: place) where !properties.contains(where: { $0.key == name }) {
            // What is required and not described is an additional property.
            guard keywords["additionalProperties"] != .bool(false) else { throw .allowsNothing(at: place) }
            let value = try expression(keywords["additionalProperties"] ?? .bool(true), at: "\(place)/additionalProperties")
            properties.append(Property(key: name, isRequired: true, member: member(.text(SchemaValue.quoted(name)), value)))
        }
        var extra: GrammarExpression?
        if let others {
            let value = try expression(others, at: "\(place)/additionalProperties")
            extra = member(key(except: properties.map(\.key), at: place), value)
        }
        let members = self.members(properties, extra: extra, at: place)
        return .sequence([.text("{"), space(), members, .text("}")])
    }

    private mutating func member(_ key: GrammarExpression, _ value: GrammarExpression) -> GrammarExpression {
        .rule(add("member", .sequence([key, .text(":"), space(), value, space()])))
    }

    private mutating func properties(
        _ keywords: [String: SchemaValue], at place: String
    ) throws(JSONSchemaError) -> [Property] {
        guard let value = keywords["properties"] else { return [] }
        guard let members = value.members else { throw .invalid(keyword: "properties", at: place, expected: "an object") }
        let required = try required(keywords, at: place)
        var result: [Property] = []
        for member in members {
            let inner = "\(place)/properties/\(member.key)"
            // What is allowed no value must not be there.
            if member.value == .bool(false) {
                guard required.contains(member.key) else { continue }
                throw .allowsNothing(at: inner)
            }
            let value = try expression(member.value, at: inner)
            result.append(
                Property(
                    key: member.key, isRequired: required.contains(member.key),
                    member: self.member(.text(SchemaValue.quoted(member.key)), value)))
        }
        return result
    }

    private func required(_ keywords: [String: SchemaValue], at place: String) throws(JSONSchemaError) -> [String] {
        guard let value = keywords["required"] else { return [] }
        guard let names = value.array?.compactMap(\.string), names.count == value.array?.count else {
            throw .invalid(keyword: "required", at: place, expected: "an array of strings")
        }
        return names
    }

    /// Rules for what may follow from each property on, with and without a comma before it.
    private mutating func members(
        _ properties: [Property], extra: GrammarExpression?, at place: String
    ) -> GrammarExpression {
        var first: GrammarExpression = extra.map { .optional(list($0)) } ?? .nothing
        var later: GrammarExpression =
            extra.map { .repeated(.sequence([.text(","), space(), $0]), atLeast: 0, atMost: nil) } ?? .nothing
        for property in properties.reversed() {
            let here = GrammarExpression.sequence([property.member, later])
            let after = GrammarExpression.sequence([.text(","), space(), property.member, later])
            first = property.isRequired ? here : .choice([here, first])
            later = property.isRequired ? after : .choice([after, later])
            first = .rule(add("\(place) from \(property.key)", first))
            later = .rule(add("\(place) before \(property.key)", later))
        }
        return first
    }

    /// A key that is none of some names, without escapes, by which it could be one after all.
    private mutating func key(except names: [String], at place: String) -> GrammarExpression {
        guard !names.isEmpty else { return anyString() }
        let names = names.map { Array($0.unicodeScalars) }
        return .sequence([.text("\""), rest(except: names[...].map { $0[...] }, at: place)])
    }

    private mutating func rest(except names: [ArraySlice<Unicode.Scalar>], at place: String) -> GrammarExpression {
        let any = GrammarExpression.repeated(.characters(Self.plainCharacters), atLeast: 0, atMost: nil)
        guard !names.isEmpty else { return .sequence([any, .text("\"")]) }
        let next = Dictionary(grouping: names.filter { !$0.isEmpty }) { $0[$0.startIndex] }
        let taken = next.keys.map { $0.value...$0.value }
        let free = CharacterClasses.complement(CharacterClasses.complement(Self.plainCharacters) + taken)
        var choices: [GrammarExpression] = [.sequence([.characters(free), any, .text("\"")])]
        if !names.contains(where: \.isEmpty) { choices.append(.text("\"")) }
        for (scalar, rest) in next.sorted(by: { $0.key < $1.key }) where Self.isPlain(scalar) {
            let below = self.rest(except: rest.map { $0.dropFirst() }, at: place)
            choices.append(.sequence([.text(String(scalar)), .rule(add("\(place) other key", below))]))
        }
        return .choice(choices)
    }

    /// Elements by `prefixItems`, then by `items`.
    mutating func array(_ keywords: [String: SchemaValue], at place: String) throws(JSONSchemaError) -> GrammarExpression {
        let least = try count("minItems", keywords, at: place) ?? 0
        var most = try count("maxItems", keywords, at: place)
        var prefix: [GrammarExpression] = []
        if let value = keywords["prefixItems"] {
            guard let items = value.array else { throw .invalid(keyword: "prefixItems", at: place, expected: "an array of schemas") }
            for (index, item) in items.enumerated() { prefix.append(try element(item, at: "\(place)/prefixItems/\(index)")) }
        }
        let items = keywords["items"] ?? .bool(true)
        if items.array != nil { throw .unsupported(keyword: "items", at: place, detail: "with an array; use prefixItems") }
        if items == .bool(false) { most = min(most ?? prefix.count, prefix.count) }
        if let most, most < least { throw .allowsNothing(at: place) }
        var rest = GrammarExpression.nothing
        if most.map({ $0 > prefix.count }) ?? true {
            let item = try element(items, at: "\(place)/items")
            rest = repeated(item, after: prefix.count, least: least, most: most)
        }
        for (index, item) in prefix.enumerated().reversed() where most.map({ index < $0 }) ?? true {
            let here = GrammarExpression.sequence([index > 0 ? .sequence([.text(","), space()]) : .nothing, item, rest])
            rest = .rule(add("\(place) from \(index)", index < least ? here : .optional(here)))
        }
        return .sequence([.text("["), space(), rest, .text("]")])
    }

    private mutating func element(_ schema: SchemaValue, at place: String) throws(JSONSchemaError) -> GrammarExpression {
        .rule(add("\(place)", .sequence([try expression(schema, at: place), space()])))
    }

    /// Further elements, as many as bounds on their number leave.
    private mutating func repeated(
        _ item: GrammarExpression, after count: Int, least: Int, most: Int?
    ) -> GrammarExpression {
        let next = GrammarExpression.sequence([.text(","), space(), item])
        if count > 0 { return .repeated(next, atLeast: max(0, least - count), atMost: most.map { $0 - count }) }
        let all = GrammarExpression.sequence([item, .repeated(next, atLeast: max(0, least - 1), atMost: most.map { $0 - 1 })])
        return least > 0 ? all : .optional(all)
    }

    /// A keyword that says how many.
    func count(_ key: String, _ keywords: [String: SchemaValue], at place: String) throws(JSONSchemaError) -> Int? {
        guard let value = keywords[key] else { return nil }
        guard case .number(let spelling) = value, let number = Double(spelling), number >= 0, number == number.rounded() else {
            throw .invalid(keyword: key, at: place, expected: "a whole number, 0 or more")
        }
        return Int(min(number, 1e9))
    }
}
