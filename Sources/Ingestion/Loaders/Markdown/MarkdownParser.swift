/// Finds the blocks of a Markdown document line by line, after the parsing strategy in CommonMark's appendix: first the
/// open containers that a line continues, then the blocks it opens, then its text.
struct MarkdownParser {
    let source: SourceText
    var blocks: [Block] = []
    private var containers: [Container] = []
    var leaf: Leaf = .none

    private enum Container {
        case quote
        /// Content begins `width` columns after the container's own beginning. `isBare` until it has content.
        case item(width: Int, isBare: Bool)
    }

    /// The block that may grow with the next line. Lines are indices from 0.
    enum Leaf {
        case none
        case paragraph(Paragraph)
        case fence(start: Int, line: Int, mark: UInt8, length: Int, language: String?)
        case indentedCode(start: Int, line: Int, end: Int, lastLine: Int)
        case html(MarkdownHTMLBlock, start: Int, line: Int)
        case table
    }

    struct Paragraph {
        /// Where the block begins, with the marks of containers that open on the same line.
        var start: Int
        var firstLine: Int
        /// The text of each line without container marks.
        var lines: [Range<Int>]
        var isItem: Bool
    }

    /// Containers nested deeper than this are text.
    private static let maximumDepth = 64

    init(source: SourceText) { self.source = source }

    mutating func parse(fromLine first: Int) -> [Block] {
        var line = first
        while line < source.lineCount, source.hasTime {
            add(line)
            line += 1
        }
        closeLeaf(at: source.lineCount - 1)
        return blocks
    }

    var isAtTop: Bool { containers.isEmpty }
    var isInList: Bool {
        containers.contains { if case .item = $0 { true } else { false } }
    }

    // MARK: One line

    private mutating func add(_ index: Int) {
        var line = MarkdownLine(source: source, index: index)
        let matched = matchContainers(&line)
        if matched == containers.count, continueLeaf(index, line) { return }
        openBlocks(index, &line, matched: matched)
    }

    /// Steps over the marks of the open containers; returns how many of them the line continues.
    private mutating func matchContainers(_ line: inout MarkdownLine) -> Int {
        for position in containers.indices {
            switch containers[position] {
            case .quote:
                guard line.indent <= 3, line.first == UInt8(ascii: ">") else { return position }
                skipQuoteMark(&line)
            case .item(let width, let isBare):
                if line.isBlank {
                    if isBare { return position }
                } else if line.indent >= width {
                    line.skipColumns(width)
                    if isBare { containers[position] = .item(width: width, isBare: false) }
                } else {
                    return position
                }
            }
        }
        return containers.count
    }

    private func skipQuoteMark(_ line: inout MarkdownLine) {
        line.skipColumns(line.indent)
        line.skipBytes(1)
        line.skipColumns(1)
    }

    /// Gives the line to an open code or HTML block. False when it must be looked at afresh.
    private mutating func continueLeaf(_ index: Int, _ line: MarkdownLine) -> Bool {
        switch leaf {
        case .fence(_, _, let mark, let length, _):
            if line.closesFence(mark: mark, length: length) { closeLeaf(at: index) }
            return true
        case .html(let kind, _, _):
            if kind.endsAtBlankLine {
                if line.isBlank { closeLeaf(at: index - 1) }
            } else if kind.ends(in: line.rest, of: source) {
                closeLeaf(at: index)
            }
            return true
        case .indentedCode(let start, let first, _, _):
            if line.isBlank { return true }
            guard line.indent >= 4 else { return false }
            leaf = .indentedCode(start: start, line: first, end: source.trimmedEnd(line.range).upperBound, lastLine: index)
            return true
        case .none, .paragraph, .table:
            return false
        }
    }

    // MARK: Opening blocks

    private mutating func openBlocks(_ index: Int, _ line: inout MarkdownLine, matched: Int) {
        var matched = matched, hasOpened = false
        while !line.isBlank {
            let isParagraphOpen = if case .paragraph = leaf, !hasOpened { true } else { false }
            if line.indent >= 4 {
                if isParagraphOpen { break }
                close(to: matched, at: index - 1)
                leaf = .indentedCode(start: codeStart(line), line: index, end: source.trimmedEnd(line.range).upperBound, lastLine: index)
                return
            }
            if line.first == UInt8(ascii: ">"), containers.count < Self.maximumDepth {
                close(to: matched, at: index - 1)
                containers.append(.quote)
                skipQuoteMark(&line)
            } else if openLeaf(index, line, matched: matched, isParagraphOpen: isParagraphOpen) {
                return
            } else if let marker = line.listMarker(), !isParagraphOpen || marker.mayInterrupt || matched < containers.count,
                containers.count < Self.maximumDepth {
                close(to: matched, at: index - 1)
                openItem(&line, marker)
            } else {
                break
            }
            hasOpened = true
            matched = containers.count
        }
        addText(index, line, matched: matched)
    }

    private mutating func openItem(_ line: inout MarkdownLine, _ marker: (width: Int, isEmpty: Bool, mayInterrupt: Bool)) {
        let indent = line.indent
        line.skipColumns(indent)
        line.skipBytes(marker.width)
        let spaces = line.indent
        let padding = marker.isEmpty || spaces > 4 ? 1 : spaces
        line.skipColumns(padding)
        containers.append(.item(width: indent + marker.width + padding, isBare: marker.isEmpty))
    }

    /// Headings, fences, breaks, HTML and table rows. True when the line is used up.
    private mutating func openLeaf(_ index: Int, _ line: MarkdownLine, matched: Int, isParagraphOpen: Bool) -> Bool {
        switch line.first {
        case Ascii.hash:
            guard let heading = line.atxHeading() else { return false }
            close(to: matched, at: index - 1)
            addHeading(level: heading.level, text: [heading.text], start: blockStart(line), lines: index...index)
            return true
        case Ascii.backtick, UInt8(ascii: "~"):
            guard let fence = line.fence() else { return false }
            close(to: matched, at: index - 1)
            leaf = .fence(start: blockStart(line), line: index, mark: fence.mark, length: fence.length, language: fence.language)
            return true
        case UInt8(ascii: "<"):
            guard let kind = MarkdownHTMLBlock(line), kind.mayInterruptParagraph || !isParagraphOpen else { return false }
            close(to: matched, at: index - 1)
            leaf = .html(kind, start: blockStart(line), line: index)
            if kind.ends(in: line.rest, of: source) { closeLeaf(at: index) }
            return true
        default:
            return underlines(index, line, matched: matched, isParagraphOpen: isParagraphOpen)
        }
    }

    /// Setext underlines, table delimiters and thematic breaks, in the order in which they take precedence.
    private mutating func underlines(_ index: Int, _ line: MarkdownLine, matched: Int, isParagraphOpen: Bool) -> Bool {
        if isParagraphOpen, matched == containers.count, case .paragraph(let paragraph) = leaf {
            if let level = line.setextLevel(), let text = headingLines(of: paragraph) {
                leaf = .none
                addHeading(level: level, text: text, start: paragraph.start, lines: paragraph.firstLine...index)
                return true
            }
            if let cells = line.delimiterCells(), let header = paragraph.lines.last, MarkdownLine.cells(in: header, of: source) == cells,
                header.contains(where: { source.bytes[$0] == Ascii.pipe }) || line.rest.contains(where: { source.bytes[$0] == Ascii.pipe }) {
                openTable(index, line, after: paragraph, header: header)
                return true
            }
        }
        guard line.isThematicBreak else { return false }
        close(to: matched, at: index - 1)
        return true
    }

    private mutating func openTable(_ index: Int, _ line: MarkdownLine, after paragraph: Paragraph, header: Range<Int>) {
        var above = paragraph
        above.lines.removeLast()
        let start = above.lines.isEmpty ? paragraph.start : header.lowerBound
        leaf = .paragraph(above)
        closeLeaf(at: index - 2)
        let end = source.trimmedEnd(line.range).upperBound
        blocks.append(Block(kind: .tableRow(header: true), range: start..<end, lines: index...(index + 1)))
        leaf = .table
    }

    // MARK: Text

    private mutating func addText(_ index: Int, _ line: MarkdownLine, matched: Int) {
        let text = source.trimmed(line.rest)
        if case .paragraph(var paragraph) = leaf, !text.isEmpty {
            // Also the lazy continuation of a paragraph whose container the line does not continue.
            paragraph.lines.append(text)
            leaf = .paragraph(paragraph)
            return
        }
        close(to: matched, at: index - 1, keepsTable: !text.isEmpty && matched == containers.count)
        guard !text.isEmpty else { return }
        if case .table = leaf {
            blocks.append(Block(kind: .tableRow(header: false), range: blockStart(line)..<text.upperBound, lines: (index + 1)...(index + 1)))
            return
        }
        leaf = .paragraph(
            Paragraph(start: blockStart(line), firstLine: index, lines: [text], isItem: isInList))
    }

    /// The first character of the line, so that marks of containers that open on it belong to the block.
    private func blockStart(_ line: MarkdownLine) -> Int { source.firstNonBlank(in: line.range) }

    /// Indented code keeps its indentation unless a container's mark stands before it.
    private func codeStart(_ line: MarkdownLine) -> Int { containers.isEmpty ? line.range.lowerBound : blockStart(line) }

    /// Closes containers beyond the first `count` and the open leaf, at the end of line `last`.
    private mutating func close(to count: Int, at last: Int, keepsTable: Bool = false) {
        if case .table = leaf, keepsTable { return }
        closeLeaf(at: last)
        if containers.count > count { containers.removeSubrange(count...) }
    }
}
