/// Plain text: paragraphs between blank lines, lists, underlined headings and, with caution, numbered ones.
package struct PlainTextLoader: TextFormatLoader {
    package let formatName = "plain text"
    package let extensions: Set<String> = ["txt", "text", "nfo"]

    package init() {}

    package func load(_ source: SourceText, of file: FileContents) -> LoadedDocument { Self.document(source) }

    /// Also what the other text formats fall back to.
    static func document(_ source: SourceText) -> LoadedDocument {
        var parser = PlainTextParser(source: source)
        parser.parse()
        let title = parser.blocks.first { $0.kind == .heading(level: 1) }?.heading
        return LoadedDocument(text: source.string, blocks: parser.blocks, title: title)
    }
}

private struct PlainTextParser {
    let source: SourceText
    var blocks: [Block] = []
    /// The paragraph to be decided once the next one is known, as line indices.
    private var pending: Range<Int>?

    init(source: SourceText) { self.source = source }

    mutating func parse() {
        var line = 0
        while line < source.lineCount, source.hasTime {
            guard !source.isBlank(source.line(line)) else { line += 1; continue }
            var next = line + 1
            while next < source.lineCount, !source.isBlank(source.line(next)) { next += 1 }
            flush(before: line..<next)
            pending = line..<next
            line = next
        }
        flush(before: nil)
    }

    private mutating func flush(before following: Range<Int>?) {
        guard let paragraph = pending else { return }
        pending = nil
        if let level = numberedHeading(paragraph), let following, numberedHeading(following) == nil {
            addHeading(paragraph.lowerBound, level: level, lastLine: paragraph.lowerBound)
            return
        }
        var rest = paragraph
        if paragraph.count >= 2, let level = underline(at: paragraph.lowerBound + 1, of: paragraph.lowerBound) {
            addHeading(paragraph.lowerBound, level: level, lastLine: paragraph.lowerBound + 1)
            rest = (paragraph.lowerBound + 2)..<paragraph.upperBound
        }
        if !rest.isEmpty { addBody(rest) }
    }

    private mutating func addHeading(_ line: Int, level: Int, lastLine: Int) {
        let text = source.trimmed(source.line(line))
        let range = text.lowerBound..<source.trimmedEnd(source.line(lastLine)).upperBound
        blocks.append(Block(kind: .heading(level: level), range: range, lines: (line + 1)...(lastLine + 1), heading: source.string(text)))
    }

    /// A paragraph, or the items of a list if its first line and another begin with a marker.
    private mutating func addBody(_ lines: Range<Int>) {
        var starts = [lines.lowerBound]
        let isList = isItem(lines.lowerBound)
        if isList { starts += lines.dropFirst().filter(isItem) }
        let kind: Block.Kind = isList ? .listItem : .paragraph
        for (index, first) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1] : lines.upperBound
            let range = source.trimmed(source.line(first).lowerBound..<source.line(end - 1).upperBound)
            blocks.append(Block(kind: kind, range: range, lines: (first + 1)...end))
        }
    }

    private func isItem(_ line: Int) -> Bool {
        let range = source.line(line)
        var next = source.firstNonBlank(in: range)
        guard next < range.upperBound else { return false }
        if Ascii.isDigit(source.bytes[next]) {
            let digits = next
            while next < range.upperBound, next - digits < 4, Ascii.isDigit(source.bytes[next]) { next += 1 }
            guard next < range.upperBound, source.bytes[next] == UInt8(ascii: ".") || source.bytes[next] == UInt8(ascii: ")") else { return false }
        } else if !"-*+".utf8.contains(source.bytes[next]) {
            guard source.has("•", at: next, before: range.upperBound) else { return false }
            next += 2
        }
        return next + 1 < range.upperBound && source.bytes[next + 1] == Ascii.space
    }

    /// The level that a line of one repeated mark gives the line above: `=` and `*` 1, `-` and `~` 2.
    private func underline(at line: Int, of title: Int) -> Int? {
        let mark = source.trimmed(source.line(line)), text = source.trimmed(source.line(title))
        guard mark.count >= 3, text.count <= 160, let first = mark.first.map({ source.bytes[$0] }) else { return nil }
        guard mark.allSatisfy({ source.bytes[$0] == first }), text.contains(where: { Ascii.isWord(source.bytes[$0]) }) else { return nil }
        // As long as the title in characters or in columns, give or take two.
        let characters = source.string(text).count
        guard mark.count + 2 >= characters, mark.count <= text.count + 4 else { return nil }
        switch first {
        case UInt8(ascii: "="), UInt8(ascii: "*"): return 1
        case UInt8(ascii: "-"), UInt8(ascii: "~"), UInt8(ascii: "^"): return 2
        default: return nil
        }
    }

    /// The level of a paragraph such as "2.1 Storage" or "第三章 存储".
    private func numberedHeading(_ lines: Range<Int>) -> Int? {
        guard lines.count == 1 else { return nil }
        let range = source.trimmed(source.line(lines.lowerBound))
        guard range.count <= 100, let last = range.last, !".,;:!?".utf8.contains(source.bytes[last]) else { return nil }
        for mark in ["。", "，", "；", "：", "！", "？"] where source.string(range).hasSuffix(mark) { return nil }
        return chapter(range) ?? number(range)
    }

    private func number(_ range: Range<Int>) -> Int? {
        var next = range.lowerBound, level = 0
        while next < range.upperBound, Ascii.isDigit(source.bytes[next]) {
            let digits = next
            while next < range.upperBound, Ascii.isDigit(source.bytes[next]) { next += 1 }
            guard next - digits <= 3 else { return nil }
            level += 1
            if next < range.upperBound, source.bytes[next] == UInt8(ascii: ".") { next += 1 }
        }
        guard level > 0, next + 1 < range.upperBound, source.bytes[next] == Ascii.space else { return nil }
        let first = source.bytes[next + 1]
        return Ascii.isUpper(first) || first >= 0xC3 ? min(level, 6) : nil
    }

    private func chapter(_ range: Range<Int>) -> Int? {
        let text = source.string(range)
        guard text.hasPrefix("第"), let end = text.firstIndex(where: { "章节節篇部".contains($0) }) else { return nil }
        let number = text[text.index(after: text.startIndex)..<end]
        guard (1...4).contains(number.count), number.allSatisfy({ "〇零一二三四五六七八九十百".contains($0) || $0.isNumber }) else { return nil }
        return "节節".contains(text[end]) ? 2 : 1
    }
}
