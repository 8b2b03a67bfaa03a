/// reStructuredText (docutils): sections by their underlines, lists, tables, code and literal blocks, field lists as
/// metadata. The text is the file.
package struct ReStructuredTextLoader: TextFormatLoader {
    package let formatName = "reStructuredText"
    package let extensions: Set<String> = ["rst", "rest"]

    package init() {}

    package func load(_ source: SourceText, of file: FileContents) -> LoadedDocument {
        var parser = ReStructuredTextParser(out: SourceBlocks(source))
        parser.parse()
        return parser.out.document(metadata: parser.metadata)
    }
}

private struct ReStructuredTextParser {
    var out: SourceBlocks
    private(set) var metadata: [String: String] = [:]
    /// Styles of section titles in the order in which they were met: the mark, and whether it also stands above.
    private var styles: [String] = []

    init(out: SourceBlocks) { self.out = out }

    private var count: Int { out.source.lineCount }

    mutating func parse() {
        var line = 0
        while line < count, out.source.hasTime { line = step(line) }
    }

    /// Handles what begins on a line and returns where to go on.
    private mutating func step(_ line: Int) -> Int {
        if out.isBlank(line) { return line + 1 }
        if let next = section(line) { return next }
        let text = out.text(line), indent = out.indent(line)
        if text.hasPrefix(".. ") || text == ".." { return directive(line, text, indent) }
        if text.hasPrefix("+-") || text.hasPrefix("+=") || Self.isBorder(text) { return table(line) }
        if out.blocks.isEmpty, text.hasPrefix(":"), let end = text.dropFirst().firstIndex(of: ":") {
            let key = text[text.index(after: text.startIndex)..<end].lowercased()
            if key.count < 64 { metadata[key] = String(text[text.index(after: end)...].drop { $0 == " " }) }
            return line + 1
        }
        return paragraph(line, indent)
    }

    private mutating func paragraph(_ line: Int, _ indent: Int) -> Int {
        let isItem = out.text(line).hasListMark(["-", "*", "+", "•"]) || out.text(line).hasPrefix("#. ")
        let end = out.end(from: line + 1) { other in
            out.isBlank(other) || (isItem && out.indent(other) <= indent) || (other + 1 < count && titleMark(other + 1) != nil && out.indent(other) == 0 && isUnderline(other + 1, of: other))
        }
        out.add(isItem ? .listItem : .paragraph, line..<end)
        guard out.text(end - 1).hasSuffix("::") else { return end }
        return literal(after: end, deeperThan: indent, language: nil)
    }

    /// The indented lines after a paragraph that ends in `::`, or below a directive.
    private mutating func literal(after line: Int, deeperThan indent: Int, language: String?) -> Int {
        let end = out.end(from: line) { !out.isBlank($0) && out.indent($0) <= indent }
        out.add(.code(language: language, name: nil), line..<end)
        return end
    }

    private mutating func directive(_ line: Int, _ text: String, _ indent: Int) -> Int {
        let words = text.dropFirst(2).split(separator: " ")
        let name = words.first.map(String.init) ?? ""
        switch name {
        case "code-block::", "code::", "sourcecode::", "highlight::", "parsed-literal::", "math::":
            let body = out.end(from: line + 1) { out.isBlank($0) || !out.text($0).hasPrefix(":") }
            return literal(after: body, deeperThan: indent, language: words.dropFirst().first.map(String.init))
        case "note::", "warning::", "tip::", "important::", "caution::", "danger::", "hint::", "seealso::", "admonition::", "versionadded::", "versionchanged::",
            "deprecated::", "topic::", "sidebar::", "rubric::", "table::", "list-table::", "csv-table::", "function::", "class::", "method::", "attribute::", "data::",
            "module::", "option::", "describe::", "py:function::", "py:class::", "py:method::", "container::", "figure::", "epigraph::":
            let end = out.end(from: line + 1) { out.isBlank($0) || out.indent($0) <= indent }
            out.add(.paragraph, line..<end)
            return end
        default:
            // Comments, targets, images and settings: nothing to read but footnotes and citations.
            let end = out.end(from: line + 1) { out.isBlank($0) || out.indent($0) <= indent }
            if name.hasPrefix("[") { out.add(.paragraph, line..<end) }
            return name.hasSuffix("::") || name.hasPrefix("[") || name.hasPrefix("_") || name.hasPrefix("|") ? end
                : out.end(from: line + 1) { !out.isBlank($0) && out.indent($0) <= indent }
        }
    }

    // MARK: Titles

    private static let marks = Set("=-`:.'\"~^_*+#<>")

    /// The character that a line repeats, if it could be the line below or above a title.
    private func titleMark(_ line: Int) -> Character? {
        let text = out.raw(line)
        guard text.count >= 2, let first = text.first, Self.marks.contains(first), text.allSatisfy({ $0 == first }) else { return nil }
        return first
    }

    private func isUnderline(_ line: Int, of title: Int) -> Bool { out.raw(line).count >= min(out.text(title).count, 4) && out.text(title).contains { $0.isLetter || $0.isNumber } }

    private mutating func section(_ line: Int) -> Int? {
        if let mark = titleMark(line), line + 2 < count, titleMark(line + 2) == mark, !out.isBlank(line + 1), isUnderline(line, of: line + 1), out.raw(line).count >= out.text(line + 1).count {
            out.heading(out.text(line + 1), level: level("\(mark)\(mark)"), line..<(line + 3))
            return line + 3
        }
        guard line + 1 < count, let mark = titleMark(line + 1), out.indent(line) == 0, titleMark(line) == nil, isUnderline(line + 1, of: line),
            line == 0 || out.isBlank(line - 1) || !out.blocks.isEmpty else { return nil }
        out.heading(out.text(line), level: level(String(mark)), line..<(line + 2))
        return line + 2
    }

    private mutating func level(_ style: String) -> Int {
        if let known = styles.firstIndex(of: style) { return known + 1 }
        styles.append(style)
        return styles.count
    }

    // MARK: Tables

    private static func isBorder(_ text: String) -> Bool { text.contains(" ") && text.allSatisfy { $0 == "=" || $0 == " " } && text.contains("==") }

    private mutating func table(_ line: Int) -> Int {
        let isGrid = out.text(line).hasPrefix("+")
        // A simple table may hold blank lines; it ends with a border before one.
        let end = isGrid ? out.end(from: line) { out.isBlank($0) }
            : out.end(from: line + 1) { other in out.isBlank(other) && Self.isBorder(out.text(other - 1)) }
        let borders = (line..<end).filter { Self.isBorder(out.text($0)) || out.text($0).hasPrefix("+=") }
        let headerEnd = isGrid ? borders.first : borders.count > 2 ? borders[1] : nil
        for row in line..<end {
            let text = out.text(row)
            guard !text.isEmpty, !Self.isBorder(text), !text.hasPrefix("+-"), !text.hasPrefix("+="), text.contains(where: { $0.isLetter || $0.isNumber }) else { continue }
            out.add(.tableRow(header: headerEnd.map { row < $0 } ?? false), row..<(row + 1))
        }
        return max(end, line + 1)
    }
}
