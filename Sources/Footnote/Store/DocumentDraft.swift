import Ingestion

/// A document on its way into the database: read, cut into chunks and described, not yet embedded.
struct DocumentDraft: Sendable {
    var path: String
    var collection: String
    var title: String?
    var format: String
    /// SHA-256 of the file's bytes.
    var contentHash: [UInt8]
    var metadata: [String: String]
    /// Normalised text; holds no NUL character.
    var text: String
    var places: DocumentPlaces
    var chunks: [ChunkDraft]
    var stamp: RecordedStamp
    /// What the loader wants known about the file.
    var notices: [String]
}

/// A chunk on its way into the database.
struct ChunkDraft: Sendable {
    var chunk: Chunk
    var tokenCount: Int
    /// SHA-256 of the chunk's text, to find damage.
    var textHash: [UInt8]
    /// SHA-256 of what the embedding model reads: the same hash means the same vector.
    var embeddingHash: [UInt8]
    /// Title, headings and lead-in, then the chunk's text.
    var embeddingText: String
}

/// What tells cheaply that a file has not changed since it was last read.
struct RecordedStamp: Sendable, Equatable {
    var size: Int64
    /// Nanoseconds since 1970.
    var modified: Int64
    var inode: Int64

    init(size: Int64, modified: Int64, inode: Int64) {
        self.size = size
        self.modified = modified
        self.inode = inode
    }

    init(_ stamp: FileStamp) {
        self.init(size: stamp.size, modified: stamp.modified, inode: Int64(bitPattern: stamp.inode))
    }
}
