/// The tests of Jinja, `value is name`.
extension TemplateInterpreter {
    func test(_ value: TemplateValue, _ name: String, _ arguments: ArgumentValues) throws(ChatTemplateError) -> Bool {
        if let result = Self.typeTest(value, name) { return result }
        let other = arguments.positional.first ?? .none
        switch name {
        case "equalto", "eq", "==": return value.isEqual(other)
        case "ne", "!=": return !value.isEqual(other)
        case "lt", "lessthan", "<": return try compare("<", value, other)
        case "le", "<=": return try compare("<=", value, other)
        case "gt", "greaterthan", ">": return try compare(">", value, other)
        case "ge", ">=": return try compare(">=", value, other)
        case "in": return try contains(other, value)
        case "sameas": return value.isEqual(other) && value.typeName == other.typeName
        case "odd", "even", "divisibleby":
            guard let number = value.wholeNumber else { throw .rendering("\(value.typeName) is not a whole number") }
            if name != "divisibleby" { return number.isMultiple(of: 2) == (name == "even") }
            guard let divisor = other.wholeNumber, divisor != 0 else { throw .rendering("a division by zero") }
            return number % divisor == 0
        case "lower": return value.printed == value.printed.lowercased && value.printed.hasCase
        case "upper": return value.printed == value.printed.uppercased && value.printed.hasCase
        default: throw .rendering("there is no test \"\(name)\"")
        }
    }

    private static func typeTest(_ value: TemplateValue, _ name: String) -> Bool? {
        switch (name, value) {
        case ("defined", _): return !value.isUndefined
        case ("undefined", _): return value.isUndefined
        case ("none", _): return value.isNone
        case ("true", .bool(let flag)): return flag
        case ("false", .bool(let flag)): return !flag
        case ("boolean", .bool), ("integer", .integer), ("float", .float), ("string", .string), ("mapping", .dictionary),
            ("number", .bool), ("number", .integer), ("number", .float): return true
        case ("iterable", .string), ("iterable", .list), ("iterable", .tuple), ("iterable", .dictionary),
            ("iterable", .undefined), ("sequence", .string), ("sequence", .list), ("sequence", .tuple),
            ("sequence", .dictionary), ("sequence", .undefined): return true
        case ("callable", .macro), ("callable", .function), ("callable", .method), ("callable", .undefined): return true
        case ("true", _), ("false", _), ("boolean", _), ("integer", _), ("float", _), ("string", _), ("mapping", _),
            ("number", _), ("iterable", _), ("sequence", _), ("callable", _): return false
        default: return nil
        }
    }
}

extension TemplateString {
    /// Whether any character has a case, which Python's `islower` and `isupper` ask for.
    var hasCase: Bool {
        units.contains { Unicode.Scalar(Self.scalar($0))?.properties.isCased ?? false }
    }
}
