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
    case empty(format: String, notices: [String] = [])
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
            // Loaders of text give up quietly when their time is up.
            if file.budget.isOutOfTime { return .failed(.outOfTime(seconds: file.budget.limits.seconds)) }
            return document.isEmpty ? .empty(format: chosen.formatName, notices: document.notices) : .loaded(document, format: chosen.formatName)
        } catch {
            return .failed(error)
        }
    }
}

/// A file, or a file within it, and what became of it.
package struct LoadedFile: Sendable {
    /// The path; of a file within another `outer!/inner`.
    package var path: String
    /// `nil` when its bytes could not be had.
    package var contents: FileContents?
    package var outcome: LoadOutcome
    /// Whether it stands within another file.
    package var isMember: Bool

    package init(path: String, contents: FileContents?, outcome: LoadOutcome, isMember: Bool) {
        self.path = path
        self.contents = contents
        self.outcome = outcome
        self.isMember = isMember
    }
}

extension LoaderRegistry {
    /// What stands between a file and the path of a file within it.
    package static let memberSeparator = "!/"

    /// Loads a file and all files within it, outermost first.
    package func loadAll(_ file: FileContents) -> [LoadedFile] {
        var result: [LoadedFile] = []
        load(file, isMember: false, into: &result)
        return result
    }

    private func load(_ file: FileContents, isMember: Bool, into result: inout [LoadedFile]) {
        var outcome = load(file), parts: [DocumentPart] = []
        if case .loaded(var document, let format) = outcome {
            parts = document.parts
            document.parts = []
            outcome = .loaded(document, format: format)
        }
        result.append(LoadedFile(path: file.path, contents: file, outcome: outcome, isMember: isMember))
        for part in parts {
            let path = file.path + Self.memberSeparator + part.name
            switch part.content {
            case .bytes(let bytes):
                guard file.budget.takeMember() else {
                    result.append(LoadedFile(path: path, contents: nil, outcome: .failed(.tooManyMembers(limit: file.budget.limits.members)), isMember: true))
                    return
                }
                load(file.member(path, bytes), isMember: true, into: &result)
            case .skipped(let reason): result.append(LoadedFile(path: path, contents: nil, outcome: .skipped(.member(reason)), isMember: true))
            case .failed(let error): result.append(LoadedFile(path: path, contents: nil, outcome: .failed(error), isMember: true))
            }
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
        var document = try load(SourceText(decoded.bytes, budget: file.budget), of: file)
        document.notices = decoded.notices + document.notices
        return document
    }
}
