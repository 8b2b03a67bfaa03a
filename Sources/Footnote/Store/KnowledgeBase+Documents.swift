import Foundation
import GRDB

extension KnowledgeBase {
    /// All documents in order of path.
    /// - Parameter filter: which documents; the default takes all.
    public func documents(_ filter: SearchFilter = SearchFilter()) async throws -> [DocumentInfo] {
        try await store.read { db in
            guard let generation = try GenerationStore.current(.active, db) else { return [] }
            let ids = try filter.isEmpty ? nil : Set(ChunkFilter.documents(filter, generation: generation, db))
            return try DocumentListing.all(generation: generation, db).filter { ids?.contains($0.reference.id) ?? true }
        }
    }

    /// The document that a person means: by stored path, by path on disk, by `#id`, or by the end of its path.
    /// - Throws: `KnowledgeBaseError.documentNotFound` or `.ambiguousDocument`.
    public func document(_ reference: String) async throws -> DocumentInfo {
        let documents = try await documents()
        if let exact = documents.first(where: { $0.reference.path == reference }) { return exact }
        if reference.hasPrefix("#"), let id = Int64(reference.dropFirst()),
            let named = documents.first(where: { $0.reference.id == id })
        { return named }
        let onDisk = location.storedPath(of: KnowledgeBaseLocation.resolved(URL(fileURLWithPath: reference)))
        if let exact = documents.first(where: { $0.reference.path == onDisk }) { return exact }
        let ending = documents.filter { $0.reference.path.hasSuffix("/" + reference) }
        if ending.count > 1 {
            throw KnowledgeBaseError.ambiguousDocument(
                reference: reference, candidates: ending.prefix(8).map(\.reference.path))
        }
        guard let document = ending.first else { throw KnowledgeBaseError.documentNotFound(reference: reference) }
        return document
    }

    /// The normalised text that ranges of results and citations refer to.
    /// - Throws: `KnowledgeBaseError.documentNotFound` when the document has been removed.
    public func text(of document: DocumentReference) async throws -> String {
        try await store.read { db in
            guard try DocumentListing.exists(document.id, db) else {
                throw KnowledgeBaseError.documentNotFound(reference: document.path)
            }
            return try TextStore.text(documentID: document.id, db)
        }
    }

    /// The text at a range without reading the rest; `nil` when the range does not fit the text.
    public func text(of document: DocumentReference, in range: SourceRange) async throws -> String? {
        try await store.read { db in try TextStore.text(documentID: document.id, range: range.range, db) }
    }

    /// A UTF-8 range as a range of Unicode scalars; `nil` when it does not fit the text.
    public func characterRange(of range: SourceRange, in document: DocumentReference) async throws -> Range<Int>? {
        try await store.read { db in try TextStore.characterRange(documentID: document.id, range: range.range, db) }
    }

    /// A chunk by its id; `nil` when it has been removed.
    public func chunk(_ id: Int64) async throws -> SearchResult? {
        try await store.read { db in try ResultReader.result(id, scores: RetrievalScores(), db) }
    }

    /// A document's chunks in order.
    public func chunks(of document: DocumentReference) async throws -> [SearchResult] {
        try await store.read { db in
            try ChunkStore.all(documentID: document.id, db).compactMap {
                try ResultReader.result($0.id, scores: RetrievalScores(), db)
            }
        }
    }

    /// Files as they were last reported, in order of path.
    /// - Parameter status: only files with this fate, as `.failed`.
    public func files(_ status: FileReport.Status? = nil) async throws -> [FileReport] {
        let records = try await store.read { db in
            try GenerationStore.current(.active, db).map { try FileRecords.all(generation: $0.id, db) } ?? [:]
        }
        return records.values.compactMap { record in
            guard let fate = FileReport.Status(rawValue: record.status.rawValue), status == nil || status == fate
            else { return nil }
            return FileReport(path: record.path, status: fate, reason: record.reason, chunks: record.chunks)
        }.sorted { $0.path < $1.path }
    }

    /// What the knowledge base holds.
    public func status() async throws -> KnowledgeBaseStatus {
        let location = location, isReadOnly = isReadOnly
        return try await store.read { db in
            try DocumentListing.status(location: location, isReadOnly: isReadOnly, db)
        }
    }
}

/// Queries behind listings.
enum DocumentListing {
    static func all(generation: Generation, _ db: Database) throws -> [DocumentInfo] {
        var metadata: [Int64: [String: String]] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT document_id, key, value FROM document_metadata") {
            metadata[row[0], default: [:]][row[1]] = row[2]
        }
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT d.id, d.path, d.title, c.name, d.format, d.content_hash, d.text_bytes, d.indexed_at,
                  (SELECT count(*) FROM chunks WHERE document_id = d.id)
                FROM documents d JOIN collections c ON c.id = d.collection_id
                WHERE d.generation_id = ? ORDER BY d.path
                """, arguments: [generation.id])
        return rows.map { row in
            DocumentInfo(
                reference: DocumentReference(id: row[0], path: row[1], title: row[2], collection: row[3]),
                format: row[4], contentHash: SHA256Digest.hexadecimal(row[5] as Data), textBytes: row[6], chunks: row[8],
                indexedAt: row[7], metadata: metadata[row[0]] ?? [:])
        }
    }

    static func exists(_ id: Int64, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM documents WHERE id = ?)"), arguments: [id]) ?? false
    }

    static func status(location: KnowledgeBaseLocation, isReadOnly: Bool, _ db: Database) throws -> KnowledgeBaseStatus {
        let generation = try GenerationStore.current(.active, db)
        let id = generation?.id ?? 0
        func count(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: sql, arguments: [id]) ?? 0 }
        let collections = try Row.fetchAll(
            db,
            sql: """
                SELECT c.name, count(*) FROM documents d JOIN collections c ON c.id = d.collection_id
                WHERE d.generation_id = ? GROUP BY c.id ORDER BY c.name
                """, arguments: [id])
        let files = try Row.fetchAll(
            db, sql: "SELECT status, count(*) FROM files WHERE generation_id = ? GROUP BY status", arguments: [id])
        let path = location.database.path
        return KnowledgeBaseStatus(
            path: path, root: location.root.path, schemaVersion: try Schema.version(db), isReadOnly: isReadOnly,
            documents: try count("SELECT count(*) FROM documents WHERE generation_id = ?"),
            chunks: try count(
                "SELECT count(*) FROM documents d JOIN chunks c ON c.document_id = d.id WHERE d.generation_id = ?"),
            fileBytes: fileSize(path) + fileSize(path + "-wal"),
            collections: collections.map { KnowledgeBaseStatus.Collection(name: $0[0], documents: $0[1]) },
            model: generation?.model, dimension: generation?.dimension,
            isRebuilding: try GenerationStore.current(.building, db) != nil,
            files: Dictionary(uniqueKeysWithValues: files.map { ($0[0], $0[1]) }))
    }

    private static func fileSize(_ path: String) -> Int64 {
        var info = stat()
        return stat(path, &info) == 0 ? Int64(info.st_size) : 0
    }
}
