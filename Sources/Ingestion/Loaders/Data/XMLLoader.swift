/// XML: books and articles (DocBook, JATS, TEI and the like) as headings and paragraphs; data as records of the elements
/// that repeat.
package struct XMLLoader: DocumentLoader {
    package let formatName = "XML"
    private static let extensions: Set<String> = ["xml", "nxml", "dbk", "docbook", "tei", "rss", "atom", "xsd", "wsdl", "plist", "opml", "svg"]
    private static let headings: Set<String> = ["title", "article-title", "head"]
    private static let paragraphs: Set<String> = ["p", "para", "simpara", "abstract-p"]
    private static let code: Set<String> = ["programlisting", "screen", "code-block", "preformat", "verbatim", "codeblock"]
    private static let leftOut: Set<String> = ["style", "script", "xref-list", "processing-instruction"]
    static let maximumDepth = 200

    package init() {}

    package func canLoad(_ file: FileContents) -> Bool {
        Self.extensions.contains(file.pathExtension) || (file.pathExtension.isEmpty && file.bytes.starts(with: Array("<?xml".utf8)))
    }

    package func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        let tree = try XMLTree(file.bytes, format: formatName)
        guard let root = tree.root else { throw .malformed(format: formatName, reason: "it has no root element") }
        var builder = DocumentBuilder(budget: file.budget)
        if Self.isProse(root, depth: 0) {
            try prose(root, level: 0, depth: 0, &builder)
        } else {
            for element in Self.records(root, depth: 0) { try builder.record(Self.lines(element, depth: 0).joined(separator: "\n")) }
        }
        return builder.finish()
    }

    private static func isProse(_ element: XMLElement, depth: Int) -> Bool {
        guard depth < maximumDepth else { return false }
        return element.children.contains { paragraphs.contains($0.name) || isProse($0, depth: depth + 1) }
    }

    private func prose(_ element: XMLElement, level: Int, depth: Int, _ builder: inout DocumentBuilder) throws(IngestionError) {
        guard depth < Self.maximumDepth else { return }
        var loose = ""
        func flush(_ builder: inout DocumentBuilder) throws(IngestionError) {
            if loose.contains(where: { !$0.isWhitespace }) { try builder.paragraph(PlainLine.tidied(loose, keepsLines: false)) }
            loose = ""
        }
        for item in element.items {
            switch item {
            case .text(let text): loose += text
            case .element(let child):
                let name = child.name
                if Self.leftOut.contains(name) { continue }
                let hasBlocks = child.children.contains { Self.isBlock($0.name) }
                if !Self.isBlock(name), !hasBlocks, !loose.isEmpty, loose.contains(where: { !$0.isWhitespace }) { loose += child.text; continue }
                try flush(&builder)
                if Self.headings.contains(name), !hasBlocks {
                    try builder.heading(child.text, level: max(1, level))
                } else if Self.paragraphs.contains(name), !hasBlocks {
                    try builder.paragraph(PlainLine.tidied(child.text, keepsLines: false))
                } else if Self.code.contains(name) {
                    try builder.code(child.text, language: child["language"])
                } else if name == "tr" || name == "row" {
                    let cells = child.children.map { PlainLine.tidied($0.text, keepsLines: false) }
                    try builder.row(cells, header: child.children.allSatisfy { $0.name == "th" } || element.name == "thead")
                } else if name == "list-item" || name == "listitem" || name == "li" || name == "item" {
                    if child.all("list").isEmpty, child.all("itemizedlist").isEmpty { try builder.listItem(PlainLine.tidied(child.text, keepsLines: false)) } else { try prose(child, level: level, depth: depth + 1, &builder) }
                } else if child.children.isEmpty {
                    let text = PlainLine.tidied(child.text, keepsLines: false)
                    if !text.isEmpty { try builder.paragraph(text) }
                } else {
                    let isSection = name.hasPrefix("sec") || name.hasPrefix("chapter") || name.hasPrefix("div") || name == "article" || name == "book" || name == "part" || name == "appendix" || name == "refentry" || name == "body" || name == "abstract"
                    try prose(child, level: min(level + (isSection ? 1 : 0), 9), depth: depth + 1, &builder)
                }
            }
        }
        try flush(&builder)
    }

    private static func isBlock(_ name: String) -> Bool {
        paragraphs.contains(name) || headings.contains(name) || code.contains(name)
            || ["sec", "section", "table", "tr", "row", "list", "itemizedlist", "orderedlist", "list-item", "listitem", "fig", "figure", "body", "chapter", "disp-quote", "blockquote", "ul", "ol", "li"].contains(name)
    }

    /// The elements that repeat, nearest to the root; the root's own children otherwise.
    private static func records(_ element: XMLElement, depth: Int) -> [XMLElement] {
        let children = element.children
        if children.isEmpty { return [element] }
        if children.count == 1, depth < 32, !children[0].children.isEmpty { return records(children[0], depth: depth + 1) }
        return children
    }

    /// `name: value` for each leaf and attribute, indented by depth.
    private static func lines(_ element: XMLElement, depth: Int) -> [String] {
        guard depth < 64 else { return [] }
        let indent = String(repeating: "  ", count: depth), children = element.children
        let attributes = element.attributes.map { "\(indent)  \($0.name): \(PlainLine.tidied($0.value, keepsLines: false))" }
        if children.isEmpty {
            let text = PlainLine.tidied(element.text, keepsLines: false)
            if text.isEmpty, attributes.isEmpty { return [] }
            return ["\(indent)\(element.name): \(text)"] + attributes
        }
        return ["\(indent)\(element.name):"] + attributes + children.flatMap { lines($0, depth: depth + 1) }
    }
}
