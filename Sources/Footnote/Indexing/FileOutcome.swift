/// What reading a file led to, before anything is written.
enum FileOutcome: Sendable {
    /// Nothing to do, or only to note another time stamp.
    case unchanged(FileRecord, stamp: FileStamp)
    /// The content is at hand under the path of a file that is gone, or in another collection.
    case moved(documentID: Int64, from: String, stamp: FileStamp, chunks: Int)
    case document(DocumentDraft, known: KnownVectors)
    case empty(stamp: FileStamp, notices: [String])
    /// Left out on purpose: not text, too large, ignored.
    case skipped(reason: String, stamp: FileStamp?)
    /// - Parameter keepsDocument: the file could not be read, so that what was indexed before still stands.
    case failed(reason: String, keepsDocument: Bool)
}

/// Vectors of chunks that were embedded before, by position in the document.
struct KnownVectors: Sendable {
    var vectors: [Int: [Float]] = [:]
}

/// A file that a walk found.
struct FoundFile: Sendable {
    /// Absolute path for reading.
    var file: String
    /// Path as it is stored.
    var path: String
    var stamp: FileStamp
}

/// What a walk over folders found.
struct WalkResult: Sendable {
    var files: [FoundFile] = []
    /// Entries that are left out or cannot be read, by stored path.
    var notTaken: [FileReport] = []
    /// Absolute paths of folders whose content could not be listed: what was indexed from them stays.
    var unreadableFolders: [String] = []
    /// Absolute paths the walk covers: files below that it did not find are gone.
    var roots: [String] = []
}
