/// Recursive descent over the tokens of a template; the grammar is Jinja's.
struct TemplateParser {
    private static let maximumDepth = 60
    private static let maximumChain = 100
    private let tokens: [TemplateToken]
    private var position = 0
    private var depth = 0
    private var loopDepth = 0

    static func parse(_ source: String) throws(ChatTemplateError) -> [TemplateStatement] {
        var parser = TemplateParser(tokens: try TemplateLexer.tokens(of: source))
        return try parser.statements(until: [])
    }

    private init(tokens: [TemplateToken]) { self.tokens = tokens }

    // MARK: Tokens

    private var current: TemplateToken.Kind { tokens[position].kind }
    private var following: TemplateToken.Kind { position + 1 < tokens.count ? tokens[position + 1].kind : .end }
    private var line: Int { tokens[position].line }

    private mutating func advance() { if position + 1 < tokens.count { position += 1 } }

    private func isSymbol(_ symbol: String) -> Bool { current == .symbol(symbol) }
    private func isName(_ name: String) -> Bool { current == .name(name) }

    private mutating func skip(_ kind: TemplateToken.Kind) -> Bool {
        guard current == kind else { return false }
        advance()
        return true
    }

    private mutating func skipSymbol(_ symbol: String) -> Bool { skip(.symbol(symbol)) }
    private mutating func skipName(_ name: String) -> Bool { skip(.name(name)) }

    private mutating func expect(_ kind: TemplateToken.Kind) throws(ChatTemplateError) {
        guard skip(kind) else { throw .syntax(line: line, "expected \(Self.describe(kind)), found \(Self.describe(current))") }
    }

    private mutating func expectName() throws(ChatTemplateError) -> String {
        guard case .name(let name) = current else { throw .syntax(line: line, "expected a name, found \(Self.describe(current))") }
        advance()
        return name
    }

    private static func describe(_ kind: TemplateToken.Kind) -> String {
        switch kind {
        case .data: "text"
        case .blockBegin: "\"{%\""
        case .blockEnd: "\"%}\""
        case .variableBegin: "\"{{\""
        case .variableEnd: "\"}}\""
        case .name(let name): "\"\(name)\""
        case .string: "a string"
        case .integer, .float: "a number"
        case .symbol(let symbol): "\"\(symbol)\""
        case .end: "the end"
        }
    }

    private mutating func nested<T>(
        _ parse: (inout TemplateParser) throws(ChatTemplateError) -> T
    ) throws(ChatTemplateError) -> T {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw .exceeded(limit: "levels of nesting", Self.maximumDepth) }
        return try parse(&self)
    }
}

// MARK: Statements

extension TemplateParser {
    /// Statements up to a block tag that begins with one of `ends`, which stays current. No `ends`: to the end.
    private mutating func statements(until ends: [String]) throws(ChatTemplateError) -> [TemplateStatement] {
        try nested { (parser: inout TemplateParser) throws(ChatTemplateError) in
            var body: [TemplateStatement] = []
            while true {
                switch parser.current {
                case .data(let text):
                    body.append(.text(TemplateString(text, trusted: true)))
                    parser.advance()
                case .variableBegin:
                    parser.advance()
                    body.append(.output(try parser.tupleOrExpression()))
                    try parser.expect(.variableEnd)
                case .blockBegin:
                    if case .name(let name) = parser.following, ends.contains(name) {
                        parser.advance()
                        return body
                    }
                    parser.advance()
                    body.append(try parser.statement())
                    try parser.expect(.blockEnd)
                default:
                    guard ends.isEmpty, parser.current == .end else {
                        throw .syntax(line: parser.line, "expected {% \(ends.last ?? "") %}, found \(Self.describe(parser.current))")
                    }
                    return body
                }
            }
        }
    }

    private mutating func statement() throws(ChatTemplateError) -> TemplateStatement {
        let line = line
        let name = try expectName()
        switch name {
        case "if": return try conditional()
        case "for": return try loop()
        case "set": return try assignment()
        case "macro": return try macro()
        case "call": return try callBlock()
        case "filter": return try filterBlock()
        case "with": return try with()
        case "generation": return .generation(try blockBody("endgeneration"))
        case "break", "continue":
            guard loopDepth > 0 else { throw .syntax(line: line, "\"\(name)\" outside of a loop") }
            return name == "break" ? .breakLoop : .continueLoop
        default: throw .unsupported(line: line, "the tag \"\(name)\"")
        }
    }

    /// `%}` body `{% end`, leaving the `%}` of the end tag.
    private mutating func blockBody(_ end: String) throws(ChatTemplateError) -> [TemplateStatement] {
        try expect(.blockEnd)
        let body = try statements(until: [end])
        advance()
        return body
    }

    private mutating func conditional() throws(ChatTemplateError) -> TemplateStatement {
        var branches: [(condition: TemplateExpression, body: [TemplateStatement])] = []
        while true {
            let condition = try tupleOrExpression()
            try expect(.blockEnd)
            branches.append((condition, try statements(until: ["elif", "else", "endif"])))
            let next = try expectName()
            if next == "elif" { continue }
            if next == "endif" { return .conditional(branches, otherwise: []) }
            return .conditional(branches, otherwise: try blockBody("endif"))
        }
    }

    private mutating func loop() throws(ChatTemplateError) -> TemplateStatement {
        let target = try assignmentTarget()
        try expect(.name("in"))
        let items = try tupleOrExpression(withConditional: false)
        let condition = skipName("if") ? try expression() : nil
        if isName("recursive") { throw .unsupported(line: line, "a recursive loop") }
        try expect(.blockEnd)
        loopDepth += 1
        defer { loopDepth -= 1 }
        let body = try statements(until: ["else", "endfor"])
        let otherwise = try expectName() == "else" ? try blockBody("endfor") : []
        return .loop(LoopDefinition(target: target, items: items, condition: condition, body: body, otherwise: otherwise))
    }

    private mutating func assignmentTarget() throws(ChatTemplateError) -> AssignmentTarget {
        var targets: [AssignmentTarget] = []
        var isTuple = false
        repeat {
            if !targets.isEmpty, isName("in") || isSymbol("=") || isSymbol(")") { break }
            if skipSymbol("(") {
                targets.append(try nested { (parser: inout TemplateParser) throws(ChatTemplateError) in try parser.assignmentTarget() })
                try expect(.symbol(")"))
            } else {
                let name = try expectName()
                targets.append(skipSymbol(".") ? .field(of: name, try expectName()) : .name(name))
            }
            if isSymbol(",") { isTuple = true }
        } while skipSymbol(",")
        return isTuple ? .tuple(targets) : targets[0]
    }

    private mutating func assignment() throws(ChatTemplateError) -> TemplateStatement {
        let target = try assignmentTarget()
        if skipSymbol("=") { return .assign(target, try tupleOrExpression()) }
        let filters = try filterChain()
        return .assignBlock(target, filters: filters, try blockBody("endset"))
    }

    private mutating func filterChain() throws(ChatTemplateError) -> [FilterCall] {
        var filters: [FilterCall] = []
        while skipSymbol("|") { filters.append(try filterCall()) }
        return filters
    }

    private mutating func macro() throws(ChatTemplateError) -> TemplateStatement {
        let name = try expectName()
        let parameters = try parameters()
        return .macro(MacroDefinition(name: name, parameters: parameters, body: try macroBody("endmacro")))
    }

    /// `break` and `continue` do not reach out of a macro.
    private mutating func macroBody(_ end: String) throws(ChatTemplateError) -> [TemplateStatement] {
        let outer = loopDepth
        loopDepth = 0
        defer { loopDepth = outer }
        return try blockBody(end)
    }

    private mutating func parameters() throws(ChatTemplateError) -> [(name: String, fallback: TemplateExpression?)] {
        var parameters: [(name: String, fallback: TemplateExpression?)] = []
        try expect(.symbol("("))
        while !isSymbol(")") {
            if !parameters.isEmpty { try expect(.symbol(",")) }
            if isSymbol(")") { break }
            let name = try expectName()
            parameters.append((name, skipSymbol("=") ? try expression() : nil))
        }
        try expect(.symbol(")"))
        return parameters
    }

    private mutating func callBlock() throws(ChatTemplateError) -> TemplateStatement {
        let parameters = isSymbol("(") ? try parameters() : []
        let call = try expression()
        guard case .call = call else { throw .syntax(line: line, "a call block needs a call") }
        let body = try macroBody("endcall")
        return .callBlock(MacroDefinition(name: "caller", parameters: parameters, body: body), call: call)
    }

    private mutating func filterBlock() throws(ChatTemplateError) -> TemplateStatement {
        let filters = [try filterCall()] + (try filterChain())
        return .filterBlock(filters, try blockBody("endfilter"))
    }

    private mutating func with() throws(ChatTemplateError) -> TemplateStatement {
        var values: [(name: String, value: TemplateExpression)] = []
        while current != .blockEnd {
            if !values.isEmpty { try expect(.symbol(",")) }
            let name = try expectName()
            try expect(.symbol("="))
            values.append((name, try expression()))
        }
        return .with(values, try blockBody("endwith"))
    }
}

// MARK: Expressions

extension TemplateParser {
    /// An expression, or several with commas between them.
    private mutating func tupleOrExpression(withConditional: Bool = true) throws(ChatTemplateError) -> TemplateExpression {
        let first = try withConditional ? expression() : alternation()
        guard isSymbol(",") else { return first }
        var items = [first]
        while skipSymbol(",") {
            if current == .blockEnd || current == .variableEnd || isSymbol(")") { break }
            items.append(try withConditional ? expression() : alternation())
        }
        return .tuple(items)
    }

    private mutating func expression() throws(ChatTemplateError) -> TemplateExpression {
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

    private mutating func alternation() throws(ChatTemplateError) -> TemplateExpression {
        var operands = [try conjunction()]
        while skipName("or") { operands.append(try conjunction()) }
        return operands.count == 1 ? operands[0] : .any(operands)
    }

    private mutating func conjunction() throws(ChatTemplateError) -> TemplateExpression {
        var operands = [try negation()]
        while skipName("and") { operands.append(try negation()) }
        return operands.count == 1 ? operands[0] : .all(operands)
    }

    private mutating func negation() throws(ChatTemplateError) -> TemplateExpression {
        guard skipName("not") else { return try comparison() }
        return try nested { (parser: inout TemplateParser) throws(ChatTemplateError) in .not(try parser.negation()) }
    }

    private static let comparisons: Set<String> = ["==", "!=", "<", "<=", ">", ">="]

    private mutating func comparison() throws(ChatTemplateError) -> TemplateExpression {
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

    private mutating func sum() throws(ChatTemplateError) -> TemplateExpression {
        try leftToRight(["+", "-"]) { (parser: inout TemplateParser) throws(ChatTemplateError) in try parser.concatenation() }
    }

    private mutating func concatenation() throws(ChatTemplateError) -> TemplateExpression {
        var operands = [try product()]
        while skipSymbol("~") { operands.append(try product()) }
        return operands.count == 1 ? operands[0] : .concatenation(operands)
    }

    private mutating func product() throws(ChatTemplateError) -> TemplateExpression {
        try leftToRight(["*", "/", "//", "%"]) { (parser: inout TemplateParser) throws(ChatTemplateError) in
            try parser.leftToRight(["**"]) { (parser: inout TemplateParser) throws(ChatTemplateError) in
                try parser.unary(withFilters: true)
            }
        }
    }

    private mutating func leftToRight(
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

    private mutating func unary(withFilters: Bool) throws(ChatTemplateError) -> TemplateExpression {
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

    private mutating func primary() throws(ChatTemplateError) -> TemplateExpression {
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

    private mutating func items(until end: String) throws(ChatTemplateError) -> [TemplateExpression] {
        var items: [TemplateExpression] = []
        while !isSymbol(end) {
            if !items.isEmpty { try expect(.symbol(",")) }
            if isSymbol(end) { break }
            items.append(try expression())
        }
        try expect(.symbol(end))
        return items
    }

    private mutating func members() throws(ChatTemplateError) -> [(key: TemplateExpression, value: TemplateExpression)] {
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

    private mutating func postfix(_ base: TemplateExpression) throws(ChatTemplateError) -> TemplateExpression {
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

    private mutating func subscripted(_ base: TemplateExpression) throws(ChatTemplateError) -> TemplateExpression {
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

    private mutating func arguments() throws(ChatTemplateError) -> TemplateArguments {
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

    private mutating func filterCall() throws(ChatTemplateError) -> FilterCall {
        let name = try expectName()
        return FilterCall(name: name, arguments: isSymbol("(") ? try arguments() : TemplateArguments())
    }

    private mutating func filtersAndTests(_ base: TemplateExpression) throws(ChatTemplateError) -> TemplateExpression {
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

    private mutating func test(_ value: TemplateExpression) throws(ChatTemplateError) -> TemplateExpression {
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
    private var startsOperand: Bool {
        switch current {
        case .name(let name): !["else", "or", "and", "is", "if", "in", "not"].contains(name)
        case .string, .integer, .float, .symbol("["), .symbol("{"): true
        default: false
        }
    }
}
