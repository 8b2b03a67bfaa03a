/// Expressions, from the operator that binds least to the one that binds most.
extension TemplateParser {
    /// An expression, or several with commas between them.
    mutating func tupleOrExpression(withConditional: Bool = true) throws(ChatTemplateError) -> TemplateExpression {
        let first = try withConditional ? expression() : alternation()
        guard isSymbol(",") else { return first }
        var items = [first]
        while skipSymbol(",") {
            if current == .blockEnd || current == .variableEnd || isSymbol(")") { break }
            items.append(try withConditional ? expression() : alternation())
        }
        return .tuple(items)
    }

    mutating func expression() throws(ChatTemplateError) -> TemplateExpression {
        try nested { (parser: inout TemplateParser) throws(ChatTemplateError) in
            var value = try parser.alternation()
            while parser.skipName("if") {
                let condition = try parser.alternation()
                let otherwise = parser.skipName("else") ? try parser.expression() : nil
                value = .conditional(value, condition: condition, otherwise: otherwise)
            }
            return value
        }
    }

    mutating func alternation() throws(ChatTemplateError) -> TemplateExpression {
        var operands = [try conjunction()]
        while skipName("or") { operands.append(try conjunction()) }
        return operands.count == 1 ? operands[0] : .any(operands)
    }

    mutating func conjunction() throws(ChatTemplateError) -> TemplateExpression {
        var operands = [try negation()]
        while skipName("and") { operands.append(try negation()) }
        return operands.count == 1 ? operands[0] : .all(operands)
    }

    mutating func negation() throws(ChatTemplateError) -> TemplateExpression {
        guard skipName("not") else { return try comparison() }
        return try nested { (parser: inout TemplateParser) throws(ChatTemplateError) in .not(try parser.negation()) }
    }

    private static let comparisons: Set<String> = ["==", "!=", "<", "<=", ">", ">="]

    mutating func comparison() throws(ChatTemplateError) -> TemplateExpression {
        let first = try sum()
        var rest: [(operation: String, operand: TemplateExpression)] = []
        while true {
            if case .symbol(let symbol) = current, Self.comparisons.contains(symbol) {
                advance()
                rest.append((symbol, try sum()))
            } else if skipName("in") {
                rest.append(("in", try sum()))
            } else if isName("not"), following == .name("in") {
                advance()
                advance()
                rest.append(("not in", try sum()))
            } else {
                return rest.isEmpty ? first : .comparison(first, rest)
            }
        }
    }

    mutating func sum() throws(ChatTemplateError) -> TemplateExpression {
        try leftToRight(["+", "-"]) { (parser: inout TemplateParser) throws(ChatTemplateError) in try parser.concatenation() }
    }

    mutating func concatenation() throws(ChatTemplateError) -> TemplateExpression {
        var operands = [try product()]
        while skipSymbol("~") { operands.append(try product()) }
        return operands.count == 1 ? operands[0] : .concatenation(operands)
    }

    mutating func product() throws(ChatTemplateError) -> TemplateExpression {
        try leftToRight(["*", "/", "//", "%"]) { (parser: inout TemplateParser) throws(ChatTemplateError) in
            try parser.leftToRight(["**"]) { (parser: inout TemplateParser) throws(ChatTemplateError) in
                try parser.unary(withFilters: true)
            }
        }
    }

    mutating func leftToRight(
        _ symbols: Set<String>, _ operand: (inout TemplateParser) throws(ChatTemplateError) -> TemplateExpression
    ) throws(ChatTemplateError) -> TemplateExpression {
        let first = try operand(&self)
        var rest: [(operation: String, operand: TemplateExpression)] = []
        while case .symbol(let symbol) = current, symbols.contains(symbol) {
            advance()
            rest.append((symbol, try operand(&self)))
        }
        return rest.isEmpty ? first : .arithmetic(first, rest)
    }

    mutating func unary(withFilters: Bool) throws(ChatTemplateError) -> TemplateExpression {
        var value: TemplateExpression
        if isSymbol("-") || isSymbol("+") {
            let isNegative = isSymbol("-")
            advance()
            value = try nested { (parser: inout TemplateParser) throws(ChatTemplateError) in try parser.unary(withFilters: false) }
            if isNegative { value = .negative(value) }
        } else {
            value = try primary()
        }
        value = try postfix(value)
        return withFilters ? try filtersAndTests(value) : value
    }

    mutating func primary() throws(ChatTemplateError) -> TemplateExpression {
        let line = line
        let token = current
        advance()
        switch token {
        case .name("true"), .name("True"): return .literal(.bool(true))
        case .name("false"), .name("False"): return .literal(.bool(false))
        case .name("none"), .name("None"): return .literal(.none)
        case .name(let name): return .name(name)
        case .integer(let value): return .literal(.integer(value))
        case .float(let value): return .literal(.float(value))
        case .string(var text):
            while case .string(let more) = current {
                text += more
                advance()
            }
            return .literal(.trusted(text))
        case .symbol("("):
            if skipSymbol(")") { return .tuple([]) }
            let value = try tupleOrExpression()
            try expect(.symbol(")"))
            return value
        case .symbol("["): return .list(try items(until: "]"))
        case .symbol("{"): return .dictionary(try members())
        default: throw .syntax(line: line, "expected an expression, found \(Self.describe(token))")
        }
    }

    mutating func items(until end: String) throws(ChatTemplateError) -> [TemplateExpression] {
        var items: [TemplateExpression] = []
        while !isSymbol(end) {
            if !items.isEmpty { try expect(.symbol(",")) }
            if isSymbol(end) { break }
            items.append(try expression())
        }
        try expect(.symbol(end))
        return items
    }

    mutating func members() throws(ChatTemplateError) -> [(key: TemplateExpression, value: TemplateExpression)] {
        var members: [(key: TemplateExpression, value: TemplateExpression)] = []
        while !isSymbol("}") {
            if !members.isEmpty { try expect(.symbol(",")) }
            if isSymbol("}") { break }
            let key = try expression()
            try expect(.symbol(":"))
            members.append((key, try expression()))
        }
        try expect(.symbol("}"))
        return members
    }

    mutating func postfix(_ base: TemplateExpression) throws(ChatTemplateError) -> TemplateExpression {
        var value = base
        for _ in 0..<Self.maximumChain {
            if skipSymbol(".") {
                if case .integer(let index) = current {
                    advance()
                    value = .item(value, .literal(.integer(index)))
                } else {
                    value = .attribute(value, try expectName())
                }
            } else if skipSymbol("[") {
                value = try subscripted(value)
                try expect(.symbol("]"))
            } else if isSymbol("(") {
                value = .call(value, try arguments())
            } else {
                return value
            }
        }
        throw .exceeded(limit: "accesses in a row", Self.maximumChain)
    }

    mutating func subscripted(_ base: TemplateExpression) throws(ChatTemplateError) -> TemplateExpression {
        func isBound() -> Bool { isSymbol(":") || isSymbol("]") }
        let start = isBound() ? nil : try expression()
        guard skipSymbol(":") else {
            guard let start else { throw .syntax(line: line, "an index is missing") }
            return .item(base, start)
        }
        let end = isBound() ? nil : try expression()
        let step = skipSymbol(":") && !isBound() ? try expression() : nil
        return .slice(base, start: start, end: end, step: step)
    }

    mutating func arguments() throws(ChatTemplateError) -> TemplateArguments {
        var arguments = TemplateArguments()
        try expect(.symbol("("))
        var isFirst = true
        while !isSymbol(")") {
            if !isFirst { try expect(.symbol(",")) }
            isFirst = false
            if isSymbol(")") { break }
            if isSymbol("*") || isSymbol("**") { throw .unsupported(line: line, "an unpacked argument") }
            if case .name(let name) = current, following == .symbol("=") {
                advance()
                advance()
                arguments.named.append((name, try expression()))
            } else {
                arguments.positional.append(try expression())
            }
        }
        try expect(.symbol(")"))
        return arguments
    }

    mutating func filterCall() throws(ChatTemplateError) -> FilterCall {
        let name = try expectName()
        return FilterCall(name: name, arguments: isSymbol("(") ? try arguments() : TemplateArguments())
    }

    mutating func filtersAndTests(_ base: TemplateExpression) throws(ChatTemplateError) -> TemplateExpression {
        var value = base
        for _ in 0..<Self.maximumChain {
            if skipSymbol("|") {
                value = .filter(value, try filterCall())
            } else if skipName("is") {
                value = try test(value)
            } else if isSymbol("(") {
                value = .call(value, try arguments())
            } else {
                return value
            }
        }
        throw .exceeded(limit: "filters in a row", Self.maximumChain)
    }

    mutating func test(_ value: TemplateExpression) throws(ChatTemplateError) -> TemplateExpression {
        let isNegated = skipName("not")
        let name = try expectName()
        var arguments = TemplateArguments()
        if isSymbol("(") {
            arguments = try self.arguments()
        } else if startsOperand {
            arguments.positional = [try postfix(try primary())]
        }
        let test = TemplateExpression.test(value, name: name, arguments)
        return isNegated ? .not(test) : test
    }

    /// Whether an argument of a test follows without parentheses.
    var startsOperand: Bool {
        switch current {
        case .name(let name): !["else", "or", "and", "is", "if", "in", "not"].contains(name)
        case .string, .integer, .float, .symbol("["), .symbol("{"): true
        default: false
        }
    }
}
