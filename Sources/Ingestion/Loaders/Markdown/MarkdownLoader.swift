/// Markdown: CommonMark 0.31 block structure with GitHub's tables and YAML front matter. The text stays the file itself,
/// so ranges and lines are the file's.
package struct MarkdownLoader: TextFormatLoader {
    package let formatName = "Markdown"
    package let extensions: Set<String> = ["md", "markdown", "mdown", "mkd", "mkdn", "mdx", "rmd", "qmd"]

    package init() {}

    package func load(_ source: SourceText, of file: FileContents) -> LoadedDocument {
        let front = FrontMatter(source)
        var parser = MarkdownParser(source: source)
        let blocks = parser.parse(fromLine: front.lineCount)
        let firstTitle = blocks.first { $0.kind == .heading(level: 1) }?.heading
        let title = front.values["title"].flatMap { $0.isEmpty ? nil : $0 } ?? firstTitle
        return LoadedDocument(text: source.string, blocks: blocks, title: title, metadata: front.values)
    }
}

/// The metadata block at the top of a Markdown file: simple YAML (`---`) or TOML (`+++`) keys, values and lists.
struct FrontMatter {
    /// Keys in lower case; lists joined by ", ".
    private(set) var values: [String: String] = [:]
    /// Lines that belong to the block with its marks, 0 if there is none.
    private(set) var lineCount = 0

    init(_ source: SourceText) {
        let mark = source.string(source.trimmedEnd(source.line(0)))
        guard mark == "---" || mark == "+++" else { return }
        let limit = min(source.lineCount, 1000)
        guard let last = (1..<max(limit, 1)).first(where: { Self.closes(source.string(source.trimmedEnd(source.line($0))), mark) }),
            last == 1 || Self.looksLikeEntry(source, mark: mark) else { return }
        lineCount = last + 1
        read((1..<last).map { source.string(source.trimmedEnd(source.line($0))) }, separator: mark == "---" ? ":" : "=")
    }

    private static func closes(_ line: String, _ mark: String) -> Bool { line == mark || (mark == "---" && line == "...") }

    /// A thematic break at the top of a file is followed by a blank line or prose, metadata by `key:` or a comment.
    private static func looksLikeEntry(_ source: SourceText, mark: String) -> Bool {
        let line = source.string(source.trimmed(source.line(1)))
        return line.hasPrefix("#") || line.contains(mark == "---" ? ":" : "=")
    }

    private mutating func read(_ lines: [String], separator: Character) {
        var key: String?
        for line in lines {
            let content = line.drop { $0 == " " || $0 == "\t" }
            if content.isEmpty || content.hasPrefix("#") { continue }
            let isIndented = content.startIndex != line.startIndex
            if let open = key, content.hasPrefix("- ") || isIndented {
                append(Self.unquoted(content.hasPrefix("- ") ? content.dropFirst(2) : content), to: open)
                continue
            }
            guard let split = content.firstIndex(of: separator) else { continue }
            let name = content[..<split].trimmingSpaces().lowercased()
            guard !name.isEmpty, name.utf8.count <= 64 else { continue }
            key = name
            values[name] = Self.value(content[content.index(after: split)...].trimmingSpaces())
        }
    }

    private mutating func append(_ item: String, to key: String) {
        let old = values[key] ?? ""
        values[key] = old.isEmpty ? item : old + ", " + item
    }

    private static func value(_ text: Substring) -> String {
        if text == "|" || text == ">" || text == "|-" || text == ">-" { return "" }
        guard text.hasPrefix("["), text.hasSuffix("]") else { return unquoted(text) }
        return text.dropFirst().dropLast().split(separator: ",").map { unquoted($0.trimmingSpaces()) }.joined(separator: ", ")
    }

    private static func unquoted(_ text: Substring) -> String {
        guard text.count >= 2, let first = text.first, first == "\"" || first == "'", text.last == first else { return String(text) }
        return String(text.dropFirst().dropLast())
    }
}

extension Substring {
    func trimmingSpaces() -> Substring {
        var result = drop { $0 == " " || $0 == "\t" }
        while let last = result.last, last == " " || last == "\t" { result.removeLast() }
        return result
    }
}
