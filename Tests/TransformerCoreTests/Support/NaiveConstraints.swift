import Foundation

import TransformerCore

/// What constraints promise, written down as plainly as it can be said of a whole text: the naive twins of the
/// automata, which follow it byte by byte.
protocol NaiveConstraint {
    /// Whether a text can still become one that keeps the rule.
    func isViable(_ text: [UInt8]) -> Bool
    /// Whether it keeps the rule as it stands.
    func isComplete(_ text: [UInt8]) -> Bool
}

struct NaiveMarkers: NaiveConstraint {
    let count: Int

    func isViable(_ text: [UInt8]) -> Bool { check(text).viable }

    func isComplete(_ text: [UInt8]) -> Bool { check(text).complete }

    private func check(_ text: [UInt8]) -> (viable: Bool, complete: Bool) {
        var complete = true
        for start in text.indices where text[start] == UInt8(ascii: "[") {
            let rest = String(decoding: text[(start + 1)...].drop { $0 == 32 }.prefix(200), as: UTF8.self)
            guard let first = rest.utf8.first, (48...57).contains(first) else { continue }
            let (viable, whole) = checkMarker(rest)
            guard viable else { return (false, false) }
            complete = complete && whole
        }
        return (true, complete)
    }

    /// - Parameter text: what follows `[`.
    private func checkMarker(_ text: String) -> (viable: Bool, whole: Bool) {
        let end = text.firstIndex(of: "]")
        let fields = text[..<(end ?? text.endIndex)].split(separator: ",", omittingEmptySubsequences: false)
        for (index, field) in fields.enumerated() {
            let isOpen = end == nil && index == fields.count - 1
            let trimmed = field.drop { $0 == " " }
            let digits = trimmed.prefix { $0.isASCII && $0.isNumber }
            let tail = trimmed.dropFirst(digits.count)
            if isOpen, trimmed.isEmpty { continue }
            guard tail.allSatisfy({ $0 == " " }) else { return (false, false) }
            let numbers = (1...max(1, count)).map(String.init)
            let isNumber = count > 0 && numbers.contains(String(digits))
            let isBeginning = count > 0 && tail.isEmpty && !digits.isEmpty && numbers.contains { $0.hasPrefix(digits) }
            guard isNumber || isOpen && isBeginning else { return (false, false) }
        }
        return (true, end != nil)
    }
}

/// For sources of small ASCII letters, digits, spaces and punctuation: all quotes that there are, spelled out.
struct NaiveQuotes: NaiveConstraint {
    let mode: QuotingRules.Mode
    private var whole: [QuotationKind: Set<[UInt8]>] = [:]
    private var beginnings: [QuotationKind: Set<[UInt8]>] = [:]

    private enum QuotationKind: CaseIterable {
        case straight, curly, bare

        var opening: [UInt8] { Array((self == .straight ? "\"" : self == .curly ? "“" : "").utf8) }
        var closing: [UInt8] { Array((self == .straight ? "\"" : self == .curly ? "”" : "").utf8) }
    }

    init(_ rules: QuotingRules) throws {
        mode = rules.mode
        for kind in QuotationKind.allCases {
            let mark = String(decoding: kind.closing, as: UTF8.self)
            let quotes = try rules.sources.flatMap { try Self.quotes(of: $0, minimumWords: rules.minimumWords) }
                .filter { mark.isEmpty || !$0.contains(mark) }.map { Array($0.utf8) }
            whole[kind] = Set(quotes)
            beginnings[kind] = Set(quotes.flatMap { quote in
                (0...quote.count + kind.closing.count).map { Array((quote + kind.closing).prefix($0)) }
            })
        }
    }

    private static func quotes(of source: String, minimumWords: Int) throws -> [String] {
        let text = source as NSString
        let word = try NSRegularExpression(pattern: #"[a-z0-9]+(?:(?:['_&-]|(?<=\d)[.,:/](?=\d))[a-z0-9]+)*"#)
        let words = word.matches(in: source, range: NSRange(location: 0, length: text.length)).map(\.range)
        func isSpace(_ index: Int) -> Bool { text.character(at: index) == 32 || text.character(at: index) == 10 }
        func cutsWord(_ index: Int) -> Bool { words.contains { $0.location < index && index < NSMaxRange($0) } }
        return (0..<text.length).flatMap { start -> [String] in
            let followsSpace = start == 0 || isSpace(start - 1)
            guard !isSpace(start), words.contains(where: { $0.location == start }) || followsSpace && !cutsWord(start)
            else { return [] }
            return (start + 1..<text.length + 1).filter { end in
                !isSpace(end - 1) && !cutsWord(end)
                    && words.count { start <= $0.location && $0.location < end } >= max(1, minimumWords)
            }.map { text.substring(with: NSRange(location: start, length: $0 - start)) }
        }
    }

    func isViable(_ text: [UInt8]) -> Bool { check(text).viable }

    func isComplete(_ text: [UInt8]) -> Bool { check(text).complete }

    private func check(_ text: [UInt8]) -> (viable: Bool, complete: Bool) {
        if mode == .bare {
            return (beginnings[.bare]?.contains(text) ?? false, whole[.bare]?.contains(text) ?? false)
        }
        var outside: [UInt8] = []
        var rest = text[...]
        var quotes = 0
        while !rest.isEmpty {
            guard let kind = [QuotationKind.straight, .curly].first(where: { rest.starts(with: $0.opening) }) else {
                outside.append(rest.removeFirst())
                continue
            }
            rest = rest.dropFirst(kind.opening.count)
            outside.append(0)
            guard let end = rest.indices.first(where: { rest[$0...].starts(with: kind.closing) }) else {
                return (beginnings[kind]?.contains(Array(rest)) ?? false && isBetween(outside, open: false), false)
            }
            guard whole[kind]?.contains(Array(rest[..<end])) ?? false else { return (false, false) }
            rest = rest[(end + kind.closing.count)...]
            quotes += 1
        }
        guard mode == .only else { return (true, true) }
        let viable = isBetween(outside, open: true) && whole.values.contains { !$0.isEmpty }
        return (viable, quotes > 0 && isBetween(outside, open: false))
    }

    /// Whether what stands outside quotes (each of which is a 0 here) may stand there when there is nothing else.
    /// - Parameter open: a marker, or the bytes of an opening mark, may be cut at the end.
    private func isBetween(_ outside: [UInt8], open: Bool) -> Bool {
        guard mode == .only else { return true }
        let text = String(decoding: outside.map { $0 == 0 ? UInt8(ascii: "Q") : $0 == 0xE2 ? 1 : $0 == 0x80 ? 2 : $0 }, as: UTF8.self)
        let whole = "(?:[Q \\n]|\\[ *[0-9]+(?:, *[0-9]+)*\\])*"
        let cut = "(?:\\[ *(?:[0-9]+, *)*[0-9]*|\\x01\\x02?)?"
        let pattern = "^\(whole)\(open ? cut : "")$"
        // `$` would also match before a line end.
        return text.range(of: pattern, options: .regularExpression).map { $0 == text.startIndex..<text.endIndex } ?? false
    }
}
