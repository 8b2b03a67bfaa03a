/// Turning finished leaves into blocks.
extension MarkdownParser {
    /// Ends the open leaf; `last` is the index of its last line where the leaf does not know.
    mutating func closeLeaf(at last: Int) {
        defer { leaf = .none }
        switch leaf {
        case .none, .table:
            break
        case .paragraph(let paragraph):
            closeParagraph(paragraph)
        case .fence(let start, let line, _, _, let language):
            append(.code(language: language, name: nil), start, line...max(line, last))
        case .indentedCode(let start, let line, let end, let lastLine):
            blocks.append(Block(kind: .code(language: nil, name: nil), range: start..<end, lines: (line + 1)...(lastLine + 1)))
        case .html(let kind, let start, let line):
            closeHTML(kind, start, line...max(line, last))
        }
    }

    private mutating func append(_ kind: Block.Kind, _ start: Int, _ lines: ClosedRange<Int>) {
        let range = source.trimmedEnd(start..<max(start, source.line(lines.upperBound).upperBound))
        guard !range.isEmpty else { return }
        blocks.append(Block(kind: kind, range: range, lines: (lines.lowerBound + 1)...source.lineNumber(at: range.upperBound - 1)))
    }

    private mutating func closeHTML(_ kind: MarkdownHTMLBlock, _ start: Int, _ lines: ClosedRange<Int>) {
        let range = source.trimmedEnd(start..<max(start, source.line(lines.upperBound).upperBound))
        switch kind {
        case .comment, .instruction, .declaration: return
        case .raw:
            guard source.has("<pre", at: start, before: range.upperBound) else { return }
            append(.code(language: nil, name: nil), start, lines)
        case .cdata, .element, .loneTag:
            guard MarkdownHTMLBlock.hasText(range, source) else { return }
            let text = source.string(range)
            if let level = htmlHeadingLevel(text) {
                blocks.append(
                    Block(kind: .heading(level: level), range: range, lines: (lines.lowerBound + 1)...(lines.upperBound + 1), heading: MarkdownInline.plainText(text)))
            } else {
                append(.paragraph, start, lines)
            }
        }
    }

    /// `<h1 …>…</h1>` as READMEs use it: 1. Nothing else may stand in the block.
    private func htmlHeadingLevel(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count > 8, bytes.count < 1000, Ascii.lowercased(bytes[1]) == UInt8(ascii: "h"), (0x31...0x36).contains(bytes[2]),
            bytes[3] == UInt8(ascii: ">") || Ascii.isSpace(bytes[3]) else { return nil }
        return text.lowercased().hasSuffix("</h\(bytes[2] - 0x30)>") ? Int(bytes[2] - 0x30) : nil
    }

    private mutating func closeParagraph(_ paragraph: Paragraph) {
        let definitions = paragraph.lines.prefix { isLinkDefinition($0) }.count
        let lines = paragraph.lines.dropFirst(definitions)
        guard let first = lines.first, let last = lines.last else { return }
        let start = definitions == 0 ? paragraph.start : first.lowerBound
        let firstLine = paragraph.firstLine + definitions + 1
        blocks.append(
            Block(kind: paragraph.isItem ? .listItem : .paragraph, range: start..<last.upperBound, lines: firstLine...(firstLine + lines.count - 1)))
    }

    /// The lines of a setext heading; `nil` if the paragraph is nothing but link definitions.
    func headingLines(of paragraph: Paragraph) -> [Range<Int>]? {
        paragraph.lines.allSatisfy(isLinkDefinition) ? nil : paragraph.lines
    }

    /// A link reference definition on one line: `[label]: target "title"`. Footnotes are text.
    private func isLinkDefinition(_ line: Range<Int>) -> Bool {
        guard let open = line.first, source.bytes[open] == UInt8(ascii: "["), line.count >= 4, source.bytes[open + 1] != UInt8(ascii: "^")
        else { return false }
        let limit = min(line.upperBound, open + 1000)
        guard let close = source.bytes[open..<limit].firstIndex(of: UInt8(ascii: "]")), close + 1 < line.upperBound, close > open + 1,
            source.bytes[close + 1] == UInt8(ascii: ":") else { return false }
        let target = source.trimmed((close + 2)..<line.upperBound)
        guard !target.isEmpty else { return false }
        let text = source.string(target)
        guard let space = text.firstIndex(where: \.isWhitespace), !text.hasPrefix("<") else { return true }
        let title = text[space...].trimmingSpaces()
        return ["\"", "'", "("].contains { title.hasPrefix($0) }
    }

    /// Adds a heading; within quotes and lists it is a paragraph, since it opens no section of the document.
    mutating func addHeading(level: Int, text: [Range<Int>], start: Int, lines: ClosedRange<Int>) {
        let range = start..<max(start, source.trimmedEnd(source.line(lines.upperBound)).upperBound)
        let numbers = (lines.lowerBound + 1)...(lines.upperBound + 1)
        guard isAtTop else {
            blocks.append(Block(kind: isInList ? .listItem : .paragraph, range: range, lines: numbers))
            return
        }
        let heading = MarkdownInline.plainText(text.map(source.string).joined(separator: " "))
        guard !heading.isEmpty else { return }
        blocks.append(Block(kind: .heading(level: level), range: range, lines: numbers, heading: heading))
    }
}
