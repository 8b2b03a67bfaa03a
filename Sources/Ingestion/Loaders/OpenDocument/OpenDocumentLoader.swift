/// ODT, ODS and ODP (OASIS OpenDocument 1.3), packed or flat: headings, lists, tables, notes, sheets, slides; tracked
/// changes as accepted.
package struct OpenDocumentLoader: DocumentLoader {
    package let formatName = "OpenDocument"
    private static let extensions: Set<String> = ["odt", "ott", "ods", "ots", "odp", "otp", "odg", "fodt", "fods", "fodp", "odm"]

    package init() {}

    package func canLoad(_ file: FileContents) -> Bool { Self.extensions.contains(file.pathExtension) }

    package func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        var builder = DocumentBuilder(budget: file.budget)
        let content: XMLTree
        if file.bytes.starts(with: [0x50, 0x4B]) {
            let archive = try ZipArchive(file.bytes)
            if let manifest = try archive.read("META-INF/manifest.xml", budget: file.budget), try XMLTree(manifest, format: formatName).root?.all("encryption-data").isEmpty == false {
                throw .encrypted(format: "OpenDocument file")
            }
            guard let bytes = try archive.read("content.xml", budget: file.budget) else { throw .malformed(format: formatName, reason: "it has no content.xml") }
            content = try XMLTree(bytes, format: formatName)
            if let meta = try archive.read("meta.xml", budget: file.budget) { Self.properties(try XMLTree(meta, format: formatName).root?.first("meta"), &builder) }
        } else {
            content = try XMLTree(file.bytes, format: formatName)
            Self.properties(content.root?.first("meta"), &builder)
        }
        guard let root = content.root, let body = root.first("body") else { throw .malformed(format: formatName, reason: "it has no body") }
        var reader = OpenDocumentReader(styles: OpenDocumentStyles(root), builder: builder)
        for part in body.children {
            switch part.name {
            case "spreadsheet": for sheet in part.children where sheet.name == "table" { try reader.sheet(sheet) }
            case "presentation", "drawing":
                for (index, page) in part.children.filter({ $0.name == "page" }).enumerated() { try reader.slide(page, number: index + 1) }
            default: try reader.blocks(of: part)
            }
        }
        try reader.finishNotes()
        return reader.builder.finish()
    }

    private static func properties(_ meta: XMLElement?, _ builder: inout DocumentBuilder) {
        for item in meta?.children ?? [] {
            let text = PlainLine.tidied(item.text, keepsLines: false)
            switch item.name {
            case "title": builder.title = text
            case "creator", "initial-creator": builder.metadata["author"] = text
            case "subject", "description", "language": builder.metadata[item.name] = text
            case "keyword": builder.metadata["keywords"] = [builder.metadata["keywords"], text].compactMap(\.self).joined(separator: ", ")
            case "creation-date": builder.metadata["created"] = text
            case "date": builder.metadata["modified"] = text
            default: break
            }
        }
    }
}

/// Which styles hide text, and which lists count.
struct OpenDocumentStyles {
    private var hidden: Set<String> = []
    private var counted: Set<String> = []

    init(_ root: XMLElement) {
        for group in ["styles", "automatic-styles"] {
            for style in root.first(group)?.children ?? [] {
                guard let name = style["name"] else { continue }
                if style.name == "list-style", style.children.first?.name == "list-level-style-number" { counted.insert(name) }
                guard style.name == "style", let text = style.first("text-properties") else { continue }
                let isWhite = text["color"]?.lowercased() == "#ffffff" && text["background-color"] == nil && style["family"] == "text"
                let size = text["font-size"].flatMap { Double($0.prefix { $0.isNumber || $0 == "." }) }
                if text["display"] == "none" || isWhite || size.map({ $0 <= 1 }) == true { hidden.insert(name) }
            }
        }
    }

    func isHidden(_ style: String?) -> Bool { style.map(hidden.contains) ?? false }
    func isCounted(_ style: String?) -> Bool { style.map(counted.contains) ?? false }
}

struct OpenDocumentReader {
    let styles: OpenDocumentStyles
    var builder: DocumentBuilder
    private var notes: [String] = []
    private var hiddenText = ""
    private var depth = 0
    static let maximumColumns = 2048

    init(styles: OpenDocumentStyles, builder: DocumentBuilder) {
        self.styles = styles
        self.builder = builder
    }

    mutating func blocks(of parent: XMLElement) throws(IngestionError) {
        depth += 1
        defer { depth -= 1 }
        guard depth < 100 else { return }
        for child in parent.children {
            switch child.name {
            case "h": try builder.heading(inline(child), level: child["outline-level"].flatMap { Int($0) } ?? 1)
            case "p":
                let text = inline(child)
                if styles.isHidden(child["style-name"]) { try builder.paragraph(text, hidden: true) } else { try builder.paragraph(text) }
                try frames(in: child)
            case "list": try list(child, depth: 0, counts: styles.isCounted(child["style-name"]))
            case "table": try table(child)
            case "tracked-changes", "forms", "sequence-decls", "variable-decls", "user-field-decls", "notes": break
            // An index repeats headings with page numbers.
            case "table-of-content", "alphabetical-index", "illustration-index", "table-index": break
            default: try blocks(of: child)
            }
            if !hiddenText.isEmpty {
                try builder.paragraph(hiddenText, hidden: true)
                hiddenText = ""
            }
        }
    }

    /// Text boxes that hang at a paragraph.
    private mutating func frames(in paragraph: XMLElement) throws(IngestionError) {
        for box in paragraph.all("text-box") { try blocks(of: box) }
    }

    private mutating func list(_ element: XMLElement, depth level: Int, counts: Bool) throws(IngestionError) {
        guard level < 32 else { return }
        var number = 0
        for item in element.children where item.name == "list-item" || item.name == "list-header" {
            if let start = item["start-value"].flatMap({ Int($0) }) { number = start } else { number = number &+ 1 }
            var isFirst = true
            for part in item.children {
                switch part.name {
                case "list": try list(part, depth: level + 1, counts: counts || styles.isCounted(part["style-name"]))
                case "h": try builder.heading(inline(part), level: part["outline-level"].flatMap { Int($0) } ?? 1)
                case "p" where isFirst:
                    try builder.listItem(inline(part), mark: counts ? "\(number)." : "-", depth: level)
                    isFirst = false
                default: try builder.paragraph(inline(part))
                }
            }
        }
    }

    private mutating func table(_ element: XMLElement) throws(IngestionError) {
        let rows = Self.rows(of: element, inHeader: false)
        let cells = rows.map { row in Self.cells(of: row.row).map { cell in
            (text: blockText(cell.cell), repeats: cell.cell["number-columns-repeated"].flatMap { Int($0) } ?? 1)
        } }
        if cells.allSatisfy({ $0.count <= 1 }) {
            for row in rows { for cell in Self.cells(of: row.row) { try blocks(of: cell.cell) } }
            return
        }
        let isMarked = rows.contains { $0.isHeader }
        for (index, row) in rows.enumerated() {
            let texts = Self.expand(cells[index])
            try builder.row(texts, header: isMarked ? row.isHeader : index == 0 && rows.count > 1 && TableHeader.isLikely(texts))
        }
    }

    mutating func sheet(_ element: XMLElement) throws(IngestionError) {
        var sheet = SheetBuilder(name: element["name"] ?? "Sheet", isHidden: styles.isHidden(element["style-name"]))
        var number = 1
        for row in Self.rows(of: element, inHeader: false) {
            let repeats = max(1, row.row["number-rows-repeated"].flatMap { Int($0) } ?? 1)
            let cells = Self.expand(Self.cells(of: row.row).map { (text: blockText($0.cell), repeats: $0.cell["number-columns-repeated"].flatMap { Int($0) } ?? 1) })
            let isHidden = row.row["visibility"] == "collapse"
            // Empty rows are counted and not made; filled ones are repeated as far as anybody would write them.
            for copy in 0..<(cells.isEmpty ? 1 : min(repeats, 1000)) { try sheet.add(cells, row: number &+ copy, isHidden: isHidden, to: &builder) }
            number = number &+ repeats
        }
        try sheet.finish(&builder)
        builder.place = nil
    }

    mutating func slide(_ page: XMLElement, number: Int) throws(IngestionError) {
        builder.place = .slide(number)
        let frames = page.children.filter { $0.name != "notes" }
        for frame in frames where frame["class"] == "title" { try builder.heading(blockText(frame), level: 1) }
        for frame in frames where frame["class"] != "title" { try shape(frame) }
        for note in page.children where note.name == "notes" {
            let text = note.children.filter { $0["class"] == "notes" }.map { blockText($0) }.joined(separator: "\n")
            if text.contains(where: { !$0.isWhitespace }) { try builder.paragraph("Notes: " + text) }
        }
        builder.place = nil
    }

    private mutating func shape(_ element: XMLElement) throws(IngestionError) {
        depth += 1
        defer { depth -= 1 }
        guard depth < 64 else { return }
        if element.name == "g" {
            for child in element.children { try shape(child) }
        } else if ["frame", "custom-shape", "rect", "ellipse", "text-box", "caption", "line", "connector"].contains(element.name) {
            try blocks(of: element)
        }
    }

    mutating func finishNotes() throws(IngestionError) {
        for note in notes { try builder.paragraph(note) }
        notes = []
    }

    // MARK: Text

    /// All paragraphs inside, one a line.
    private mutating func blockText(_ element: XMLElement) -> String {
        depth += 1
        defer { depth -= 1 }
        guard depth < 100 else { return "" }
        var lines: [String] = []
        for child in element.children {
            switch child.name {
            case "p", "h":
                lines.append(inline(child))
                for box in child.all("text-box") { lines.append(blockText(box)) }
            case "annotation": lines.append("[Comment] " + blockText(child))
            default:
                let inner = blockText(child)
                if !inner.isEmpty { lines.append(inner) }
            }
        }
        return lines.joined(separator: "\n")
    }

    private mutating func inline(_ element: XMLElement) -> String {
        depth += 1
        defer { depth -= 1 }
        guard depth < 100 else { return "" }
        var text = ""
        for item in element.items {
            switch item {
            // Line ends in the file are spaces (OpenDocument 1.3, part 3, 6.1.2).
            case .text(let part): text += part
            case .element(let child): text += inlineElement(child)
            }
        }
        return text
    }

    private mutating func inlineElement(_ child: XMLElement) -> String {
        switch child.name {
        case "s": return String(repeating: " ", count: min(max(child["c"].flatMap { Int($0) } ?? 1, 1), 100))
        case "tab": return "\t"
        case "line-break": return "\n"
        case "note":
            let mark = PlainLine.tidied(child.first("note-citation")?.text ?? "\(notes.count + 1)", keepsLines: false)
            let body = child.first("note-body").map { blockText($0) } ?? ""
            if !body.isEmpty { notes.append("[\(mark)] " + body) }
            return "[\(mark)]"
        case "annotation":
            let body = child.children.filter { $0.name == "p" || $0.name == "list" }.map { $0.text }.joined(separator: "\n")
            if !body.isEmpty { notes.append("[Comment" + (child.first("creator").map { " by " + $0.text } ?? "") + "] " + body) }
            return ""
        case "frame", "text-box", "custom-shape", "tracked-changes": return ""
        case "span" where styles.isHidden(child["style-name"]), "hidden-text":
            hiddenText += inline(child)
            return ""
        case "ruby": return child.first("ruby-base").map { inline($0) } ?? ""
        default: return inline(child)
        }
    }

    // MARK: Grids

    private static func rows(of table: XMLElement, inHeader: Bool) -> [(row: XMLElement, isHeader: Bool)] {
        table.children.flatMap { child -> [(row: XMLElement, isHeader: Bool)] in
            switch child.name {
            case "table-row": [(child, inHeader)]
            case "table-header-rows": rows(of: child, inHeader: true)
            case "table-rows", "table-row-group": rows(of: child, inHeader: inHeader)
            default: []
            }
        }
    }

    private static func cells(of row: XMLElement) -> [(cell: XMLElement, isCovered: Bool)] {
        row.children.filter { $0.name == "table-cell" || $0.name == "covered-table-cell" }.map { ($0, $0.name == "covered-table-cell") }
    }

    private static func expand(_ cells: [(text: String, repeats: Int)]) -> [String] {
        var result: [String] = []
        for cell in cells {
            let count = min(max(cell.repeats, 1), maximumColumns - result.count)
            guard count > 0 else { break }
            result.append(contentsOf: repeatElement(cell.text, count: count))
        }
        while let last = result.last, !last.contains(where: { !$0.isWhitespace }) { result.removeLast() }
        return result
    }
}
