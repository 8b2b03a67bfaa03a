/// ZIP, TAR and gzip: the members are documents of their own, within bounds of depth, number and size.
package struct ArchiveLoader: DocumentLoader {
    package let formatName = "archive"
    private static let extensions: Set<String> = ["zip", "tar", "tgz", "gz", "jar", "whl", "apk", "war"]

    package init() {}

    package func canLoad(_ file: FileContents) -> Bool {
        guard Self.extensions.contains(file.pathExtension) else { return false }
        return file.bytes.starts(with: [0x50, 0x4B]) || file.bytes.starts(with: [0x1F, 0x8B]) || TarArchive.isArchive(file.bytes) || file.pathExtension == "zip"
    }

    package func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        guard file.nesting < file.budget.limits.nesting else { throw .nestedTooDeep(limit: file.budget.limits.nesting) }
        if file.bytes.starts(with: [0x1F, 0x8B]) { return try gzip(file) }
        if TarArchive.isArchive(file.bytes) { return try tar(file) }
        return try zip(file)
    }

    private func zip(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        let archive = try ZipArchive(file.bytes), members = archive.members.filter { !$0.isFolder }
        guard members.count <= file.budget.limits.members else { throw .tooManyMembers(limit: file.budget.limits.members) }
        var document = LoadedDocument(text: "", blocks: [])
        for member in members {
            try add(member.name, to: &document) { () throws(IngestionError) in try archive.read(member, budget: file.budget) }
        }
        return document
    }

    private func tar(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        let limit = file.budget.limits.members, (members, isCutOff) = try TarArchive.members(file.bytes, limit: limit)
        guard members.count <= limit else { throw .tooManyMembers(limit: limit) }
        var document = LoadedDocument(text: "", blocks: [])
        if isCutOff { document.notices.append("the archive is cut off or damaged; what comes before was read") }
        for member in members where member.kind != UInt8(ascii: "5") {
            guard member.kind == UInt8(ascii: "0") || member.kind == UInt8(ascii: "7") else {
                document.parts.append(DocumentPart(name: MemberPath.safe(member.name) ?? "member", content: .skipped("a link or device in an archive")))
                continue
            }
            try add(member.name, to: &document) { () throws(IngestionError) in
                try file.budget.expand(by: member.range.count)
                return Array(file.bytes[member.range])
            }
        }
        return document
    }

    /// A packed file goes by the name without `.gz`; a packed archive is opened as if it were not packed.
    private func gzip(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        var bytes: [UInt8] = [], rest = file.bytes[...]
        while rest.starts(with: [0x1F, 0x8B]) {
            let member = try Inflater.inflate(rest, .gzip, budget: file.budget)
            bytes += member.bytes
            rest = rest.dropFirst(member.used)
        }
        if TarArchive.isArchive(bytes) { return try tar(file.unpacked(as: file.path, bytes)) }
        let base = String(file.name), name = base.lowercased().hasSuffix(".gz") ? String(base.dropLast(3)) : base + ".out"
        var document = LoadedDocument(text: "", blocks: [])
        document.parts = [DocumentPart(name: name.isEmpty ? "content" : name, content: .bytes(bytes))]
        return document
    }

    private func add(_ name: String, to document: inout LoadedDocument, read: () throws(IngestionError) -> [UInt8]) throws(IngestionError) {
        guard let path = MemberPath.safe(name) else {
            let shown = name.split(separator: "/").filter { $0 != ".." && $0 != "." }.joined(separator: "/")
            document.parts.append(DocumentPart(name: shown.isEmpty ? "member" : shown, content: .skipped("its name leads out of the archive: \(name.prefix(200))")))
            return
        }
        // What an operating system adds to an archive is no document.
        if path.hasPrefix("__MACOSX/") || path.hasSuffix(".DS_Store") { return }
        do {
            document.parts.append(DocumentPart(name: path, content: .bytes(try read())))
        } catch .malformed(let format, let reason) {
            document.parts.append(DocumentPart(name: path, content: .failed(.malformed(format: format, reason: reason))))
        } catch .encrypted(let format) {
            document.parts.append(DocumentPart(name: path, content: .failed(.encrypted(format: format))))
        }
    }
}
