import Footnote

/// A document as `ls --json` and `get --json` print it.
struct DocumentJSON: Encodable {
    var documentId: Int64
    var documentTitle: String?
    var path: String
    var collection: String
    var format: String
    /// SHA-256 of the file as it was indexed.
    var contentHash: String
    var textBytes: Int
    var chunks: Int
    var indexedAt: String
    var metadata: [String: String]

    init(_ document: DocumentInfo) {
        documentId = document.reference.id
        documentTitle = document.reference.title
        path = document.reference.path
        collection = document.reference.collection
        format = document.format
        contentHash = document.contentHash
        textBytes = document.textBytes
        chunks = document.chunks
        indexedAt = document.indexedAt
        metadata = document.metadata
    }
}

/// A document as `remove --json` names it.
struct DocumentReferenceJSON: Encodable {
    var documentId: Int64
    var documentTitle: String?
    var path: String
    var collection: String

    init(_ document: DocumentReference) {
        documentId = document.id
        documentTitle = document.title
        path = document.path
        collection = document.collection
    }
}

/// What became of a file, as `index --json` and `ls --files --json` print it.
struct FileJSON: Encodable {
    var path: String
    /// `indexed`, `unchanged`, `moved`, `removed`, `skipped`, `failed` or `empty`.
    var status: String
    var reason: String?
    /// Whether it failed in an earlier run and was not tried again, being unchanged.
    var remembered: Bool
    var chunks: Int
    var embedded: Int
    var notices: [String]

    init(_ file: FileReport) {
        path = file.path
        status = file.status.rawValue
        reason = file.reason
        remembered = file.isRemembered
        chunks = file.chunks
        embedded = file.embedded
        notices = file.notices
    }
}
