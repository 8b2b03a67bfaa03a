import Foundation
import Ingestion

/// What reading a file led to, before anything is written.
enum FileOutcome: Sendable {
    /// Nothing to do, or only to note another time stamp.
    case unchanged(FileRecord, stamp: RecordedStamp)
    /// The content is at hand under the path of a file that is gone, or in another collection.
    case moved(documentID: Int64, from: String, stamp: RecordedStamp, chunks: Int)
    case document(DocumentDraft, known: KnownVectors)
    case empty(stamp: RecordedStamp, notices: [String])
    /// Left out on purpose: not text, too large, ignored.
    case skipped(reason: String, stamp: RecordedStamp?)
    /// - Parameters:
    ///   - keepsDocument: the file could not be read, so that what was indexed before still stands.
    ///   - stamp: set where the same bytes would fail again.
    case failed(reason: String, keepsDocument: Bool, stamp: RecordedStamp? = nil)
    /// A file with files in it, which become documents of their own.
    indirect case container(FileOutcome, members: [(file: SourceFile, outcome: FileOutcome)])
}

/// Paths of files within files, as they are stored: `outer.zip!/inner.md`.
enum StoredPath {
    /// The path of the file on disk that holds the member; `nil` for a file of its own.
    static func container(of path: String) -> String? {
        path.range(of: LoaderRegistry.memberSeparator).map { String(path[..<$0.lowerBound]) }
    }
}

/// Vectors of chunks that were embedded before, by position in the document.
struct KnownVectors: Sendable {
    var vectors: [Int: [Float]] = [:]
    /// Of those, vectors that were made in this run after all.
    var computed = 0
}

/// A file that a walk found.
struct SourceFile: Sendable {
    /// Where it is read.
    var found: FoundFile
    /// Path as it is stored.
    var path: String

    var stamp: RecordedStamp { RecordedStamp(found.stamp) }
}

/// What a walk over folders found.
struct WalkResult: Sendable {
    var files: [SourceFile] = []
    /// Entries that are left out or cannot be read, by stored path.
    var notTaken: [FileReport] = []
    /// Absolute paths of files and folders that could not be looked at: what was indexed from them stays.
    var unreadable: [String] = []
    /// Absolute paths the walk covers: files below that it did not find are gone.
    var roots: [String] = []
}
