/// Reads the regular expressions of `pattern` (ECMA 262, without what no automaton can do) as what may stand in a JSON
/// string: alternatives, groups, `*`, `+`, `?`, `{n,m}`, sets, `.`, `\d`, `\w`, `\s`, and `^` and `$` at the ends.
struct PatternParser {
    private let scalars: [Unicode.Scalar]
    private let place: String
    private var position = 0

    private static let mostNesting = 50
    private static let digits: [ClosedRange<UInt32>] = [0x30...0x39]
    private static let wordCharacters: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
    private static let spaces: [ClosedRange<UInt32>] = [
        9...0xD, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F, 0x205F...0x205F,
        0x3000...0x3000, 0xFEFF...0xFEFF,
    ]
    private static let lineEnds: [ClosedRange<UInt32>] = [0xA...0xA, 0xD...0xD, 0x2028...0x2029]

    /// Throws `JSONSchemaError` for what is not supported.
    static func expression(_ pattern: String, at place: String) throws(JSONSchemaError) -> GrammarExpression {
        var parser = PatternParser(scalars: Array(pattern.unicodeScalars), place: place)
        return try parser.whole()
    }

    private init(scalars: [Unicode.Scalar], place: String) {
        self.scalars = scalars
        self.place = place
    }

    /// A pattern may stand anywhere in the string, but for `^` and `$` at the ends of its alternatives.
    private mutating func whole() throws(JSONSchemaError) -> GrammarExpression {
        let any = GrammarExpression.repeated(Self.spelled([0...0x10FFFF]), atLeast: 0, atMost: nil)
        var choices: [GrammarExpression] = []
        repeat {
            let isAnchored = take("^")
            let middle = try sequence(nesting: 0)
            let isClosed = take("$")
            choices.append(.sequence([isAnchored ? .nothing : any, middle, isClosed ? .nothing : any]))
        } while take("|")
        guard position == scalars.count else { throw unsupported("with \(String(scalars[position]).debugDescription) there") }
        return .choice(choices)
    }

    private mutating func alternatives(nesting: Int) throws(JSONSchemaError) -> GrammarExpression {
        guard nesting <= Self.mostNesting else { throw unsupported("with more than \(Self.mostNesting) groups within groups") }
        var choices = [try sequence(nesting: nesting)]
        while take("|") { choices.append(try sequence(nesting: nesting)) }
        return .choice(choices)
    }

    private mutating func sequence(nesting: Int) throws(JSONSchemaError) -> GrammarExpression {
        var parts: [GrammarExpression] = []
        while position < scalars.count, !["|", ")", "$"].contains(scalars[position]) {
            parts.append(try quantified(try atom(nesting: nesting)))
        }
        return .sequence(parts)
    }

    private mutating func atom(nesting: Int) throws(JSONSchemaError) -> GrammarExpression {
        let scalar = scalars[position]
        position += 1
        switch scalar {
        case "(":
            if take("?"), !take(":") { throw unsupported("with (?, but for (?:") }
            let inner = try alternatives(nesting: nesting + 1)
            guard take(")") else { throw unsupported("with ^ or $ in a group, or a group that is not closed") }
            return inner
        case "[": return Self.spelled(try set())
        case ".": return Self.spelled(CharacterClasses.complement(Self.lineEnds))
        case "\\": return Self.spelled(try escape(inSet: false))
        case "^", "*", "+", "?", "{", "}", "]": throw unsupported("with \(String(scalar).debugDescription) there")
        default: return Self.spelled([scalar.value...scalar.value])
        }
    }

    private mutating func quantified(_ part: GrammarExpression) throws(JSONSchemaError) -> GrammarExpression {
        guard position < scalars.count else { return part }
        var bounds: (Int, Int?)
        switch scalars[position] {
        case "*": bounds = (0, nil)
        case "+": bounds = (1, nil)
        case "?": bounds = (0, 1)
        case "{":
            position += 1
            let least = try number()
            bounds = (least, least)
            if take(",") { bounds.1 = position < scalars.count && scalars[position] == "}" ? nil : try number() }
            guard position < scalars.count, scalars[position] == "}", bounds.1.map({ $0 >= least }) ?? true else {
                throw unsupported("with such bounds of a repetition")
            }
        default: return part
        }
        position += 1
        // Whether few or many are tried first makes no difference to what is allowed.
        _ = take("?")
        return .repeated(part, atLeast: bounds.0, atMost: bounds.1)
    }

    private mutating func number() throws(JSONSchemaError) -> Int {
        var value = 0
        let start = position
        while position < scalars.count, ("0"..."9").contains(scalars[position]) {
            value = value * 10 + Int(scalars[position].value - 48)
            guard value <= 100_000 else { throw unsupported("with more than 100,000 repetitions") }
            position += 1
        }
        guard position > start else { throw unsupported("with such bounds of a repetition") }
        return value
    }

    private mutating func set() throws(JSONSchemaError) -> [ClosedRange<UInt32>] {
        let isInverted = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        while position < scalars.count, scalars[position] != "]" {
            let low = try member()
            guard position + 1 < scalars.count, scalars[position] == "-", scalars[position + 1] != "]" else {
                ranges += low
                continue
            }
            position += 1
            let high = try member()
            guard low.count == 1, high.count == 1, low[0].count == 1, high[0].count == 1, low[0].lowerBound <= high[0].upperBound
            else { throw unsupported("with such a range of characters") }
            ranges.append(low[0].lowerBound...high[0].upperBound)
        }
        guard take("]") else { throw unsupported("with a set that is not closed") }
        let result = isInverted ? CharacterClasses.complement(ranges) : CharacterClasses.merged(ranges)
        guard !result.isEmpty else { throw unsupported("with a set without characters") }
        return result
    }

    private mutating func member() throws(JSONSchemaError) -> [ClosedRange<UInt32>] {
        let scalar = scalars[position]
        position += 1
        return scalar == "\\" ? try escape(inSet: true) : [scalar.value...scalar.value]
    }

    private mutating func escape(inSet: Bool) throws(JSONSchemaError) -> [ClosedRange<UInt32>] {
        guard position < scalars.count else { throw unsupported("that ends with \\") }
        let scalar = scalars[position]
        position += 1
        switch scalar {
        case "d": return Self.digits
        case "D": return CharacterClasses.complement(Self.digits)
        case "w": return Self.wordCharacters
        case "W": return CharacterClasses.complement(Self.wordCharacters)
        case "s": return Self.spaces
        case "S": return CharacterClasses.complement(Self.spaces)
        case "n": return [0xA...0xA]
        case "r": return [0xD...0xD]
        case "t": return [9...9]
        case "f": return [0xC...0xC]
        case "v": return [0xB...0xB]
        case "x": return try hexadecimal(2)
        case "u": return try hexadecimal(4)
        case "b" where inSet: return [8...8]
        default:
            guard scalar.isASCII, !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar) else {
                throw unsupported("with \\\(scalar)")
            }
            return [scalar.value...scalar.value]
        }
    }

    private mutating func hexadecimal(_ count: Int) throws(JSONSchemaError) -> [ClosedRange<UInt32>] {
        let digits = scalars[position..<min(position + count, scalars.count)]
        guard digits.count == count, digits.allSatisfy(\.properties.isASCIIHexDigit),
            let value = UInt32(digits.map(String.init).joined(), radix: 16), Unicode.Scalar(value) != nil
        else { throw unsupported("with an escape that is no character") }
        position += count
        return [value...value]
    }

    /// A character as it is spelled in a JSON string.
    private static func spelled(_ ranges: [ClosedRange<UInt32>]) -> GrammarExpression {
        let wanted = CharacterClasses.merged(ranges)
        let notPlain = CharacterClasses.complement(JSONSchemaGrammar.plainCharacters)
        let plain = CharacterClasses.complement(CharacterClasses.complement(wanted) + notPlain)
        var choices: [GrammarExpression] = plain.isEmpty ? [] : [.characters(plain)]
        for range in wanted where range.lowerBound <= 0x5C {
            for value in range.clamped(to: 0...0x5C) {
                guard let scalar = Unicode.Scalar(value), !JSONSchemaGrammar.isPlain(scalar) else { continue }
                choices.append(.text(SchemaValue.escaped(scalar)))
            }
        }
        return choices.count == 1 ? choices[0] : .choice(choices)
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard position < scalars.count, scalars[position] == scalar else { return false }
        position += 1
        return true
    }

    private func unsupported(_ detail: String) -> JSONSchemaError {
        .unsupported(keyword: "pattern", at: place, detail: detail)
    }
}
