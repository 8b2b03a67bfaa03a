extension JSONSchemaGrammar {
    private static let digit = GrammarExpression.characters([0x30...0x39])
    /// Integers of so many digits are the same in every reader of JSON.
    private static let mostDigits = 15
    private static let largest = 999_999_999_999_999
    /// Between bounds, with digits behind the point: what is written rounds to nothing outside them.
    private static let largestBound = 1_000_000_000.0

    private struct Bounds {
        var low: Int?
        var lowIsOut = false
        var high: Int?
        var highIsOut = false
    }

    mutating func anyNumber(isInteger: Bool) -> GrammarExpression {
        common(isInteger ? "integer" : "number") { _ in
            let whole = GrammarExpression.choice([
                .text("0"),
                .sequence([.characters([0x31...0x39]), .repeated(Self.digit, atLeast: 0, atMost: Self.mostDigits - 1)]),
            ])
            guard !isInteger else { return .choice([.sequence([.optional(.text("-")), whole])]) }
            let fraction = GrammarExpression.sequence([.text("."), .repeated(Self.digit, atLeast: 1, atMost: Self.mostDigits)])
            let exponent = GrammarExpression.sequence([
                .characters([0x45...0x45, 0x65...0x65]), .optional(.characters([0x2B...0x2B, 0x2D...0x2D])),
                .repeated(Self.digit, atLeast: 1, atMost: 2),
            ])
            return .sequence([.optional(.text("-")), whole, .optional(fraction), .optional(exponent)])
        }
    }

    mutating func number(
        _ keywords: [String: SchemaValue], isInteger: Bool, at place: String
    ) throws(JSONSchemaError) -> GrammarExpression {
        if let step = keywords["multipleOf"], !isInteger || Double(step.spelling) != 1 {
            throw .unsupported(keyword: "multipleOf", at: place, detail: isInteger ? "but for 1" : "")
        }
        let bounds = try bounds(keywords, isInteger: isInteger, at: place)
        if bounds.low == nil, bounds.high == nil { return anyNumber(isInteger: isInteger) }
        var choices: [GrammarExpression] = []
        if (bounds.high ?? .max) >= 0 {
            var positive = bounds
            if (bounds.low ?? -1) < 0 { (positive.low, positive.lowIsOut) = (0, false) }
            choices += Self.magnitudes(positive, isInteger: isInteger)
        }
        if (bounds.low ?? .min) < 0 {
            var negative = Bounds(
                low: bounds.high.map { -$0 }, lowIsOut: bounds.highIsOut, high: bounds.low.map { -$0 }, highIsOut: bounds.lowIsOut)
            // Zero has no sign.
            if (negative.low ?? -1) <= 0 { (negative.low, negative.lowIsOut) = (0, true) }
            let magnitudes = Self.magnitudes(negative, isInteger: isInteger)
            if !magnitudes.isEmpty { choices.append(.sequence([.text("-"), .choice(magnitudes)])) }
        }
        guard !choices.isEmpty else { throw .allowsNothing(at: place) }
        return .choice(choices)
    }

    private func bounds(
        _ keywords: [String: SchemaValue], isInteger: Bool, at place: String
    ) throws(JSONSchemaError) -> Bounds {
        var bounds = Bounds()
        for (key, isLow, isOut) in [
            ("minimum", true, false), ("exclusiveMinimum", true, true), ("maximum", false, false), ("exclusiveMaximum", false, true),
        ] {
            guard let value = keywords[key] else { continue }
            guard case .number(let spelling) = value, let number = Double(spelling), number.isFinite else {
                throw .invalid(keyword: key, at: place, expected: "a number")
            }
            if isInteger {
                try Self.tighten(&bounds, number, key, isLow: isLow, isOut: isOut, at: place)
                continue
            }
            guard number == number.rounded(), abs(number) <= Self.largestBound else {
                throw .unsupported(keyword: key, at: place, detail: "with \(spelling) for numbers that are not integers")
            }
            let whole = Int(number)
            if isLow, bounds.low.map({ (whole, isOut ? 1 : 0) > ($0, bounds.lowIsOut ? 1 : 0) }) ?? true {
                (bounds.low, bounds.lowIsOut) = (whole, isOut)
            } else if !isLow, bounds.high.map({ (whole, isOut ? 0 : 1) < ($0, bounds.highIsOut ? 0 : 1) }) ?? true {
                (bounds.high, bounds.highIsOut) = (whole, isOut)
            }
        }
        return bounds
    }

    /// For integers every bound is one that is itself allowed.
    private static func tighten(
        _ bounds: inout Bounds, _ number: Double, _ key: String, isLow: Bool, isOut: Bool, at place: String
    ) throws(JSONSchemaError) {
        let rounded = isLow ? number.rounded(.up) : number.rounded(.down)
        let limited = Int(max(-1e15, min(1e15, rounded)))
        let step = isOut && rounded == number ? 1 : 0
        if isLow {
            guard limited + step <= largest else { throw .unsupported(keyword: key, at: place, detail: "beyond 10¹⁵") }
            bounds.low = max(bounds.low ?? .min, max(-largest, limited + step))
        } else {
            guard limited - step >= -largest else { throw .unsupported(keyword: key, at: place, detail: "beyond 10¹⁵") }
            bounds.high = min(bounds.high ?? .max, min(largest, limited - step))
        }
    }

    /// Numbers without a sign between bounds; the lower one is there.
    private static func magnitudes(_ bounds: Bounds, isInteger: Bool) -> [GrammarExpression] {
        let low = bounds.low ?? 0
        let high = bounds.high ?? largest
        guard low <= high else { return [] }
        if isInteger { return integers(bounds.lowIsOut ? low + 1 : low, bounds.highIsOut ? high - 1 : high) }
        let zeros = GrammarExpression.optional(.sequence([.text("."), .repeated(.text("0"), atLeast: 1, atMost: 6)]))
        let fraction = GrammarExpression.sequence([.text("."), .repeated(digit, atLeast: 1, atMost: 6)])
        let notZero = GrammarExpression.sequence([
            .text("."), .repeated(digit, atLeast: 0, atMost: 5), .characters([0x31...0x39]),
        ])
        if low == high { return bounds.lowIsOut || bounds.highIsOut ? [] : [.sequence([.text("\(low)"), zeros])] }
        var choices = [GrammarExpression.sequence([.text("\(low)"), bounds.lowIsOut ? notZero : .optional(fraction)])]
        choices += integers(low + 1, high - 1).map { .sequence([$0, .optional(fraction)]) }
        if !bounds.highIsOut { choices.append(.sequence([.text("\(high)"), zeros])) }
        return choices
    }

    /// The numbers from `low`, 0 or more, to `high`, without leading zeros.
    private static func integers(_ low: Int, _ high: Int) -> [GrammarExpression] {
        guard low <= high else { return [] }
        let (first, last) = (String(low).utf8.count, String(high).utf8.count)
        return (first...last).map { length in
            let from = length == first ? Array(String(low).utf8) : [0x31] + [UInt8](repeating: 0x30, count: length - 1)
            let to = length == last ? Array(String(high).utf8) : [UInt8](repeating: 0x39, count: length)
            return digits(from[...], to[...])
        }
    }

    /// Strings of as many digits between two.
    private static func digits(_ low: ArraySlice<UInt8>, _ high: ArraySlice<UInt8>) -> GrammarExpression {
        guard let from = low.first, let to = high.first else { return .nothing }
        if low.allSatisfy({ $0 == 0x30 }), high.allSatisfy({ $0 == 0x39 }) {
            return .repeated(digit, atLeast: low.count, atMost: low.count)
        }
        let (lowRest, highRest) = (low.dropFirst(), high.dropFirst())
        if from == to { return .sequence([.bytes([from]), digits(lowRest, highRest)]) }
        let zeros = [UInt8](repeating: 0x30, count: lowRest.count), nines = [UInt8](repeating: 0x39, count: lowRest.count)
        var choices = [GrammarExpression.sequence([.bytes([from]), digits(lowRest, nines[...])])]
        if to - from > 1 {
            let between = GrammarExpression.characters([UInt32(from) + 1...UInt32(to) - 1])
            choices.append(.sequence([between, digits(zeros[...], nines[...])]))
        }
        choices.append(.sequence([.bytes([to]), digits(zeros[...], highRest)]))
        return .choice(choices)
    }
}
