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

    /// Loads a file and the files within it, on a thread that may wait for other programs.
    func load(_ content: SourceContent) async -> [LoadedFile] {
        let registry = LoaderRegistry(custom: options.loaders), limits = options.limits
        // The time begins now, not while the file waits for its turn.
        return await LoadingThreads.run { registry.loadAll(content.contents.limited(by: limits)) }
    }

    /// The document, or what became of the file instead.
    func document(_ outcome: LoadOutcome, stamp: RecordedStamp) throws(SourceError) -> SourceDocument {
        switch outcome {
        case .loaded(let loaded, let format):
            var document = loaded.withoutHiddenText()
            // SQLite's text ends at a NUL character. A space takes as many bytes: every range stays right.
            if document.text.utf8.contains(0) {
                document.text = document.text.replacingOccurrences(of: "\0", with: " ")
            }
            return SourceDocument(document: document, format: format)
        case .empty(_, let notices): throw SourceError(outcome: .empty(stamp: stamp, notices: notices))
        case .skipped(let reason): throw SourceError(outcome: .skipped(reason: reason.description, stamp: stamp))
        case .failed(let error):
            throw SourceError(outcome: .failed(reason: error.description, keepsDocument: false, stamp: error.isLasting ? stamp : nil))
        }
    }
}

/// As many threads as there are processors, for work that waits or computes long: the tasks' own threads must stay free
/// for the embedding.
enum LoadingThreads {
    private static let queues = (0..<max(2, ProcessInfo.processInfo.activeProcessorCount)).map { DispatchQueue(label: "footnote.loading.\($0)") }
    private static let turn = Turn()

    static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        let queue = queues[turn.next() % queues.count]
        return await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }

    private final class Turn: @unchecked Sendable {
        private let lock = NSLock()
        private var count = 0

        func next() -> Int {
            lock.withLock {
                count = (count + 1) & 0xFFFF
                return count
            }
        }
    }
}
