/// Makes text and blocks of the events of an HTML parser, in one pass: white space collapsed as a browser does it, lists
/// with marks, tables as rows with ` | ` between cells, preformatted text exact.
final class HTMLTextBuilder {
    private(set) var text: [UInt8] = []
    private(set) var blocks: [Block] = []
    private(set) var metadata: [String: String] = [:]
    private(set) var titleBytes: [UInt8] = []
    /// Bytes of text that were left out as a page's frame, and that were kept.
    private(set) var frameBytes = 0
    private(set) var keptBytes = 0
    private(set) var depth = 0

    private let keepsFrame: Bool
    private var stack: [(tag: HTMLTag, paint: HTMLPaint)] = []
    private let paper: HTMLPaint
    /// Depth of the elements that are being left out, and whether they are a page's frame.
    private var skipDepth = 0
    private var skipsFrame = false
    /// Text that is there and painted so that nobody sees it.
    private var concealed: [UInt8] = []
    private static let concealedLimit = 1 << 16

    private var block: OpenBlock?
    private var needsSpace = false
    private var isInTitle = false
    private var headingLevel = 0
    private var preDepth = 0
    private var preLanguage: String?
    private var dropsNewline = false
    private var mainDepth = 0
    private var lists: [List] = []
    private var itemDepth = 0
    private var hasMarkPending = false
    private var tables = HTMLTables()

    private struct OpenBlock {
        var kind: Block.Kind
        /// Where `text` ended before the separator, and where the block begins.
        var before: Int
        var start: Int
        var firstLine: Int
        var lastLine: Int
    }

    private struct List {
        var isOrdered: Bool
        var count = 0
    }

    /// - Parameter keepsFrame: whether navigation, headers and footers of a page are text too.
    /// - Parameter hasStyles: whether the page has style sheets.
    init(keepsFrame: Bool, hasStyles: Bool, capacity: Int) {
        self.keepsFrame = keepsFrame
        paper = HTMLPaint(hasStyles: hasStyles)
        text.reserveCapacity(capacity)
    }

    // MARK: Events

    func start(_ tag: HTMLTag, _ attributes: HTMLAttributes) {
        depth += 1
        if skipDepth > 0 {
            skipDepth += 1
            return
        }
        let paint = attributes.paint(stack.last?.paint ?? paper)
        if tag == .invisible || attributes.isHidden {
            skip(asFrame: false)
        } else if !keepsFrame, mainDepth == 0, tag == .frame || (tag != .html && tag != .main && attributes.isFrame) {
            skip(asFrame: true)
        } else if !keepsFrame, depth > 2, preDepth == 0, tag.mayBeClutter, let classes = attributes["class"], isClutter(classes) {
            skip(asFrame: true)
        } else {
            stack.append((tag, paint))
            open(tag, attributes)
        }
    }

    func end() {
        depth -= 1
        if skipDepth > 0 {
            skipDepth -= 1
        } else if let last = stack.popLast() {
            close(last.tag)
        }
    }

    func finish() {
        flush()
        let hidden = PlainLine.tidied(String(decoding: concealed, as: UTF8.self), keepsLines: false)
        guard !hidden.isEmpty else { return }
        if !blocks.isEmpty { text.append(contentsOf: [Ascii.newline, Ascii.newline]) }
        let start = text.count, line = blocks.last?.lines.upperBound ?? 1
        text.append(contentsOf: hidden.utf8)
        blocks.append(Block(kind: .paragraph, range: start..<text.count, lines: line...line, isHidden: true))
    }

    private var clutter: [String: Bool] = [:]

    private func isClutter(_ classes: String) -> Bool {
        if let known = clutter[classes] { return known }
        let result = HTMLTag.isClutter(classes: classes)
        if clutter.count < 4096 { clutter[classes] = result }
        return result
    }

    private func skip(asFrame: Bool) {
        skipDepth = 1
        skipsFrame = asFrame
        if asFrame { flush() }
    }

    private func open(_ tag: HTMLTag, _ attributes: HTMLAttributes) {
        switch tag {
        case .inline, .code:
            if tag == .code, preDepth > 0, preLanguage == nil { preLanguage = attributes.language }
        case .block, .term, .frame: breakBlock()
        case .main:
            breakBlock()
            mainDepth += 1
        case .heading(let level):
            startsLayout()
            flush()
            headingLevel = level
        case .pre:
            startsLayout()
            flush()
            preDepth += 1
            preLanguage = attributes.language
            dropsNewline = true
        case .list(let isOrdered):
            startsLayout()
            flush()
            lists.append(List(isOrdered: isOrdered))
        case .item:
            breakBlock()
            itemDepth += 1
            hasMarkPending = true
            if !lists.isEmpty { lists[lists.count - 1].count += 1 }
        case .table:
            startsLayout()
            flush()
            tables.begin()
        case .head: tables.setHead(true)
        case .row:
            flush()
            tables.openRow()
        case .cell(let isHeader): openCell(isHeader)
        case .lineBreak: lineBreak()
        case .title: isInTitle = titleBytes.isEmpty
        case .meta: if let (name, value) = attributes.metadata, metadata[name] == nil { metadata[name] = value }
        case .html: if let language = attributes["lang"] { metadata["language"] = language }
        case .invisible: break
        }
    }

    private func close(_ tag: HTMLTag) {
        switch tag {
        case .inline, .code, .lineBreak, .meta, .html, .invisible: break
        case .block, .term, .frame: breakBlock()
        case .main:
            breakBlock()
            mainDepth -= 1
        case .heading:
            flush()
            headingLevel = 0
        case .pre:
            flush()
            preDepth -= 1
            preLanguage = nil
        case .list:
            flush()
            if !lists.isEmpty { lists.removeLast() }
        case .item:
            breakBlock()
            itemDepth -= 1
            hasMarkPending = false
        case .table:
            flush()
            tables.end()
        case .head: tables.setHead(false)
        case .row:
            flush()
            tables.closeRow()
        case .cell: if !tables.isInRow { flush() }
        case .title: isInTitle = false
        }
    }

    // MARK: Tables

    private func openCell(_ isHeader: Bool) {
        guard tables.isInRow else { flush(); return }
        tables.openCell(isHeader: isHeader)
        needsSpace = false
    }

    /// A block inside a cell shows that the table arranges a page rather than data.
    private func startsLayout() {
        guard tables.isInRow else { return }
        if block?.kind == .tableRow(header: false) { block?.kind = .paragraph }
        tables.becomeLayout()
    }

    // MARK: Blocks

    /// The end of a block, or only a space where a block cannot end: in a heading, a cell, preformatted text.
    private func breakBlock() {
        if headingLevel > 0 || tables.isInRow {
            needsSpace = true
        } else if preDepth > 0 {
            if block != nil, text.last != Ascii.newline { text.append(Ascii.newline) }
        } else {
            flush()
        }
    }

    private func lineBreak() {
        guard block != nil else { return }
        if headingLevel > 0 || tables.isInRow {
            needsSpace = true
        } else {
            text.append(Ascii.newline)
            needsSpace = false
        }
    }

    private func openBlock(line: Int) {
        let kind: Block.Kind =
            if preDepth > 0 { .code(language: preLanguage, name: nil) }
            else if headingLevel > 0 { .heading(level: headingLevel) }
            else if tables.isInRow { .tableRow(header: false) }
            else if itemDepth > 0 { .listItem }
            else { .paragraph }
        let before = text.count
        if let last = blocks.last { text.append(contentsOf: isTight(last.kind, kind) ? [Ascii.newline] : [Ascii.newline, Ascii.newline]) }
        block = OpenBlock(kind: kind, before: before, start: text.count, firstLine: line, lastLine: line)
        needsSpace = false
        if kind == .listItem, hasMarkPending {
            hasMarkPending = false
            let mark = lists.last.map { $0.isOrdered ? "\($0.count). " : "- " } ?? "- "
            text.append(contentsOf: mark.utf8)
        }
    }

    private func isTight(_ first: Block.Kind, _ second: Block.Kind) -> Bool {
        switch (first, second) {
        case (.tableRow, .tableRow), (.listItem, .listItem): true
        default: false
        }
    }

    private func flush() {
        needsSpace = false
        guard var open = block else { return }
        block = nil
        var end = text.count
        while end > open.start, Ascii.isSpace(text[end - 1]) { end -= 1 }
        guard end > open.start else {
            text.removeSubrange(open.before...)
            return
        }
        text.removeSubrange(end...)
        var heading: String?
        switch open.kind {
        case .heading: heading = String(decoding: text[open.start..<end], as: UTF8.self)
        case .tableRow: open.kind = tables.rowKind ?? open.kind
        default: break
        }
        blocks.append(Block(kind: open.kind, range: open.start..<end, lines: open.firstLine...max(open.firstLine, open.lastLine), heading: heading))
    }

    // MARK: Text

    /// - Parameter endLine: the line on which `bytes` end.
    func characters(_ bytes: UnsafeBufferPointer<UInt8>, endLine: Int) {
        if skipDepth > 0 {
            if skipsFrame { frameBytes += visibleCount(bytes) }
            return
        }
        if isInTitle {
            if titleBytes.count < 4096 { titleBytes.append(contentsOf: bytes) }
            return
        }
        if stack.last?.paint.conceals == true {
            if concealed.count + bytes.count < Self.concealedLimit { concealed += Array(bytes) + [Ascii.space] }
            return
        }
        let newlines = bytes.reduce(0) { $0 + ($1 == Ascii.newline ? 1 : 0) }
        if preDepth > 0 { exact(bytes, firstLine: endLine - newlines) } else { collapsed(bytes, firstLine: endLine - newlines) }
    }

    private func visibleCount(_ bytes: UnsafeBufferPointer<UInt8>) -> Int { bytes.reduce(0) { $0 + ($1 > 0x20 ? 1 : 0) } }

    private func exact(_ bytes: UnsafeBufferPointer<UInt8>, firstLine: Int) {
        var part = bytes[...], line = firstLine
        if dropsNewline, part.first == Ascii.newline {
            part.removeFirst()
            line += 1
        }
        dropsNewline = false
        guard !part.isEmpty else { return }
        if block == nil { openBlock(line: max(1, line)) }
        text.append(contentsOf: part)
        keptBytes += part.count
        block?.lastLine = line + part.dropLast().reduce(0) { $0 + ($1 == Ascii.newline ? 1 : 0) }
    }

    /// Appends `bytes` with runs of white space, no-break spaces among it, made one space; soft hyphens vanish.
    private func collapsed(_ bytes: UnsafeBufferPointer<UInt8>, firstLine: Int) {
        var index = 0, line = firstLine
        while index < bytes.count {
            let byte = bytes[index]
            if Ascii.isSpace(byte) {
                if byte == Ascii.newline { line += 1 }
                needsSpace = true
                index += 1
            } else if byte == 0xC2, index + 1 < bytes.count, bytes[index + 1] == 0xA0 || bytes[index + 1] == 0xAD {
                if bytes[index + 1] == 0xA0 { needsSpace = true }
                index += 2
            } else {
                var end = index + 1
                while end < bytes.count, bytes[end] > 0x20, bytes[end] != 0xC2 || end + 1 == bytes.count || (bytes[end + 1] != 0xA0 && bytes[end + 1] != 0xAD) { end += 1 }
                word(bytes[index..<end], line: max(1, line))
                index = end
            }
        }
    }

    private func word(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, line: Int) {
        if block == nil { openBlock(line: line) }
        separateCells()
        if needsSpace {
            needsSpace = false
            if let open = block, text.count > open.start, let last = text.last, !Ascii.isSpace(last) { text.append(Ascii.space) }
        }
        text.append(contentsOf: bytes)
        keptBytes += bytes.count
        block?.lastLine = line
    }

    private func separateCells() {
        let count = tables.takeSeparators()
        guard count > 0, let open = block else { return }
        while let space = text.last, text.count > open.start, Ascii.isSpace(space) { text.removeLast() }
        for _ in 0..<count { text.append(contentsOf: (text.count > open.start ? " | " : "| ").utf8) }
        needsSpace = false
    }
}
