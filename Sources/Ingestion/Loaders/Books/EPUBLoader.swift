/// EPUB 2 and 3: the chapters in the order of the spine, each read as XHTML.
package struct EPUBLoader: DocumentLoader {
    package let formatName = "EPUB"

    package init() {}

    package func canLoad(_ file: FileContents) -> Bool { file.pathExtension == "epub" }

    package func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        let archive = try ZipArchive(file.bytes), budget = file.budget
        guard let container = try archive.read("META-INF/container.xml", budget: budget),
            let path = try XMLTree(container, format: formatName).root?.all("rootfile").first?["full-path"],
            let bytes = try archive.read(path, budget: budget), let package = try XMLTree(bytes, format: formatName).root
        else { throw .malformed(format: formatName, reason: "it does not say where its chapters are") }
        var builder = DocumentBuilder(budget: budget)
        for item in package.first("metadata")?.children ?? [] {
            let text = PlainLine.tidied(item.text, keepsLines: false)
            switch item.name {
            case "title": builder.title = builder.title ?? text
            case "creator": builder.metadata["author"] = [builder.metadata["author"], text].compactMap(\.self).joined(separator: ", ")
            case "language", "publisher", "description", "date": builder.metadata[item.name] = builder.metadata[item.name] ?? text
            default: break
            }
        }
        try chapters(of: package, folder: path.split(separator: "/").dropLast().joined(separator: "/"), archive, budget, &builder)
        return builder.finish()
    }

    private func chapters(
        of package: XMLElement, folder: String, _ archive: ZipArchive, _ budget: LoadBudget, _ builder: inout DocumentBuilder
    ) throws(IngestionError) {
        var manifest: [String: XMLElement] = [:]
        for item in package.first("manifest")?.children ?? [] { if let id = item["id"] { manifest[id] = item } }
        let isLocked = archive["META-INF/encryption.xml"] != nil && archive["META-INF/rights.xml"] != nil
        var number = 0, missing = 0
        for reference in package.first("spine")?.children ?? [] where reference.name == "itemref" {
            guard let item = reference["idref"].flatMap({ manifest[$0] }), let target = item["href"] else { continue }
            // The table of contents repeats every heading.
            if item["properties"]?.split(separator: " ").contains("nav") == true { continue }
            number += 1
            builder.place = .chapter(number)
            let name = MemberPath.resolve(PercentEncoding.decode(String(target.prefix { $0 != "#" })), in: folder)
            guard let bytes = try archive.read(name, budget: budget) else { missing += 1; continue }
            try builder.append(try HTMLLoader().load(FileContents(path: "chapter.xhtml", bytes: bytes, budget: budget)))
        }
        builder.place = nil
        if missing > 0 { builder.notices.append("\(missing) chapters are named and not there") }
        if builder.isEmpty, isLocked { throw .encrypted(format: "book") }
    }
}

/// `%20` and the like (RFC 3986).
enum PercentEncoding {
    static func decode(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        let bytes = Array(text.utf8)
        var output: [UInt8] = [], index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = HexDigit.value(bytes[index + 1]), let low = HexDigit.value(bytes[index + 2]) {
                output.append(high << 4 | low)
                index += 3
            } else {
                output.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}

enum HexDigit {
    static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
