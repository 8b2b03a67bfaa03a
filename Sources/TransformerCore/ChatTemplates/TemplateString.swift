import Tokenizers

/// A string that knows of each of its characters whether the template wrote it or the conversation did.
///
/// One unit a Unicode scalar, the top bit set where it is trusted: slicing, joining, trimming and replacing keep the
/// mark of every character without further thought.
struct TemplateString: Sendable {
    private static let mark: UInt32 = 1 << 31
    private(set) var units: [UInt32]

    init() { units = [] }

    init(units: [UInt32]) { self.units = units }

    init(_ text: some StringProtocol, trusted: Bool) {
        let mark = trusted ? Self.mark : 0
        units = text.unicodeScalars.map { $0.value | mark }
    }

    var count: Int { units.count }
    var isEmpty: Bool { units.isEmpty }

    @inline(__always)
    static func scalar(_ unit: UInt32) -> UInt32 { unit & ~mark }

    func scalar(at index: Int) -> UInt32 { Self.scalar(units[index]) }

    /// The characters without their marks.
    var text: String {
        var text = String.UnicodeScalarView()
        for unit in units { text.append(Unicode.Scalar(Self.scalar(unit)) ?? "\u{FFFD}") }
        return String(text)
    }

    static func + (a: TemplateString, b: TemplateString) -> TemplateString { TemplateString(units: a.units + b.units) }

    mutating func append(_ other: TemplateString) { units += other.units }

    /// Same characters, whoever wrote them.
    static func == (a: TemplateString, b: TemplateString) -> Bool {
        a.count == b.count && zip(a.units, b.units).allSatisfy { scalar($0) == scalar($1) }
    }

    static func < (a: TemplateString, b: TemplateString) -> Bool {
        a.units.lexicographicallyPrecedes(b.units) { scalar($0) < scalar($1) }
    }

    func isEqual(_ literal: StaticString) -> Bool {
        literal.withUTF8Buffer { bytes in
            bytes.count == count && zip(bytes, units).allSatisfy { UInt32($0) == Self.scalar($1) }
        }
    }

    func slice(_ range: Range<Int>) -> TemplateString { TemplateString(units: Array(units[range])) }

    /// Runs of equal trust.
    var pieces: [PromptPiece] {
        var pieces: [PromptPiece] = []
        var start = 0
        while start < count {
            let mark = units[start] & Self.mark
            var end = start + 1
            while end < count, units[end] & Self.mark == mark { end += 1 }
            let text = slice(start..<end).text
            pieces.append(mark == 0 ? .text(text) : .template(text))
            start = end
        }
        return pieces
    }
}

// MARK: Searching and cutting, as Python's str does

extension TemplateString {
    /// Python's white space: Unicode's and the four information separators.
    static func isSpace(_ unit: UInt32) -> Bool {
        let value = scalar(unit)
        if value < 128 { return (9...13).contains(value) || (28...32).contains(value) }
        return Unicode.Scalar(value)?.properties.isWhitespace ?? false
    }

    /// First index at or after `start` where `needle` stands, in time linear in both (Knuth, Morris, Pratt 1977).
    func firstIndex(of needle: TemplateString, from start: Int = 0) -> Int? {
        guard needle.count > 0 else { return start <= count ? start : nil }
        guard start + needle.count <= count else { return nil }
        let borders = needle.borders
        var matched = 0
        for index in start..<count {
            while matched > 0, scalar(at: index) != needle.scalar(at: matched) { matched = borders[matched - 1] }
            if scalar(at: index) == needle.scalar(at: matched) { matched += 1 }
            if matched == needle.count { return index + 1 - matched }
        }
        return nil
    }

    /// At each index the length of the longest proper prefix that also ends there.
    private var borders: [Int] {
        var borders = [Int](repeating: 0, count: count)
        var length = 0
        for index in 1..<max(1, count) {
            while length > 0, scalar(at: index) != scalar(at: length) { length = borders[length - 1] }
            if scalar(at: index) == scalar(at: length) { length += 1 }
            borders[index] = length
        }
        return borders
    }

    var reversed: TemplateString { TemplateString(units: units.reversed()) }

    func hasSlice(_ needle: TemplateString, at index: Int) -> Bool {
        guard index >= 0, index + needle.count <= count else { return false }
        for offset in 0..<needle.count where scalar(at: index + offset) != needle.scalar(at: offset) { return false }
        return true
    }

    func hasPrefix(_ prefix: TemplateString) -> Bool { hasSlice(prefix, at: 0) }
    func hasSuffix(_ suffix: TemplateString) -> Bool { hasSlice(suffix, at: count - suffix.count) }

    /// Without leading and trailing characters of `characters`; white space when `nil`.
    func stripped(_ characters: TemplateString?, leading: Bool = true, trailing: Bool = true) -> TemplateString {
        let set = characters.map { Set($0.units.map(Self.scalar)) }
        func strips(_ unit: UInt32) -> Bool { set?.contains(Self.scalar(unit)) ?? Self.isSpace(unit) }
        var start = 0
        var end = count
        if leading { while start < end, strips(units[start]) { start += 1 } }
        if trailing { while end > start, strips(units[end - 1]) { end -= 1 } }
        return slice(start..<end)
    }

    func replacing(_ old: TemplateString, with new: TemplateString, atMost limit: Int) -> TemplateString {
        var output = TemplateString()
        var position = 0
        var replaced = 0
        if old.isEmpty {  // between all characters, as Python does
            while position <= count, replaced < limit {
                output.append(new)
                replaced += 1
                if position < count { output.units.append(units[position]) }
                position += 1
            }
            if position < count { output.append(slice(position..<count)) }
            return output
        }
        while replaced < limit, let found = firstIndex(of: old, from: position) {
            output.append(slice(position..<found))
            output.append(new)
            position = found + old.count
            replaced += 1
        }
        output.append(slice(position..<count))
        return output
    }

    func split(by separator: TemplateString, atMost limit: Int) -> [TemplateString] {
        var parts: [TemplateString] = []
        var position = 0
        while parts.count < limit, let found = firstIndex(of: separator, from: position) {
            parts.append(slice(position..<found))
            position = found + separator.count
        }
        parts.append(slice(position..<count))
        return parts
    }

    func splitFromEnd(by separator: TemplateString, atMost limit: Int) -> [TemplateString] {
        reversed.split(by: separator.reversed, atMost: limit).reversed().map(\.reversed)
    }

    func splitAtSpace(atMost limit: Int) -> [TemplateString] {
        var parts: [TemplateString] = []
        var position = 0
        while true {
            while position < count, Self.isSpace(units[position]) { position += 1 }
            if position == count { return parts }
            if parts.count == limit {
                parts.append(slice(position..<count))
                return parts
            }
            let start = position
            while position < count, !Self.isSpace(units[position]) { position += 1 }
            parts.append(slice(start..<position))
        }
    }

    func splitLines(keepingEnds: Bool) -> [TemplateString] {
        var lines: [TemplateString] = []
        var start = 0
        var position = 0
        while position < count {
            let value = scalar(at: position)
            var next = position + 1
            guard (10...13).contains(value) || (28...30).contains(value) || [0x85, 0x2028, 0x2029].contains(value) else {
                position = next
                continue
            }
            if value == 13, next < count, scalar(at: next) == 10 { next += 1 }
            lines.append(slice(start..<(keepingEnds ? next : position)))
            start = next
            position = next
        }
        if start < count { lines.append(slice(start..<count)) }
        return lines
    }

    /// Each character replaced by what `mapping` makes of it, the mark kept.
    func mapped(_ mapping: (Unicode.Scalar.Properties) -> String) -> TemplateString {
        TemplateString(units: units.flatMap { unit -> [UInt32] in
            guard let scalar = Unicode.Scalar(Self.scalar(unit)) else { return [unit] }
            return mapping(scalar.properties).unicodeScalars.map { $0.value | unit & Self.mark }
        })
    }

    var lowercased: TemplateString { mapped(\.lowercaseMapping) }
    var uppercased: TemplateString { mapped(\.uppercaseMapping) }

    /// First character in title case, the rest in lower case.
    var capitalized: TemplateString {
        isEmpty ? self : slice(0..<1).mapped(\.titlecaseMapping) + slice(1..<count).lowercased
    }
}
