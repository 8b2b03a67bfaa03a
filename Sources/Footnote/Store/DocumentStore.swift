import Foundation
import GRDB
import Ingestion
import TransformerCore

/// The documents of a generation with their chunks, lexical rows and vectors. Every function runs within the
/// caller's transaction.
struct DocumentStore: Sendable {
    let generation: Generation
    let vectors: VectorStore

    /// Adds a document; one at the same path is replaced.
    /// - Parameter embeddings: row-major, `draft.chunks.count × generation.dimension`.
    /// - Returns: the document's id.
    func insert(_ draft: DocumentDraft, embeddings: [Float], _ db: Database) throws -> Int64 {
        if let old = try id(path: draft.path, db) { try delete(old, db) }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO documents
                  (generation_id, collection_id, path, title, format, content_hash, text_bytes, indexed_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            generation.id, collectionID(draft.collection, db), draft.path, draft.title, draft.format,
            Data(draft.contentHash), draft.text.utf8.count, Timestamp.now(),
        ])
        let documentID = db.lastInsertedRowID
        for (key, value) in draft.metadata.sorted(by: { $0.key < $1.key }) {
            try db.cachedStatement(sql: "INSERT INTO document_metadata (document_id, key, value) VALUES (?, ?, ?)")
                .execute(arguments: [documentID, key, value])
        }
        try TextStore.insert(draft.text, documentID: documentID, db)
        try PlaceStore.insert(draft.places, documentID: documentID, db)
        let chunkIDs = try ChunkStore.insert(draft, documentID: documentID, db)
        try DuplicateStore.insert(
            Array(zip(chunkIDs, draft.chunks.map(\.chunk))), text: draft.text, generation: generation.id, db)
        try vectors.insert(ids: chunkIDs, vectors: embeddings, generation: generation, db)
        return documentID
    }

    /// Removes a document with everything that was made of it.
    func delete(_ documentID: Int64, _ db: Database) throws {
        let chunkIDs = try ChunkStore.removeFromLexicalIndex(documentID: documentID, db)
        try vectors.delete(ids: chunkIDs, generation: generation, db)
        // Before the commit: a rollback costs a prompt that must be read again, a crash after it would leave a trace.
        if let database = try String.fetchOne(db, sql: "SELECT file FROM pragma_database_list WHERE name = 'main'") {
            try PrefixStore.remove(documents: [documentID], in: KnowledgeBaseLocation.promptFolder(besideDatabase: database))
        }
        let groups = try DuplicateStore.groups(documentID: documentID, db)
        try db.cachedStatement(sql: "DELETE FROM documents WHERE id = ?").execute(arguments: [documentID])
        try DuplicateStore.settle(groups, generation: generation.id, db)
        try Meta.set(.lexicalIndexHasRemovals, "1", db)
    }

    /// Forgets the names of collections that hold nothing any more.
    static func deleteEmptyCollections(_ db: Database) throws {
        try db.execute(sql: "DELETE FROM collections WHERE id NOT IN (SELECT collection_id FROM documents)")
    }

    /// Gives a document another path and collection. Chunks and vectors stay.
    func move(_ documentID: Int64, path: String, collection: String, _ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE documents SET path = ?, collection_id = ? WHERE id = ?")
            .execute(arguments: [path, collectionID(collection, db), documentID])
    }

    func id(path: String, _ db: Database) throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM documents WHERE generation_id = ? AND path = ?"),
            arguments: [generation.id, path])
    }

    private func collectionID(_ name: String, _ db: Database) throws -> Int64? {
        try db.cachedStatement(sql: "INSERT INTO collections (name) VALUES (?) ON CONFLICT DO NOTHING")
            .execute(arguments: [name])
        return try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM collections WHERE name = ?"), arguments: [name])
    }
}
