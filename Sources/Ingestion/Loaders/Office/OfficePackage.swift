/// The ZIP archive of an Office Open XML document (ECMA-376, part 2): parts and the relations between them.
struct OfficePackage {
    let archive: ZipArchive
    let budget: LoadBudget
    let format: String

    init(_ file: FileContents, format: String) throws(IngestionError) {
        // Office writes an encrypted document as an OLE container.
        if file.bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) { throw .encrypted(format: "\(format) document") }
        archive = try ZipArchive(file.bytes)
        budget = file.budget
        self.format = format
    }

    func tree(_ part: String) throws(IngestionError) -> XMLTree? {
        guard let bytes = try archive.read(part, budget: budget), !bytes.isEmpty else { return nil }
        return try XMLTree(bytes, format: format)
    }

    struct Relation {
        var kind: String
        var target: String
        var isExternal: Bool
    }

    /// What the ids in a part stand for. `kind` is the last component of the relation's type.
    func relations(of part: String) throws(IngestionError) -> [String: Relation] {
        let folder = part.split(separator: "/").dropLast().joined(separator: "/"), name = part.split(separator: "/").last ?? ""
        guard let root = try tree((folder.isEmpty ? "" : folder + "/") + "_rels/\(name).rels")?.root else { return [:] }
        var result: [String: Relation] = [:]
        for item in root.children {
            guard let id = item["Id"], let target = item["Target"] else { continue }
            let isExternal = item["TargetMode"] == "External"
            result[id] = Relation(
                kind: item["Type"]?.split(separator: "/").last.map(String.init) ?? "", target: isExternal ? target : MemberPath.resolve(target, in: folder),
                isExternal: isExternal)
        }
        return result
    }

    /// The document's main part, by the package's own relations.
    func mainPart(default name: String) throws(IngestionError) -> String {
        try relations(of: "").values.first { $0.kind == "officeDocument" }?.target ?? name
    }

    /// Title, author and dates.
    func properties() throws(IngestionError) -> [String: String] {
        guard let root = try tree("docProps/core.xml")?.root else { return [:] }
        var values: [String: String] = [:]
        for item in root.children {
            let text = PlainLine.tidied(item.text, keepsLines: false)
            guard !text.isEmpty else { continue }
            switch item.name {
            case "title", "subject", "description", "keywords", "category", "language": values[item.name] = text
            case "creator": values["author"] = text
            case "created", "modified": values[item.name] = text
            default: break
            }
        }
        return values
    }

    /// Whether the archive has a part whose name begins so: `word/`.
    static func holds(_ prefix: String, _ file: FileContents) -> Bool {
        guard file.bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]), let archive = try? ZipArchive(file.bytes) else { return false }
        return archive.members.contains { $0.name.hasPrefix(prefix) }
    }
}

/// Paths within archives.
enum MemberPath {
    /// `target` as seen from a part in `folder`, without `.` and `..`.
    static func resolve(_ target: String, in folder: String) -> String {
        var parts = target.hasPrefix("/") ? [] : folder.split(separator: "/").map(String.init)
        for part in target.split(separator: "/") {
            if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(String(part)) }
        }
        return parts.joined(separator: "/")
    }

    /// The path under which a member may be shown; `nil` if it leads out of the archive.
    static func safe(_ name: String) -> String? {
        guard !name.hasPrefix("/"), !name.utf8.contains(0) else { return nil }
        let parts = name.split(separator: "/").filter { $0 != "." }
        guard !parts.isEmpty, !parts.contains(".."), !(parts[0].count == 2 && parts[0].hasSuffix(":")) else { return nil }
        return parts.joined(separator: "/")
    }
}
