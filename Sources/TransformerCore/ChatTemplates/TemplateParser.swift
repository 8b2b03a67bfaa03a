/// Recursive descent over the tokens of a template; the grammar is Jinja's.
struct TemplateParser {
    private static let maximumDepth = 60
    static let maximumChain = 100
    private let tokens: [TemplateToken]
    var position = 0
    var depth = 0
    private var loopDepth = 0

    static func parse(_ source: String) throws(ChatTemplateError) -> [TemplateStatement] {
        var parser = TemplateParser(tokens: try TemplateLexer.tokens(of: source))
        return try parser.statements(until: [])
    }

    private init(tokens: [TemplateToken]) { self.tokens = tokens }

    // MARK: Tokens

    var current: TemplateToken.Kind { tokens[position].kind }
    var following: TemplateToken.Kind { position + 1 < tokens.count ? tokens[position + 1].kind : .end }
    var line: Int { tokens[position].line }

    mutating func advance() { if position + 1 < tokens.count { position += 1 } }

    func isSymbol(_ symbol: String) -> Bool { current == .symbol(symbol) }
    func isName(_ name: String) -> Bool { current == .name(name) }

    mutating func skip(_ kind: TemplateToken.Kind) -> Bool {
        guard current == kind else { return false }
        advance()
        return true
    }

    mutating func skipSymbol(_ symbol: String) -> Bool { skip(.symbol(symbol)) }
    mutating func skipName(_ name: String) -> Bool { skip(.name(name)) }

    mutating func expect(_ kind: TemplateToken.Kind) throws(ChatTemplateError) {
        guard skip(kind) else { throw .syntax(line: line, "expected \(Self.describe(kind)), found \(Self.describe(current))") }
    }

    mutating func expectName() throws(ChatTemplateError) -> String {
        guard case .name(let name) = current else { throw .syntax(line: line, "expected a name, found \(Self.describe(current))") }
        advance()
        return name
    }

    static func describe(_ kind: TemplateToken.Kind) -> String {
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

    mutating func nested<T>(
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
    mutating func statements(until ends: [String]) throws(ChatTemplateError) -> [TemplateStatement] {
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

    mutating func statement() throws(ChatTemplateError) -> TemplateStatement {
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
    mutating func blockBody(_ end: String) throws(ChatTemplateError) -> [TemplateStatement] {
        try expect(.blockEnd)
        let body = try statements(until: [end])
        advance()
        return body
    }

    mutating func conditional() throws(ChatTemplateError) -> TemplateStatement {
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

    mutating func loop() throws(ChatTemplateError) -> TemplateStatement {
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

    mutating func assignmentTarget() throws(ChatTemplateError) -> AssignmentTarget {
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

    mutating func assignment() throws(ChatTemplateError) -> TemplateStatement {
        let target = try assignmentTarget()
        if skipSymbol("=") { return .assign(target, try tupleOrExpression()) }
        let filters = try filterChain()
        return .assignBlock(target, filters: filters, try blockBody("endset"))
    }

    mutating func filterChain() throws(ChatTemplateError) -> [FilterCall] {
        var filters: [FilterCall] = []
        while skipSymbol("|") { filters.append(try filterCall()) }
        return filters
    }

    mutating func macro() throws(ChatTemplateError) -> TemplateStatement {
        let name = try expectName()
        let parameters = try parameters()
        return .macro(MacroDefinition(name: name, parameters: parameters, body: try macroBody("endmacro")))
    }

    /// `break` and `continue` do not reach out of a macro.
    mutating func macroBody(_ end: String) throws(ChatTemplateError) -> [TemplateStatement] {
        let outer = loopDepth
        loopDepth = 0
        defer { loopDepth = outer }
        return try blockBody(end)
    }

    mutating func parameters() throws(ChatTemplateError) -> [(name: String, fallback: TemplateExpression?)] {
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

    mutating func callBlock() throws(ChatTemplateError) -> TemplateStatement {
        let parameters = isSymbol("(") ? try parameters() : []
        let call = try expression()
        guard case .call = call else { throw .syntax(line: line, "a call block needs a call") }
        let body = try macroBody("endcall")
        return .callBlock(MacroDefinition(name: "caller", parameters: parameters, body: body), call: call)
    }

    mutating func filterBlock() throws(ChatTemplateError) -> TemplateStatement {
        let filters = [try filterCall()] + (try filterChain())
        return .filterBlock(filters, try blockBody("endfilter"))
    }

    mutating func with() throws(ChatTemplateError) -> TemplateStatement {
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
