/// A document as listings show it.
public struct DocumentInfo: Hashable, Sendable, Codable {
    public var reference: DocumentReference
    public var format: String
    /// SHA-256 of the file as it was indexed, in hexadecimal.
    public var contentHash: String
    /// Length of the normalised text in UTF-8 bytes.
    public var textBytes: Int
    public var chunks: Int
    /// When it was indexed, as `2025-01-31T12:00:00Z`.
    public var indexedAt: String
    public var metadata: [String: String]
}

/// What a knowledge base holds.
public struct KnowledgeBaseStatus: Hashable, Sendable, Codable {
    public struct Collection: Hashable, Sendable, Codable {
        public var name: String
        public var documents: Int
    }

    /// Path of the database file.
    public var path: String
    /// Folder that documents' paths are relative to.
    public var root: String
    public var schemaVersion: Int
    public var isReadOnly: Bool
    public var documents: Int
    public var chunks: Int
    /// Bytes of the database file and its write-ahead log.
    public var fileBytes: Int64
    public var collections: [Collection]
    /// The embedding model the vectors were made with; `nil` in an empty knowledge base.
    public var model: ModelIdentity?
    public var dimension: Int?
    /// Whether a change of the embedding model is under way and unfinished.
    public var isRebuilding: Bool
    /// How many files had which fate when they were last looked at: `indexed`, `skipped`, `failed`, `empty`.
    public var files: [String: Int]
}
