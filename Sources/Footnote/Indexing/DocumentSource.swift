import Foundation
import Ingestion

/// Files as the indexing sees them: found, read, loaded.
struct DocumentSource: Sendable {
    let location: KnowledgeBaseLocation
    let options: IndexingOptions

    /// - Parameters:
    ///   - roots: absolute paths of files and folders.
    ///   - also: files to take besides those below `roots`, where they exist.
    func walk(_ roots: [URL], also: [URL]) -> WalkResult {
        var walking = WalkOptions()
        walking.includesHidden = options.includeHidden
        walking.selection = GlobSelection(options.include + options.exclude.map { "!" + $0 })
        var result = WalkResult()
        result.roots = roots.map(\.path)
        for item in FolderWalker((roots + also).map { BytePath($0.path) }, options: walking) { add(item, to: &result) }
        return result
    }

    private func add(_ item: WalkItem, to result: inout WalkResult) {
        let absolute = item.path.description
        // The knowledge base's own files are no documents and need no mention.
        if absolute.hasPrefix(location.database.path) { return }
        if absolute == location.database.deletingLastPathComponent().path, absolute != location.root.path { return }
        let path = location.storedPath(ofResolved: absolute)
        switch item {
        case .file(let found): result.files.append(SourceFile(found: found, path: path))
        case .skipped(_, .duplicateRoot): return
        case .skipped(_, let reason):
            result.notTaken.append(FileReport(path: path, status: .skipped, reason: reason.description))
        // What is gone is not there to be reported: it is removed like every file that was not found.
        case .failed(_, .vanished): return
        case .failed(_, let error):
            result.unreadable.append(absolute)
            result.notTaken.append(FileReport(path: path, status: .failed, reason: error.description))
        }
    }

    func read(_ file: SourceFile) throws(SourceError) -> SourceContent {
        do {
            let contents = try FileReader(maximumSize: options.maximumFileSize).read(file.found)
            return SourceContent(contents: contents, hash: SHA256Digest.of(contents.bytes))
        } catch .tooLarge(let size, let limit) {
            // Without a stamp it is looked at again when the limit is another.
            let reason = IngestionError.tooLarge(size: size, limit: limit).description
            throw SourceError(outcome: .skipped(reason: reason, stamp: nil))
        } catch {
            throw SourceError(outcome: .failed(reason: error.description, keepsDocument: true))
        }
    }

    func load(_ content: SourceContent, file: SourceFile) throws(SourceError) -> SourceDocument {
        switch LoaderRegistry.standard.load(content.contents) {
        case .loaded(var document, let format):
            // SQLite's text ends at a NUL character. A space takes as many bytes: every range stays right.
            if document.text.utf8.contains(0) {
                document.text = document.text.replacingOccurrences(of: "\0", with: " ")
            }
            return SourceDocument(document: document, format: format)
        case .empty: throw SourceError(outcome: .empty(stamp: file.stamp, notices: []))
        case .skipped(let reason): throw SourceError(outcome: .skipped(reason: reason.description, stamp: file.stamp))
        case .failed(let error): throw SourceError(outcome: .failed(reason: error.description, keepsDocument: false))
        }
    }
}
