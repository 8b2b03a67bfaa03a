/// Reads grammars in GBNF, the notation of llama.cpp: rules `name ::= …` of `"text"`, `[characters]`, `[^others]`, `.`,
/// names, groups in parentheses, `|`, and the repetitions `*`, `+`, `?`, `{n}`, `{n,}`, `{n,m}`; `#` begins a comment. A
/// rule ends with its line, but for lines within parentheses and after `|` or `::=`.
package struct GrammarParser {
    private let scalars: [Unicode.Scalar]
    private var place = 0
    private let limits: GrammarLimits
    private var rules: [GrammarExpression?] = []
    private var names: [String] = []
    private var numbers: [String: Int] = [:]

    private static let maximumScalars = 1 << 20
    private static let mostRepetitions = 100_000

    private init(_ text: String, limits: GrammarLimits) {
        scalars = Array(text.unicodeScalars.prefix(Self.maximumScalars + 1))
        self.limits = limits
    }

    /// The rules in a text. Throws `GrammarError`.
    package static func parse(
        _ text: String, root: String = "root", limits: GrammarLimits = GrammarLimits()
    ) throws(GrammarError) -> GrammarDefinition {
        var parser = GrammarParser(text, limits: limits)
        guard parser.scalars.count <= maximumScalars else {
            throw .syntax(line: 1, column: 1, problem: "longer than \(maximumScalars) characters")
        }
        return try parser.definition(root: root)
    }

    private mutating func definition(root: String) throws(GrammarError) -> GrammarDefinition {
        skipSpace(lines: true)
        while place < scalars.count {
            try rule()
            skipSpace(lines: true)
        }
        guard let rootNumber = numbers[root] else { throw .missingRule(name: root) }
        var result: [GrammarDefinition.Rule] = []
        for (number, expression) in rules.enumerated() {
            guard let expression else { throw .missingRule(name: names[number]) }
            result.append(.init(name: names[number], expression: expression))
        }
        return GrammarDefinition(rules: result, root: rootNumber)
    }

    private mutating func rule() throws(GrammarError) {
        let name = try name()
        skipSpace(lines: false)
        guard take("::=") else { throw error("expected ::= after the name \(name)") }
        skipSpace(lines: true)
        let number = number(of: name)
        guard rules[number] == nil else { throw .duplicateRule(name: name) }
        rules[number] = try alternatives(nesting: 0)
        skipSpace(lines: false)
        guard place == scalars.count || isLineEnd(scalars[place]) else {
            throw error("unexpected \(String(scalars[place]).debugDescription)")
        }
    }

    private mutating func number(of name: String) -> Int {
        if let known = numbers[name] { return known }
        numbers[name] = rules.count
        rules.append(nil)
        names.append(name)
        return rules.count - 1
    }

    private mutating func name() throws(GrammarError) -> String {
        let start = place
        while place < scalars.count, Self.isNamePart(scalars[place]) { place += 1 }
        guard place > start else { throw error("expected the name of a rule") }
        return Self.string(scalars[start..<place])
    }

    private static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "-" || scalar == "_")
    }

    private mutating func alternatives(nesting: Int) throws(GrammarError) -> GrammarExpression {
        guard nesting <= limits.nesting else { throw .nestedTooDeeply(limit: limits.nesting) }
        var choices = [try sequence(nesting: nesting)]
        while true {
            skipSpace(lines: nesting > 0)
            guard take("|") else { return choices.count == 1 ? choices[0] : .choice(choices) }
            skipSpace(lines: true)
            choices.append(try sequence(nesting: nesting))
        }
    }

    private mutating func sequence(nesting: Int) throws(GrammarError) -> GrammarExpression {
        var parts: [GrammarExpression] = []
        while true {
            skipSpace(lines: nesting > 0)
            guard let part = try item(nesting: nesting) else { break }
            parts.append(try repetitions(of: part))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func item(nesting: Int) throws(GrammarError) -> GrammarExpression? {
        guard place < scalars.count else { return nil }
        switch scalars[place] {
        case "\"": return try literal()
        case "[": return .characters(try characterClass())
        case ".":
            place += 1
            return .characters([0...0x10FFFF])
        case "(":
            place += 1
            let inner = try alternatives(nesting: nesting + 1)
            skipSpace(lines: true)
            guard take(")") else { throw error("a group is not closed: expected )") }
            return inner
        case let scalar where Self.isNamePart(scalar): return .rule(number(of: try name()))
        default: return nil
        }
    }

    private mutating func repetitions(of part: GrammarExpression) throws(GrammarError) -> GrammarExpression {
        var result = part
        var count = 0
        while place < scalars.count {
            switch scalars[place] {
            case "*": result = .repeated(result, atLeast: 0, atMost: nil)
            case "+": result = .repeated(result, atLeast: 1, atMost: nil)
            case "?": result = .optional(result)
            case "{":
                let (least, most) = try bounds()
                result = .repeated(result, atLeast: least, atMost: most)
            default: return result
            }
            place += 1
            count += 1
            guard count <= limits.nesting else { throw .nestedTooDeeply(limit: limits.nesting) }
        }
        return result
    }

    /// `{n}`, `{n,}` or `{n,m}`, up to the closing brace.
    private mutating func bounds() throws(GrammarError) -> (least: Int, most: Int?) {
        place += 1
        let least = try count()
        var most: Int? = least
        if take(",") { most = place < scalars.count && scalars[place] == "}" ? nil : try count() }
        guard place < scalars.count, scalars[place] == "}" else { throw error("expected } after the bounds of a repetition") }
        if let most, most < least { throw error("a repetition of \(least) to \(most) times") }
        return (least, most)
    }

    private mutating func count() throws(GrammarError) -> Int {
        var value = 0
        let start = place
        while place < scalars.count, ("0"..."9").contains(scalars[place]) {
            value = value * 10 + Int(scalars[place].value - 48)
            guard value <= Self.mostRepetitions else { throw error("more than \(Self.mostRepetitions) repetitions") }
            place += 1
        }
        guard place > start else { throw error("expected a number of repetitions") }
        return value
    }

    private mutating func literal() throws(GrammarError) -> GrammarExpression {
        let start = place
        place += 1
        var text = String.UnicodeScalarView()
        while place < scalars.count, scalars[place] != "\"" {
            guard !isLineEnd(scalars[place]) else { break }
            text.append(try character())
        }
        guard take("\"") else {
            place = start
            throw error("a text is not closed: expected \"")
        }
        return .text(String(text))
    }

    private mutating func characterClass() throws(GrammarError) -> [ClosedRange<UInt32>] {
        let start = place
        place += 1
        let isInverted = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        while place < scalars.count, scalars[place] != "]", !isLineEnd(scalars[place]) {
            let low = try character()
            var high = low
            if place + 1 < scalars.count, scalars[place] == "-", scalars[place + 1] != "]" {
                place += 1
                high = try character()
            }
            guard low <= high else { throw error("a range of characters that runs backwards") }
            ranges.append(low.value...high.value)
        }
        guard take("]") else {
            place = start
            throw error("a set of characters is not closed: expected ]")
        }
        let result = isInverted ? CharacterClasses.complement(ranges) : ranges
        guard !result.isEmpty else { throw error("a set without characters") }
        return result
    }

    /// One character, written as it is or escaped.
    private mutating func character() throws(GrammarError) -> Unicode.Scalar {
        defer { place += 1 }
        guard scalars[place] == "\\" else { return scalars[place] }
        place += 1
        guard place < scalars.count else { throw error("nothing follows \\") }
        switch scalars[place] {
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "x": return try hexadecimal(2)
        case "u": return try hexadecimal(4)
        case "U": return try hexadecimal(8)
        case "\"", "\\", "[", "]", "-", "^": return scalars[place]
        default: throw error("unknown escape \\\(scalars[place])")
        }
    }

    private mutating func hexadecimal(_ digits: Int) throws(GrammarError) -> Unicode.Scalar {
        let text = Self.string(scalars[min(place + 1, scalars.count)..<min(place + 1 + digits, scalars.count)])
        guard text.unicodeScalars.count == digits, text.unicodeScalars.allSatisfy(\.properties.isASCIIHexDigit),
            let value = UInt32(text, radix: 16), let scalar = Unicode.Scalar(value)
        else { throw error("expected \(digits) hexadecimal digits of a character") }
        place += digits
        return scalar
    }

    private mutating func skipSpace(lines: Bool) {
        while place < scalars.count {
            let scalar = scalars[place]
            if scalar == "#" {
                while place < scalars.count, !isLineEnd(scalars[place]) { place += 1 }
            } else if scalar == " " || scalar == "\t" || lines && isLineEnd(scalar) {
                place += 1
            } else {
                return
            }
        }
    }

    private func isLineEnd(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" || scalar == "\r" }

    private mutating func take(_ text: String) -> Bool {
        guard scalars[place...].starts(with: text.unicodeScalars) else { return false }
        place += text.unicodeScalars.count
        return true
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    private func error(_ problem: String) -> GrammarError {
        let before = scalars[..<min(place, scalars.count)]
        let line = before.count { $0 == "\n" } + 1
        let column = before.count - (before.lastIndex(of: "\n").map { $0 + 1 } ?? 0) + 1
        return .syntax(line: line, column: column, problem: problem)
    }
}

extension Grammar {
    /// A grammar written in GBNF. Throws `GrammarError`.
    package convenience init(
        gbnf text: String, root: String = "root", limits: GrammarLimits = GrammarLimits()
    ) throws(GrammarError) {
        try self.init(GrammarParser.parse(text, root: root, limits: limits), limits: limits)
    }
}
