/// Puts together a document whose text is not the file: blocks are appended one after the other, white space tidied, and
/// lines are those of the text that comes out.
package struct DocumentBuilder {
    private(set) var text: [UInt8] = []
    package private(set) var blocks: [Block] = []
    /// Where the next blocks stand.
    package var place: Place?
    package var title: String?
    package var metadata: [String: String] = [:]
    package var notices: [String] = []
    package var parts: [DocumentPart] = []
    /// The line that the next byte stands on.
    private var line = 1
    private var isFull = false
    private let budget: LoadBudget

    package init(budget: LoadBudget) { self.budget = budget }

    package var isEmpty: Bool { blocks.isEmpty }

    // MARK: Blocks

    package mutating func heading(_ content: String, level: Int) throws(IngestionError) {
        let clean = PlainLine.tidied(content, keepsLines: false)
        try add(.heading(level: min(max(level, 1), 9)), clean, heading: clean)
    }

    package mutating func paragraph(_ content: String, hidden: Bool = false) throws(IngestionError) {
        try add(.paragraph, PlainLine.tidied(content, keepsLines: true), hidden: hidden)
    }

    /// - Parameter mark: what stands before the item: `-`, `1.`.
    package mutating func listItem(_ content: String, mark: String = "-", depth: Int = 0) throws(IngestionError) {
        let clean = PlainLine.tidied(content, keepsLines: true)
        guard !clean.isEmpty else { return }
        try add(.listItem, String(repeating: "  ", count: min(depth, 8)) + mark + " " + clean)
    }

    /// A row of a table, its cells between bars; rows of empty cells are left out.
    package mutating func row(_ cells: [String], header: Bool = false, hidden: Bool = false) throws(IngestionError) {
        var clean = cells.map { PlainLine.tidied($0, keepsLines: false) }
        while let last = clean.last, last.isEmpty { clean.removeLast() }
        guard !clean.isEmpty else { return }
        try add(.tableRow(header: header), clean.joined(separator: " | "), hidden: hidden)
    }

    /// Text whose lines and spaces mean something.
    package mutating func code(_ content: String, language: String? = nil, name: String? = nil) throws(IngestionError) {
        try add(.code(language: language, name: name), PlainLine.withoutControls(content))
    }

    package mutating func record(_ content: String) throws(IngestionError) { try add(.record, PlainLine.withoutControls(content)) }

    private mutating func add(_ kind: Block.Kind, _ content: String, heading: String? = nil, hidden: Bool = false) throws(IngestionError) {
        try budget.checkTime()
        let bytes = Array(content.utf8)
        var start = 0, end = bytes.count
        while end > 0, Ascii.isSpace(bytes[end - 1]) { end -= 1 }
        while start < end, bytes[start] == Ascii.newline { start += 1 }
        guard bytes[start..<end].contains(where: { !Ascii.isSpace($0) }), hasRoom(for: end - start) else { return }
        separate(before: kind)
        let range = text.count..<(text.count + end - start)
        text.append(contentsOf: bytes[start..<end])
        let first = line
        line += bytes[start..<end].reduce(0) { $0 + ($1 == Ascii.newline ? 1 : 0) }
        blocks.append(Block(kind: kind, range: range, lines: first...line, heading: heading, place: place, isHidden: hidden))
    }

    private mutating func separate(before kind: Block.Kind) {
        guard let last = blocks.last else { return }
        let isTight = switch (last.kind, kind) {
        case (.tableRow, .tableRow(header: false)), (.listItem, .listItem): true
        default: false
        }
        text.append(contentsOf: isTight ? [Ascii.newline] : [Ascii.newline, Ascii.newline])
        line += isTight ? 1 : 2
    }

    private mutating func hasRoom(for bytes: Int) -> Bool {
        if text.count + bytes + 2 <= budget.limits.textBytes { return true }
        if !isFull { notices.append("the text is longer than \(byteCount(Int64(budget.limits.textBytes))); the rest was left out") }
        isFull = true
        return false
    }

    /// Appends the blocks of another document, such as a chapter or a message's HTML body.
    package mutating func append(_ document: LoadedDocument) throws(IngestionError) {
        try budget.checkTime()
        guard !document.blocks.isEmpty, hasRoom(for: document.text.utf8.count), let first = document.blocks.first else { return }
        separate(before: first.kind)
        let bytes = Array(document.text.utf8), offset = text.count
        var counted = 0, at = line
        for var block in document.blocks {
            at += bytes[counted..<block.range.lowerBound].reduce(0) { $0 + ($1 == Ascii.newline ? 1 : 0) }
            let last = at + bytes[block.range].reduce(0) { $0 + ($1 == Ascii.newline ? 1 : 0) }
            counted = block.range.upperBound
            block.range = (block.range.lowerBound + offset)..<(block.range.upperBound + offset)
            block.lines = at...last
            block.place = block.place ?? place
            blocks.append(block)
            at = last
        }
        text.append(contentsOf: bytes[..<counted])
        line = at
    }

    package func finish() -> LoadedDocument {
        let first = blocks.first { $0.kind == .heading(level: 1) && !$0.isHidden }?.heading
        var document = LoadedDocument(
            text: String(decoding: text, as: UTF8.self), blocks: blocks, title: title.flatMap { $0.isEmpty ? nil : $0 } ?? first,
            metadata: metadata.filter { !$0.value.isEmpty }, notices: notices)
        document.parts = parts
        return document
    }
}

/// Tidies text that comes out of documents: white space of all kinds is one space, what has no width is gone.
enum PlainLine {
    /// - Parameter keepsLines: whether line ends stay, each without spaces around it.
    static func tidied(_ content: String, keepsLines: Bool) -> String {
        var output = String.UnicodeScalarView()
        var needsSpace = false, needsLine = false
        for scalar in content.unicodeScalars {
            switch scalar.value {
            case 0x0A, 0x0D, 0x0B, 0x0C, 0x85, 0x2028, 0x2029:
                if keepsLines { needsLine = true } else { needsSpace = true }
            case 0x20, 0x09, 0xA0, 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: needsSpace = true
            case 0x00...0x1F, 0x7F...0x9F, 0xAD, 0x200B, 0x2060, 0xFEFF, 0xFFF9...0xFFFB: break
            default:
                if !output.isEmpty {
                    if needsLine { output.append("\n") } else if needsSpace { output.append(" ") }
                }
                needsSpace = false
                needsLine = false
                output.append(scalar)
            }
        }
        return String(output)
    }

    static func withoutControls(_ content: String) -> String {
        guard content.utf8.contains(where: { ($0 < 0x20 && $0 != 0x0A && $0 != 0x09) || $0 == 0x7F }) else { return content }
        var output = String.UnicodeScalarView()
        var afterReturn = false
        for scalar in content.unicodeScalars {
            switch scalar.value {
            case 0x0D: output.append("\n")
            case 0x0A: if !afterReturn { output.append("\n") }
            case 0x09: output.append("\t")
            case 0x00...0x1F, 0x7F: break
            default: output.append(scalar)
            }
            afterReturn = scalar.value == 0x0D
        }
        return String(output)
    }
}
