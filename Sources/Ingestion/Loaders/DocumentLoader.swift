/// Turns the bytes of one format into text and blocks. One loader is one format, in a file of its own.
///
/// Rules for a loader: it never opens files or the network, its time and memory are linear in the size of its input, it
/// bounds its depth, and it falls back with a notice rather than failing on damaged input where text can still be had.
package protocol DocumentLoader: Sendable {
    /// The format as shown in reports: "Markdown", "HTML".
    var formatName: String { get }

    /// Whether this loader is the right one, by the file's extension or its first bytes.
    func canLoad(_ file: FileContents) -> Bool

    /// - Throws: `IngestionError.malformed` if no text can be had at all.
    func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument
}

/// What became of a file.
package enum LoadOutcome: Sendable, Equatable {
    case loaded(LoadedDocument, format: String)
    /// Read, and without any text to index.
    case empty(format: String)
    case skipped(SkipReason)
    case failed(IngestionError)
}

/// The loaders in the order in which they are asked.
package struct LoaderRegistry: Sendable {
    package var loaders: [any DocumentLoader]

    package init(loaders: [any DocumentLoader]) { self.loaders = loaders }

    /// Loads a file with the first loader that accepts it; text that no loader claims is read as plain text.
    package func load(_ file: FileContents) -> LoadOutcome {
        if file.bytes.isEmpty { return .empty(format: "empty file") }
        let loader = loaders.first { $0.canLoad(file) }
        if loader == nil || loader is any TextFormatLoader, let kind = BinaryDetection.kind(of: file.bytes) {
            return .skipped(.binary(kind))
        }
        let chosen = loader ?? PlainTextLoader()
        do {
            let document = try chosen.load(file)
            return document.isEmpty ? .empty(format: chosen.formatName) : .loaded(document, format: chosen.formatName)
        } catch {
            return .failed(error)
        }
    }
}

/// A loader whose files are text, so that binary data under its extension is skipped rather than parsed.
package protocol TextFormatLoader: DocumentLoader {
    /// Extensions in lower case without the full stop.
    var extensions: Set<String> { get }
    func load(_ source: SourceText, of file: FileContents) throws(IngestionError) -> LoadedDocument
}

extension TextFormatLoader {
    package func canLoad(_ file: FileContents) -> Bool { extensions.contains(file.pathExtension) }

    package func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        let decoded = file.decoded()
        var document = try load(SourceText(decoded.bytes), of: file)
        document.notices = decoded.notices + document.notices
        return document
    }
}
