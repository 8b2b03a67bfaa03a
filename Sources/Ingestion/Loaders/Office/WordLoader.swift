/// DOCX (ECMA-376 WordprocessingML): headings, lists, tables, footnotes, comments; tracked changes as accepted.
package struct WordLoader: DocumentLoader {
    package let formatName = "Word"
    private static let extensions: Set<String> = ["docx", "docm", "dotx", "dotm"]

    package init() {}

    package func canLoad(_ file: FileContents) -> Bool {
        Self.extensions.contains(file.pathExtension) || (file.pathExtension.isEmpty && OfficePackage.holds("word/", file))
    }

    package func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        let package = try OfficePackage(file, format: formatName)
        let main = try package.mainPart(default: "word/document.xml"), folder = main.split(separator: "/").dropLast().joined(separator: "/")
        guard let tree = try package.tree(main), let body = tree.root?.first("body") else { throw .malformed(format: formatName, reason: "it has no text part") }
        func part(_ name: String) throws(IngestionError) -> XMLElement? { try package.tree(folder + "/" + name)?.root }
        let styles = WordStyles(styles: try part("styles.xml"), numbering: try part("numbering.xml"))
        var reader = WordReader(styles: styles, builder: DocumentBuilder(budget: file.budget))
        reader.builder.metadata = try package.properties()
        reader.builder.title = reader.builder.metadata["title"]
        reader.builder.metadata["title"] = nil
        try reader.blocks(of: body)
        try reader.notes(try part("footnotes.xml"), "footnote", mark: "")
        try reader.notes(try part("endnotes.xml"), "endnote", mark: "e")
        try reader.comments(try part("comments.xml"))
        return reader.builder.finish()
    }
}

private struct WordReader {
    let styles: WordStyles
    var builder: DocumentBuilder
    /// How far each counted list has come, by list and level.
    private var counters: [String: Int] = [:]
    private var depth = 0

    init(styles: WordStyles, builder: DocumentBuilder) {
        self.styles = styles
        self.builder = builder
    }

    mutating func blocks(of parent: XMLElement) throws(IngestionError) {
        depth += 1
        defer { depth -= 1 }
        guard depth < 100 else { return }
        for child in parent.children {
            switch child.name {
            case "p": try paragraph(child)
            case "tbl": try table(child)
            case "sdt": if let content = child.first("sdtContent") { try blocks(of: content) }
            case "AlternateContent": if let choice = child.first("Choice") ?? child.first("Fallback") { try blocks(of: choice) }
            case "customXml", "smartTag", "ins", "moveTo", "altChunk": try blocks(of: child)
            default: break
            }
        }
    }

    private mutating func paragraph(_ element: XMLElement) throws(IngestionError) {
        let properties = element.first("pPr")
        var run = WordRun()
        run.collect(element)
        if let level = styles.headingLevel(properties), !run.text.isEmpty {
            try builder.heading(run.text, level: level)
        } else if let list = styles.list(properties) {
            try builder.listItem(run.text, mark: mark(list), depth: list.level)
        } else {
            try builder.paragraph(run.text)
        }
        if !run.hidden.isEmpty { try builder.paragraph(run.hidden, hidden: true) }
        for box in run.boxes { try blocks(of: box) }
    }

    private mutating func mark(_ list: (id: String, level: Int, isCounted: Bool, start: Int)) -> String {
        guard list.isCounted else { return "-" }
        for deeper in (list.level + 1)..<max(list.level + 1, 9) { counters["\(list.id)/\(deeper)"] = nil }
        let key = "\(list.id)/\(list.level)", next = counters[key].map { $0 &+ 1 } ?? list.start
        counters[key] = next
        return "\(next)."
    }

    private mutating func table(_ element: XMLElement) throws(IngestionError) {
        var rows: [(cells: [String], isHeader: Bool, hidden: String)] = []
        for row in Self.rows(of: element) {
            var cells: [String] = [], hidden = ""
            for cell in Self.cells(of: row) {
                var run = WordRun()
                run.collectBlocks(cell)
                cells.append(run.text)
                hidden += run.hidden
                let span = cell.first("tcPr")?.first("gridSpan")?["val"].flatMap { Int($0) } ?? 1
                cells.append(contentsOf: repeatElement("", count: min(max(span - 1, 0), 64)))
            }
            rows.append((cells, row.first("trPr")?.first("tblHeader") != nil, hidden))
        }
        let columns = rows.map(\.cells.count).max() ?? 0
        if columns == 1 {
            // A frame around text rather than a table.
            for row in Self.rows(of: element) { for cell in Self.cells(of: row) { try blocks(of: cell) } }
            return
        }
        let isMarked = rows.contains { $0.isHeader }
        for (index, row) in rows.enumerated() {
            let isHeader = isMarked ? row.isHeader : index == 0 && rows.count > 1 && TableHeader.isLikely(row.cells)
            try builder.row(row.cells, header: isHeader)
            if !row.hidden.isEmpty { try builder.paragraph(row.hidden, hidden: true) }
        }
    }

    private static func rows(of table: XMLElement) -> [XMLElement] { unwrapped(table, "tr") }
    private static func cells(of row: XMLElement) -> [XMLElement] { unwrapped(row, "tc") }

    /// Children of that name, also inside content controls and tracked insertions.
    private static func unwrapped(_ parent: XMLElement, _ name: String) -> [XMLElement] {
        parent.children.flatMap { child -> [XMLElement] in
            switch child.name {
            case name: child.first("trPr")?.first("del") == nil ? [child] : []
            case "sdt": child.first("sdtContent").map { unwrapped($0, name) } ?? []
            case "ins", "customXml", "moveTo": unwrapped(child, name)
            default: []
            }
        }
    }

    mutating func notes(_ root: XMLElement?, _ name: String, mark: String) throws(IngestionError) {
        for note in root?.children ?? [] where note.name == name && note["type"] == nil {
            var run = WordRun()
            run.collectBlocks(note)
            if !run.text.isEmpty { try builder.paragraph("[\(mark)\(note["id"] ?? "")] " + run.text) }
        }
    }

    mutating func comments(_ root: XMLElement?) throws(IngestionError) {
        for comment in root?.children ?? [] where comment.name == "comment" {
            var run = WordRun()
            run.collectBlocks(comment)
            let author = comment["author"].map { " by \($0)" } ?? ""
            if !run.text.isEmpty { try builder.paragraph("[Comment \(comment["id"] ?? "")\(author)] " + run.text) }
        }
    }
}

/// The text of a paragraph, and what of it is not shown.
private struct WordRun {
    var text = ""
    var hidden = ""
    /// Text boxes that hang at the paragraph.
    var boxes: [XMLElement] = []
    private var depth = 0
    /// Open fields, innermost last: whether their instruction, which is not shown, is still going on.
    private var fields: [Bool] = []

    mutating func collectBlocks(_ parent: XMLElement) {
        for child in parent.children {
            switch child.name {
            case "p":
                if !text.isEmpty { text += "\n" }
                collect(child)
            case "tbl", "tr", "tc", "sdt", "sdtContent", "ins", "moveTo", "customXml":
                depth += 1
                if depth < 100 { collectBlocks(child) }
                depth -= 1
                if child.name == "tc" { text += " " }
            default: break
            }
        }
        for box in boxes {
            boxes = []
            collectBlocks(box)
        }
    }

    mutating func collect(_ parent: XMLElement) {
        depth += 1
        defer { depth -= 1 }
        guard depth < 100 else { return }
        for child in parent.children {
            switch child.name {
            case "r": run(child)
            case "del", "moveFrom", "pPr", "rPr": break
            case "AlternateContent": if let choice = child.first("Choice") ?? child.first("Fallback") { collect(choice) }
            case "oMath", "oMathPara": text += child.all("t").map(\.text).joined()
            case "txbxContent": boxes.append(child)
            default: collect(child)
            }
        }
    }

    private mutating func run(_ element: XMLElement) {
        let isHidden = element.first("rPr").map(Self.isHidden) ?? false
        var piece = ""
        for child in element.children {
            switch child.name {
            case "t": if !fields.contains(true) { piece += child.text }
            case "tab", "ptab": piece += "\t"
            case "br", "cr": piece += "\n"
            case "noBreakHyphen": piece += "-"
            case "sym": if let code = child["char"].flatMap({ UInt32($0, radix: 16) }), code < 0xE000, let scalar = Unicode.Scalar(code) { piece.unicodeScalars.append(scalar) }
            case "fldChar":
                switch child["fldCharType"] {
                case "begin": fields.append(true)
                case "separate": if !fields.isEmpty { fields[fields.count - 1] = false }
                case "end": _ = fields.popLast()
                default: break
                }
            case "footnoteReference": piece += "[\(child["id"] ?? "")]"
            case "endnoteReference": piece += "[e\(child["id"] ?? "")]"
            case "drawing", "pict", "object", "AlternateContent": findBoxes(child)
            default: break
            }
        }
        if isHidden { hidden += piece } else { text += piece }
    }

    private mutating func findBoxes(_ element: XMLElement) {
        if element.name == "AlternateContent" {
            if let choice = element.first("Choice") ?? element.first("Fallback") { boxes += choice.all("txbxContent") }
        } else {
            boxes += element.all("txbxContent")
        }
    }

    /// Hidden by mark, white on no ground of its own, or of next to no size.
    private static func isHidden(_ properties: XMLElement) -> Bool {
        if let vanish = properties.first("vanish"), !["0", "false", "off"].contains(vanish["val"] ?? "1") { return true }
        if let size = properties.first("sz")?["val"].flatMap({ Int($0) }), size <= 2 { return true }
        let isWhite = properties.first("color")?["val"]?.uppercased() == "FFFFFF"
        return isWhite && properties.first("shd") == nil && properties.first("highlight") == nil
    }
}

/// Guesses whether the first row of a table names its columns.
enum TableHeader {
    /// Short, not numbers, none missing but perhaps the first, no two equal.
    static func isLikely(_ cells: [String]) -> Bool {
        let names = cells.map { PlainLine.tidied($0, keepsLines: false) }
        guard names.count > 1, names.dropFirst().allSatisfy({ !$0.isEmpty }), names.allSatisfy({ $0.utf8.count <= 100 && Double($0.filter { $0 != "," && $0 != "%" }) == nil })
        else { return false }
        return Set(names).count == names.count
    }
}
