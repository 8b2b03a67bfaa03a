import Foundation
import Ingestion

/// Files as the indexing sees them: found, read, loaded.
struct DocumentSource: Sendable {
    let location: KnowledgeBaseLocation
    let options: IndexingOptions

    /// - Parameter also: files to take besides those below `roots`, where they exist.
    func walk(_ roots: [URL], also: [URL]) throws -> WalkResult {
        var result = WalkResult()
        result.roots = roots.map(\.path)
        var seen: Set<String> = []
        for root in roots + also {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: root.path, isDirectory: &isFolder) else { continue }
            let names = isFolder.boolValue ? (FileManager.default.enumerator(atPath: root.path)?.allObjects as? [String] ?? []).sorted() : [""]
            for name in names where !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
                let url = name.isEmpty ? root : root.appendingPathComponent(name)
                FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
                if isFolder.boolValue { continue }
                guard let stamp = Self.stamp(url.path), seen.insert(url.path).inserted else { continue }
                result.files.append(FoundFile(file: url.path, path: location.storedPath(of: url), stamp: stamp))
            }
        }
        return result
    }

    func read(_ file: FoundFile) throws(SourceError) -> SourceContent {
        guard let data = FileManager.default.contents(atPath: file.file) else {
            throw SourceError(outcome: .failed(reason: "cannot be read", keepsDocument: true))
        }
        return SourceContent(data: data, hash: SHA256Digest.of(data), stamp: file.stamp)
    }

    func load(_ content: SourceContent, file: FoundFile) throws(SourceError) -> SourceDocument {
        let text = String(decoding: content.data, as: UTF8.self)
        var blocks: [Block] = []
        var line = 1, offset = 0
        for part in text.components(separatedBy: "\n") {
            if !part.isEmpty {
                let kind: Block.Kind = part.hasPrefix("#") ? .heading(level: 1) : .paragraph
                blocks.append(Block(kind: kind, range: offset..<(offset + part.utf8.count), lines: line...line, heading: part.hasPrefix("#") ? String(part.drop { $0 == "#" || $0 == " " }) : nil))
            }
            offset += part.utf8.count + 1
            line += 1
        }
        return SourceDocument(document: LoadedDocument(text: text, blocks: blocks), format: "text")
    }

    static func stamp(_ path: String) -> FileStamp? {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        return FileStamp(size: Int64(info.st_size), modified: Int64(info.st_mtim.tv_sec) * 1_000_000_000 + Int64(info.st_mtim.tv_nsec), inode: Int64(info.st_ino))
    }
}
