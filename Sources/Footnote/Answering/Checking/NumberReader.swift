internal import Foundation

/// Reads a number from tokens: digits, words and Chinese numerals, with their magnitudes.
struct NumberReader {
    struct Number {
        var value: Double
        var isOrdinal = false
        /// `1990s`.
        var isDecade = false
        /// A share of something: `half`, `two thirds`, `1/3`.
        var isFraction = false
        /// First token after it.
        var end: Int
    }

    let tokens: [StatementToken]

    func number(at start: Int) -> Number? {
        guard tokens.indices.contains(start) else { return nil }
        switch tokens[start].kind {
        case .number: return digits(at: start)
        case .word: return fraction(at: start) ?? words(at: start)
        case .ideograph: return ideographs(at: start)
        case .sign: return nil
        }
    }

    private func lower(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index].lower : "" }
    private func isGlued(_ index: Int) -> Bool { tokens.indices.contains(index) && tokens[index].isGlued }

    // MARK: Digits

    private func digits(at start: Int) -> Number? {
        guard let value = Double(tokens[start].text.filter { $0 != "," }) else { return nil }
        var number = Number(value: value, end: start + 1)
        let next = lower(start + 1)
        if isGlued(start + 1), ["st", "nd", "rd", "th"].contains(next) {
            number.isOrdinal = true
            number.end += 1
            return number
        }
        if isGlued(start + 1), next == "s", value >= 100, value.truncatingRemainder(dividingBy: 10) == 0 {
            number.isDecade = true
            number.end += 1
            return number
        }
        if next == "/", let below = denominator(at: start + 2), isGlued(start + 1), isGlued(start + 2), lower(start + 3) != "/" {
            return Number(value: value / below, isFraction: true, end: start + 3)
        }
        scale(&number)
        return number
    }

    private func denominator(at index: Int) -> Double? {
        guard tokens.indices.contains(index), tokens[index].kind == .number, let value = Double(tokens[index].text), value > 0
        else { return nil }
        return value
    }

    /// Multiplies by the magnitudes that follow, and adds a half.
    private func scale(_ number: inout Number) {
        while let factor = magnitude(at: number.end) {
            number.value *= factor
            number.end += 1
        }
        if lower(number.end) == "and", lower(number.end + 1) == "a", lower(number.end + 2) == "half" {
            number.value += 0.5
            number.end += 3
        }
    }

    private func magnitude(at index: Int) -> Double? {
        guard tokens.indices.contains(index) else { return nil }
        let word = tokens[index].lower
        if tokens[index].kind == .ideograph { return ["万": 1e4, "亿": 1e8, "千": 1e3, "百": 1e2][word] }
        if tokens[index].isGlued, let value = ["k": 1e3, "bn": 1e9, "mn": 1e6][word] { return value }
        return Self.magnitudes[word]
    }

    static let magnitudes: [String: Double] = [
        "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "bn": 1e9, "dozen": 12,
    ]

    // MARK: Words

    private func words(at start: Int) -> Number? {
        var index = start
        var total = 0.0, group = 0.0
        var seen = false, isOrdinal = false
        if ["a", "an"].contains(lower(start)) {
            guard ["hundred", "thousand", "million", "billion", "dozen"].contains(lower(start + 1)) else { return nil }
            group = 1
            index += 1
        }
        loop: while tokens.indices.contains(index), tokens[index].kind == .word {
            let word = lower(index)
            if let value = Self.cardinals[word] {
                // "nineteen ninety" is a year read aloud: only tens take a unit after them.
                if seen, group.truncatingRemainder(dividingBy: 100) != 0, !(value < 10 && group.truncatingRemainder(dividingBy: 10) == 0) { break }
                group += value
            } else if word == "hundred", seen || group > 0 {
                group *= 100
            } else if let factor = Self.magnitudes[word], seen || group > 0 {
                total += group * factor
                group = 0
            } else if let value = Self.ordinals[word] {
                group += value
                isOrdinal = true
                seen = true
                index += 1
                break loop
            } else if word == "and", group >= 100 || total > 0, Self.cardinals[lower(index + 1)] != nil, group.truncatingRemainder(dividingBy: 100) == 0 {
                index += 1
                continue
            } else {
                break
            }
            seen = true
            index += 1
        }
        guard seen else { return nil }
        var number = Number(value: total + group, isOrdinal: isOrdinal, end: index)
        if !isOrdinal { scale(&number) }
        return number
    }

    /// `half`, `a third`, `two thirds`, `three quarters`.
    private func fraction(at start: Int) -> Number? {
        if lower(start) == "half", start == 0 || !["first", "second", "other", "and"].contains(lower(start - 1)) {
            return Number(value: 0.5, isFraction: true, end: start + 1)
        }
        let count = ["a", "an"].contains(lower(start)) ? 1 : Self.cardinals[lower(start)]
        guard let count, let part = Self.parts[lower(start + 1)] else { return nil }
        let isPlural = lower(start + 1).hasSuffix("s") || lower(start + 1) == "halves"
        guard (count == 1) != isPlural, isPlural || lower(start + 2) == "of" else { return nil }
        return Number(value: count / part, isFraction: true, end: start + 2)
    }

    static let cardinals: [String: Double] = [
        "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
        "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
        "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
        "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    ]
    static let ordinals: [String: Double] = [
        "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
        "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16,
        "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30, "fortieth": 40,
        "fiftieth": 50, "first": 1, "hundredth": 100,
    ]
    private static let parts: [String: Double] = [
        "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5, "fifths": 5,
        "sixths": 6, "eighth": 8, "eighths": 8, "tenth": 10, "tenths": 10, "hundredths": 100,
    ]
}

// MARK: - Chinese numerals

extension NumberReader {
    private func ideographs(at start: Int) -> Number? {
        if lower(start) == "第", let number = number(at: start + 1) {
            return Number(value: number.value, isOrdinal: true, end: number.end)
        }
        if lower(start) == "百", lower(start + 1) == "分", lower(start + 2) == "之", let number = number(at: start + 3) {
            return Number(value: number.value / 100, isFraction: true, end: number.end)
        }
        var end = start
        while tokens.indices.contains(end), Self.isNumeral(tokens[end].lower) { end += 1 }
        guard let value = Self.value(of: tokens[start..<end].map(\.lower)) else { return nil }
        if lower(end) == "分", lower(end + 1) == "之", value > 0, let number = number(at: end + 2) {
            return Number(value: number.value / value, isFraction: true, end: number.end)
        }
        return Number(value: value, end: end)
    }

    private static func isNumeral(_ text: String) -> Bool { numerals[text] != nil || powers[text] != nil || text == "万" || text == "亿" }

    /// `三百` is 300, `二〇二〇` is 2020, `一万二千` is 12000.
    static func value(of characters: [String]) -> Double? {
        guard let first = characters.first, numerals[first] != nil || first == "十" else { return nil }
        if characters.count > 1, characters.allSatisfy({ numerals[$0] != nil }) {
            return characters.reduce(0) { $0 * 10 + (numerals[$1] ?? 0) }
        }
        var total = 0.0, group = 0.0, digit: Double?
        for character in characters {
            if let value = numerals[character] {
                digit = value
            } else if let power = powers[character] {
                group += (digit ?? 1) * power
                digit = nil
            } else {
                total = (total + group + (digit ?? 0)) * (character == "亿" ? 1e8 : 1e4)
                (group, digit) = (0, nil)
            }
        }
        return total + group + (digit ?? 0)
    }

    private static let numerals: [String: Double] = [
        "〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
    ]
    private static let powers: [String: Double] = ["十": 10, "百": 100, "千": 1000]
}
