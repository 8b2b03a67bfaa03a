/// PPTX (ECMA-376 PresentationML): slides in order with their numbers, titles, tables and notes.
package struct PresentationLoader: DocumentLoader {
    package let formatName = "PowerPoint"
    private static let extensions: Set<String> = ["pptx", "pptm", "ppsx", "potx"]

    package init() {}

    package func canLoad(_ file: FileContents) -> Bool {
        Self.extensions.contains(file.pathExtension) || (file.pathExtension.isEmpty && OfficePackage.holds("ppt/", file))
    }

    package func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        let package = try OfficePackage(file, format: formatName)
        let main = try package.mainPart(default: "ppt/presentation.xml")
        guard let root = try package.tree(main)?.root else { throw .malformed(format: formatName, reason: "it has no list of slides") }
        let relations = try package.relations(of: main)
        var reader = SlideReader(package: package, builder: DocumentBuilder(budget: file.budget))
        reader.builder.metadata = try package.properties()
        reader.builder.title = reader.builder.metadata.removeValue(forKey: "title")
        for (index, entry) in (root.first("sldIdLst")?.children ?? []).enumerated() {
            guard let id = entry.attribute("id", prefix: "r") ?? entry.attribute("id", prefix: "rel"), let slide = relations[id], !slide.isExternal else { continue }
            do {
                try reader.slide(slide.target, number: index + 1)
            } catch .malformed(_, let reason) {
                reader.builder.notices.append("slide \(index + 1) could not be read: \(reason)")
            }
        }
        return reader.builder.finish()
    }
}

private struct SlideReader {
    let package: OfficePackage
    var builder: DocumentBuilder
    private var isHidden = false

    init(package: OfficePackage, builder: DocumentBuilder) {
        self.package = package
        self.builder = builder
    }

    mutating func slide(_ part: String, number: Int) throws(IngestionError) {
        guard let tree = try package.tree(part), let root = tree.root else { return }
        builder.place = .slide(number)
        isHidden = root["show"] == "0"
        let relations = try package.relations(of: part)
        let shapes = Self.shapes(in: root.find("cSld", "spTree"), depth: 0)
        // The title comes first, wherever it stands in the file.
        for shape in shapes where Self.isTitle(shape) { try title(shape) }
        for shape in shapes where !Self.isTitle(shape) { try body(shape, relations) }
        for note in relations.values where note.kind == "notesSlide" { try notes(note.target) }
        for remark in relations.values where remark.kind == "comments" { try comments(remark.target) }
        builder.place = nil
    }

    private mutating func title(_ shape: XMLElement) throws(IngestionError) {
        let text = Self.paragraphs(shape).map(\.text).joined(separator: " ")
        if isHidden { try builder.paragraph(text, hidden: true) } else { try builder.heading(text, level: 1) }
    }

    private mutating func body(_ shape: XMLElement, _ relations: [String: OfficePackage.Relation]) throws(IngestionError) {
        if let table = shape.find("graphic", "graphicData", "tbl") {
            let rows = table.children.filter { $0.name == "tr" }
            for (index, row) in rows.enumerated() {
                let cells = row.children.filter { $0.name == "tc" }.map { Self.paragraphs($0).map(\.text).joined(separator: " ") }
                let names = table.first("tblPr")?["firstRow"] == "1" || TableHeader.isLikely(cells)
                try builder.row(cells, header: index == 0 && rows.count > 1 && names, hidden: isHidden)
            }
            return
        }
        if let diagram = shape.find("graphic", "graphicData")?.first("relIds"), let data = diagram.attribute("dm", prefix: "r").flatMap({ relations[$0] }) {
            for point in try package.tree(data.target)?.root?.all("t") ?? [] { try text(Self.paragraphs(point)) }
            return
        }
        if let chart = shape.find("graphic", "graphicData", "chart")?.attribute("id", prefix: "r").flatMap({ relations[$0] }) {
            for title in try package.tree(chart.target)?.root?.all("title") ?? [] { try text(Self.paragraphs(title)) }
            return
        }
        try text(Self.paragraphs(shape))
    }

    private mutating func text(_ paragraphs: [(text: String, level: Int)]) throws(IngestionError) {
        let filled = paragraphs.filter { $0.text.contains { !$0.isWhitespace } }
        for paragraph in filled {
            // Several lines in one box are points.
            if filled.count > 1, !isHidden {
                try builder.listItem(paragraph.text, depth: paragraph.level)
            } else {
                try builder.paragraph(paragraph.text, hidden: isHidden)
            }
        }
    }

    private mutating func notes(_ part: String) throws(IngestionError) {
        guard let root = try package.tree(part)?.root else { return }
        for shape in Self.shapes(in: root.find("cSld", "spTree"), depth: 0) where shape.find("nvSpPr", "nvPr", "ph")?["type"] == "body" {
            let text = Self.paragraphs(shape).map(\.text).joined(separator: "\n")
            if text.contains(where: { !$0.isWhitespace }) { try builder.paragraph("Notes: " + text, hidden: isHidden) }
        }
    }

    private mutating func comments(_ part: String) throws(IngestionError) {
        for remark in try package.tree(part)?.root?.children ?? [] {
            let text = (remark.first("text")?.text).map { [$0] } ?? Self.paragraphs(remark).map(\.text)
            if !text.joined().isEmpty { try builder.paragraph("[Comment] " + text.joined(separator: "\n"), hidden: isHidden) }
        }
    }

    // MARK: Shapes

    private static func shapes(in tree: XMLElement?, depth: Int) -> [XMLElement] {
        guard depth < 32 else { return [] }
        return (tree?.children ?? []).flatMap { child -> [XMLElement] in
            switch child.name {
            case "sp", "graphicFrame", "cxnSp": [child]
            case "grpSp": shapes(in: child, depth: depth + 1)
            case "AlternateContent": shapes(in: child.first("Choice") ?? child.first("Fallback"), depth: depth + 1)
            default: []
            }
        }
    }

    private static func isTitle(_ shape: XMLElement) -> Bool {
        ["title", "ctrTitle"].contains(shape.find("nvSpPr", "nvPr", "ph")?["type"] ?? "")
    }

    private static func paragraphs(_ shape: XMLElement) -> [(text: String, level: Int)] {
        shape.all("p").map { paragraph in
            let text = paragraph.children.map { child in
                switch child.name {
                case "r", "fld": child.first("t")?.text ?? ""
                case "br": "\n"
                case "AlternateContent", "m": child.all("t").map(\.text).joined()
                default: ""
                }
            }.joined()
            return (text, paragraph.first("pPr")?["lvl"].flatMap { Int($0) } ?? 0)
        }
    }
}
