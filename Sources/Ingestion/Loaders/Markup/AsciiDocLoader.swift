/// AsciiDoc: sections, lists, tables, listings; header attributes as metadata. The text is the file.
package struct AsciiDocLoader: TextFormatLoader {
    package let formatName = "AsciiDoc"
    package let extensions: Set<String> = ["adoc", "asciidoc", "asc"]

    package init() {}

    package func load(_ source: SourceText, of file: FileContents) -> LoadedDocument {
        // `.asc` is also what signatures and plain notes are called.
        if file.pathExtension == "asc", !source.string.contains("\n= "), !source.string.hasPrefix("= ") { return PlainTextLoader.document(source) }
        var parser = AsciiDocParser(out: SourceBlocks(source))
        parser.parse()
        return parser.out.document(metadata: parser.metadata)
    }
}

private struct AsciiDocParser {
    var out: SourceBlocks
    private(set) var metadata: [String: String] = [:]
    private var language: String?
    private var count: Int { out.source.lineCount }

    init(out: SourceBlocks) { self.out = out }

    mutating func parse() {
        var line = 0
        while line < count, out.source.hasTime { line = step(line) }
    }

    private mutating func step(_ line: Int) -> Int {
        if out.isBlank(line) { return line + 1 }
        let text = out.text(line)
        if let next = delimited(line, text) { return next }
        let marks = text.prefix { $0 == "=" || $0 == "#" }
        if (1...6).contains(marks.count), text.dropFirst(marks.count).hasPrefix(" ") {
            out.heading(String(text.dropFirst(marks.count + 1)), level: marks.count, line..<(line + 1))
            return line + 1
        }
        if text.hasPrefix(":"), let end = text.dropFirst().firstIndex(of: ":"), text[..<end].allSatisfy({ $0.isLetter || $0.isNumber || ":-_!".contains($0) }) {
            let value = String(text[text.index(after: end)...].drop { $0 == " " })
            if !value.isEmpty { metadata[text[text.index(after: text.startIndex)..<end].lowercased()] = value }
            return line + 1
        }
        if text.hasPrefix("//") { return line + 1 }
        if text.hasPrefix("["), text.hasSuffix("]") {
            let parts = text.dropFirst().dropLast().split(separator: ",")
            language = parts.first == "source" && parts.count > 1 ? String(parts[1].drop { $0 == " " }) : nil
            return line + 1
        }
        if text == "'''" || text == "<<<" || text == "+" || ["====", "****", "____", "--"].contains(where: { text.hasPrefix($0) && text.allSatisfy { $0 == text.first } }) { return line + 1 }
        return paragraph(line)
    }

    private static func isItem(_ text: String) -> Bool {
        let marks = text.prefix { "*-.".contains($0) }
        return text.hasListMark(["•"]) || ((1...5).contains(marks.count) && text.dropFirst(marks.count).hasPrefix(" "))
    }

    private mutating func paragraph(_ line: Int) -> Int {
        let isItem = Self.isItem(out.text(line)), isLiteral = out.indent(line) > 0 && !isItem
        let end = out.end(from: line + 1) { other in
            let text = out.text(other)
            return text.isEmpty || Self.isItem(text) || text == "+" || text.hasPrefix("|===") || (text.count >= 4 && text.allSatisfy { $0 == text.first } && "-.=*_/+".contains(text.first ?? " "))
        }
        out.add(isItem ? .listItem : isLiteral ? .code(language: nil, name: nil) : .paragraph, line..<end)
        return end
    }

    private mutating func delimited(_ line: Int, _ text: String) -> Int? {
        if text.hasPrefix("|===") { return table(line) }
        let isFence = text.hasPrefix("```")
        guard isFence || (text.count >= 4 && "-./+".contains(text.first ?? " ") && text.allSatisfy { $0 == text.first }) else { return nil }
        let close = isFence ? "```" : text
        let end = out.end(from: line + 1) { out.text($0) == close }
        if text.first != "/" {
            out.add(.code(language: isFence && text.count > 3 ? String(text.dropFirst(3)) : language, name: nil), (line + 1)..<max(line + 1, end))
        }
        language = nil
        return min(end + 1, count)
    }

    private mutating func table(_ line: Int) -> Int {
        let end = out.end(from: line + 1) { out.text($0).hasPrefix("|===") }
        var row = line + 1, isFirst = true
        while row < end {
            guard !out.isBlank(row) else { row += 1; continue }
            // Cells on lines of their own make one row up to the next blank line.
            let isWhole = out.text(row).split(separator: "|").count > 1
            let next = isWhole ? out.end(from: row + 1) { $0 >= end || out.isBlank($0) || out.text($0).hasPrefix("|") } : out.end(from: row + 1) { $0 >= end || out.isBlank($0) }
            let isHeader = isFirst && next < end && out.isBlank(next)
            out.add(.tableRow(header: isHeader), row..<next)
            isFirst = false
            row = next
        }
        return min(end + 1, count)
    }
}
