internal import Ingestion

/// The list or paragraph around a place in a text.
package struct SourceBlock {
    private let bytes: [UInt8]
    private let text: String
    private let place: SourceRange
    /// Longest block in bytes. What is longer is cut at sentences, from the place on.
    private static let longest = 1200

    package init(text: String, around place: SourceRange) {
        self.text = text
        self.place = place
        bytes = Array(text.utf8)
    }

    /// - Parameter listsOnly: `nil` where the place is in no list.
    package func range(listsOnly: Bool) -> SourceRange? {
        guard place.upperBound <= bytes.count else { return nil }
        if let list = list() { return list }
        return listsOnly ? nil : paragraph()
    }

    // MARK: Lists

    /// The items before and after, with the line that introduces them.
    private func list() -> SourceRange? {
        var first = line(at: place.lowerBound)
        if !isItem(first), let next = nextLine(after: lastLine(ofParagraphAt: first)), isItem(next), isIntroduced(next) { first = next }
        guard let start = itemStart(of: first) else { return nil }
        var top = start, bottom = start
        while let above = previousLine(before: top), let item = itemStart(of: above) { top = item }
        while let below = nextLine(after: bottom), isItem(below) || isContinuation(below) { bottom = below }
        var lower = top.lowerBound
        if let lead = introduction(before: top) { lower = lead }
        guard bottom.upperBound - lower <= Self.longest else { return nil }
        return trimmed(lower..<bottom.upperBound)
    }

    /// The item that a line is, or belongs to as an indented continuation.
    private func itemStart(of start: Range<Int>) -> Range<Int>? {
        var line = start
        while !isItem(line) {
            guard isContinuation(line), let above = previousLine(before: line) else { return nil }
            line = above
        }
        return line
    }

    private func introduction(before item: Range<Int>) -> Int? {
        var above = previousLine(before: item)
        if let line = above, isBlank(line) { above = previousLine(before: line) }
        guard let line = above, !isBlank(line), !isItem(line), endsWithColon(line) else { return nil }
        var first = line
        while let before = previousLine(before: first), !isBlank(before), !isItem(before), !isHeading(before) { first = before }
        return first.lowerBound
    }

    private func isIntroduced(_ line: Range<Int>) -> Bool {
        var above = previousLine(before: line)
        if let found = above, isBlank(found) { above = previousLine(before: found) }
        return above.map { endsWithColon($0) } ?? false
    }

    private func endsWithColon(_ line: Range<Int>) -> Bool {
        let content = trimmed(line)
        guard content.count > 0 else { return false }
        if bytes[content.upperBound - 1] == UInt8(ascii: ":") { return true }
        return content.count >= 3 && Array(bytes[content.upperBound - 3..<content.upperBound]) == Array("：".utf8)
    }

    private func isItem(_ line: Range<Int>) -> Bool {
        let content = Array(bytes[line].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
        guard let first = content.first else { return false }
        if "-*+".utf8.contains(first) { return content.count > 1 && content[1] == UInt8(ascii: " ") }
        if content.starts(with: "•".utf8) { return true }
        let digits = content.prefix { (0x30...0x39).contains($0) }
        guard (1...3).contains(digits.count), content.count > digits.count + 1 else { return false }
        return ".)".utf8.contains(content[digits.count]) && content[digits.count + 1] == UInt8(ascii: " ")
    }

    private func isContinuation(_ line: Range<Int>) -> Bool {
        guard let first = bytes[line].first, !isBlank(line) else { return false }
        return first == UInt8(ascii: " ") || first == UInt8(ascii: "\t")
    }

    private func isHeading(_ line: Range<Int>) -> Bool { bytes[line].first == UInt8(ascii: "#") }

    // MARK: Paragraphs

    /// The paragraph; from the place on, as far as whole sentences go, where it is too long.
    private func paragraph() -> SourceRange? {
        var top = line(at: place.lowerBound), bottom = line(at: max(place.lowerBound, place.upperBound - 1))
        while let above = previousLine(before: top), !isBlank(above), !isHeading(above) { top = above }
        while let below = nextLine(after: bottom), !isBlank(below), !isHeading(below), !isItem(below) { bottom = below }
        if endsWithColon(bottom), let below = blockBelow(bottom) { bottom = below }
        let whole = trimmed(top.lowerBound..<bottom.upperBound)
        guard whole.count > Self.longest else { return whole }
        return sentences(upTo: whole.upperBound)
    }

    /// The last line of what a paragraph that ends in a colon introduces: a block of code, a list or a paragraph.
    private func blockBelow(_ line: Range<Int>) -> Range<Int>? {
        var next = nextLine(after: line)
        if let blank = next, isBlank(blank) { next = nextLine(after: blank) }
        guard var last = next, !isHeading(last) else { return nil }
        let isFence = isFence(last)
        while let below = nextLine(after: last) {
            if isFence {
                last = below
                if self.isFence(below) { return last }
            } else if isBlank(below) || isHeading(below) {
                return last
            } else {
                last = below
            }
        }
        return last
    }

    private func isFence(_ line: Range<Int>) -> Bool {
        let content = bytes[line].drop { $0 == UInt8(ascii: " ") }
        return content.starts(with: "```".utf8) || content.starts(with: "~~~".utf8)
    }

    private func sentences(upTo end: Int) -> SourceRange {
        let part = place.lowerBound..<end
        let ranges = bytes.withUnsafeBufferPointer { SentenceSplitter().ranges(in: $0, within: part) }
        let fitting = ranges.prefix { $0.upperBound - place.lowerBound <= Self.longest / 2 }
        return SourceRange(place.lowerBound..<max(place.upperBound, fitting.last?.upperBound ?? place.upperBound))
    }

    private func lastLine(ofParagraphAt first: Range<Int>) -> Range<Int> {
        var last = first
        while let below = nextLine(after: last), !isBlank(below), !isItem(below) { last = below }
        return nextLine(after: last).map { isBlank($0) ? $0 : last } ?? last
    }

    // MARK: Lines

    private func line(at offset: Int) -> Range<Int> {
        var lower = min(offset, bytes.count), upper = lower
        while lower > 0, bytes[lower - 1] != Self.newline { lower -= 1 }
        while upper < bytes.count, bytes[upper] != Self.newline { upper += 1 }
        return lower..<upper
    }

    private func previousLine(before line: Range<Int>) -> Range<Int>? {
        line.lowerBound > 0 ? self.line(at: line.lowerBound - 1) : nil
    }

    private func nextLine(after line: Range<Int>) -> Range<Int>? {
        line.upperBound < bytes.count ? self.line(at: line.upperBound + 1) : nil
    }

    private func isBlank(_ line: Range<Int>) -> Bool { bytes[line].allSatisfy(Self.isSpace) }

    private func trimmed(_ range: Range<Int>) -> SourceRange {
        var lower = range.lowerBound, upper = range.upperBound
        while lower < upper, Self.isSpace(bytes[lower]) { lower += 1 }
        while upper > lower, Self.isSpace(bytes[upper - 1]) { upper -= 1 }
        return SourceRange(lower..<upper)
    }

    private static let newline = UInt8(ascii: "\n")
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
