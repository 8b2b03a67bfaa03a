extension JSONSchemaGrammar {
    /// Characters that stand for themselves in a JSON string.
    static let plainCharacters = CharacterClasses.complement([0...0x1F, 0x22...0x22, 0x5C...0x5C])

    static func isPlain(_ scalar: Unicode.Scalar) -> Bool { scalar.value >= 0x20 && scalar != "\"" && scalar != "\\" }

    /// A character as it may be spelled, each spelling one code point: no halves of surrogate pairs.
    private mutating func character() -> GrammarExpression {
        common("character") { _ in
            let digit = GrammarExpression.characters([0x30...0x39, 0x41...0x46, 0x61...0x66])
            let notD = GrammarExpression.characters([0x30...0x39, 0x41...0x43, 0x45...0x46, 0x61...0x63, 0x65...0x66])
            let unit = GrammarExpression.choice([
                .sequence([notD, digit]), .sequence([.characters([0x44...0x44, 0x64...0x64]), .characters([0x30...0x37])]),
            ])
            return .choice([
                .characters(Self.plainCharacters),
                .sequence([
                    .text("\\"),
                    .choice([
                        .characters("\"\\/bfnrt".unicodeScalars.map { $0.value...$0.value }),
                        .sequence([.text("u"), unit, digit, digit]),
                    ]),
                ]),
            ])
        }
    }

    mutating func anyString() -> GrammarExpression {
        let character = character()
        return common("string") { _ in
            .sequence([.text("\""), .repeated(character, atLeast: 0, atMost: nil), .text("\"")])
        }
    }

    mutating func string(_ keywords: [String: SchemaValue], at place: String) throws(JSONSchemaError) -> GrammarExpression {
        let least = try count("minLength", keywords, at: place)
        let most = try count("maxLength", keywords, at: place)
        let pattern = try pattern(keywords, at: place)
        guard let pattern else {
            guard least != nil || most != nil else { return anyString() }
            if let least, let most, most < least { throw .allowsNothing(at: place) }
            return .sequence([.text("\""), .repeated(character(), atLeast: least ?? 0, atMost: most), .text("\"")])
        }
        for key in ["minLength", "maxLength"] where keywords[key] != nil {
            throw .unsupported(keyword: key, at: place, detail: "beside \(pattern.keyword)")
        }
        return .sequence([.text("\""), pattern.expression, .text("\"")])
    }

    private func pattern(
        _ keywords: [String: SchemaValue], at place: String
    ) throws(JSONSchemaError) -> (keyword: String, expression: GrammarExpression)? {
        if let format = keywords["format"] {
            guard keywords["pattern"] == nil else { throw .unsupported(keyword: "format", at: place, detail: "beside pattern") }
            guard let name = format.string, let pattern = Self.formats[name] else {
                let known = Self.formats.keys.sorted().joined(separator: ", ")
                throw .unsupported(keyword: "format", at: place, detail: "with \(format.spelling), only \(known)")
            }
            return ("format", try PatternParser.expression(pattern, at: place))
        }
        guard let value = keywords["pattern"] else { return nil }
        guard let text = value.string else { throw .invalid(keyword: "pattern", at: place, expected: "a string") }
        return ("pattern", try PatternParser.expression(text, at: place))
    }

    private static let date =
        "[12][0-9]{3}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
    private static let time = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
    private static let byte = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"

    /// What `format` names that can be kept to, as patterns; some values are left out (29 February).
    private static let formats = [
        "date": "^\(date)$", "time": "^\(time)$", "date-time": "^\(date)T\(time)$",
        "uuid": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", "ipv4": "^\(byte)(\\.\(byte)){3}$",
        "email": "^[A-Za-z0-9_%+-]+(\\.[A-Za-z0-9_%+-]+)*@[A-Za-z0-9]+(-[A-Za-z0-9]+)*(\\.[A-Za-z0-9]+(-[A-Za-z0-9]+)*)*\\.[A-Za-z]{2,}$",
    ]
}
