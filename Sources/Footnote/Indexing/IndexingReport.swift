import Ingestion

/// What became of one file.
public struct FileReport: Hashable, Sendable, Codable {
    public enum Status: String, Sendable, Codable, CaseIterable {
        /// Read, cut, embedded and stored.
        case indexed
        /// The same as when it was last indexed.
        case unchanged
        /// Known under another path before; nothing was embedded.
        case moved
        /// Gone from disk or no longer chosen: removed from the knowledge base.
        case removed
        /// Left out on purpose; `reason` says why.
        case skipped
        /// Could not be indexed; `reason` says why and what to do.
        case failed
        /// Holds no text.
        case empty
    }

    /// Path as it is stored: relative to the knowledge base's root where it lies within it.
    public var path: String
    public var status: Status
    public var reason: String?
    /// Chunks the document has now.
    public var chunks: Int
    /// Of those, chunks whose text had to be embedded.
    public var embedded: Int
    /// Whether it failed in an earlier run and would fail again, being unchanged: it was not tried.
    public var isRemembered = false
    /// How the file was read, where that is worth knowing: "two invalid bytes were replaced".
    public var notices: [String]

    public init(
        path: String, status: Status, reason: String? = nil, chunks: Int = 0, embedded: Int = 0, notices: [String] = []
    ) {
        self.path = path
        self.status = status
        self.reason = reason
        self.chunks = chunks
        self.embedded = embedded
        self.notices = notices
    }
}

/// How far a run has come.
public struct IndexingProgress: Hashable, Sendable, Codable {
    /// Files found. Final once the first progress is reported.
    public var filesFound = 0
    /// Files that are settled: indexed, unchanged, skipped, failed or empty.
    public var filesDone = 0
    /// Bytes of the files found, and of those that are settled: steadier than files for an estimate of time.
    public var bytesFound: Int64 = 0
    public var bytesDone: Int64 = 0
    /// Chunks stored so far.
    public var chunks = 0
    public var seconds: Double = 0

    public init() {}
}

/// What a run did, file by file.
public struct IndexingReport: Hashable, Sendable, Codable {
    /// Every file that was found, and every file that was removed, in order of path.
    public var files: [FileReport] = []
    /// Chunks of all files that were indexed or unchanged in this run.
    public var chunks = 0
    /// Chunks that were embedded; the others' vectors were at hand.
    public var embedded = 0
    /// Wall time of the run.
    public var seconds: Double = 0
    /// Of that, time in which the embedding model was at work; reading and writing go on beside it.
    public var embeddingSeconds: Double = 0
    /// Name of the embedding model.
    public var model = ""
    /// Things a reader should know about the run as a whole.
    public var notices: [String] = []

    public init() {}

    public func count(_ status: FileReport.Status) -> Int {
        files.reduce(0) { $0 + ($1.status == status ? 1 : 0) }
    }

    /// Whether every file that was looked at is either in the knowledge base or was left out on purpose. What failed in an
    /// earlier run and is unchanged does not count.
    public var isComplete: Bool { !files.contains { $0.status == .failed && !$0.isRemembered } }
}

/// What happens while folders are indexed, in this order: progress and files mixed, then the report.
public enum IndexingEvent: Sendable {
    case progress(IndexingProgress)
    /// A file is settled and, if it was indexed, committed.
    case file(FileReport)
    case finished(IndexingReport)
}

/// How to index.
public struct IndexingOptions: Sendable {
    /// Label for the documents, by which searches can be limited. A document is in one collection.
    public var collection = "default"
    /// Read and embed everything again, and change over to another embedding model where one is given.
    public var force = false
    /// Report what would be done and change nothing.
    public var dryRun = false
    /// Patterns of files to take, in the syntax of ignore files; empty takes every file that can be read.
    public var include: [String] = []
    /// Patterns of files to leave out, besides those that ignore files name.
    public var exclude: [String] = []
    public var includeHidden = false
    /// Largest file to read, in bytes.
    public var maximumFileSize: Int64 = 64 << 20
    /// Seconds that one file may take to be read, files within it included; text recognition has its own limit.
    public var maximumFileSeconds: Double = 30
    /// How documents are cut; `nil` keeps what the knowledge base has. Another choice cuts and embeds everything anew beside
    /// what is there, which answers until the new is complete.
    public var chunking: ChunkingChoice?
    /// What is put in front of texts before they are embedded; where this says nothing, what the knowledge base has, which at
    /// first is what the model itself wants. Another prompt for documents embeds everything anew.
    public var prompts = EmbeddingPrompts()
    /// Loaders of your own; they are asked before those that come with Footnote.
    public var loaders: [any FileLoader] = []

    public init() {}

    /// Tells loaders and their limits from others, under which a file that gave nothing may give something.
    var readers: String {
        var parts = [LoaderRegistry.version]
        if !loaders.isEmpty { parts.append("own loaders: " + loaders.map { "\($0.formatName) \($0.extensions.sorted().joined(separator: ","))" }.joined(separator: "; ")) }
        if maximumFileSeconds != IndexingOptions().maximumFileSeconds { parts.append("\(maximumFileSeconds) s") }
        return parts.joined(separator: "; ")
    }

    var limits: LoadLimits {
        var limits = LoadLimits()
        limits.seconds = max(0, maximumFileSeconds)
        return limits
    }
}
