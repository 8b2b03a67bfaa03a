import Foundation
import GRDB
import Ingestion

extension KnowledgeBase {
    /// Looks for damage and for what would keep the knowledge base from working.
    /// - Parameter deep: also read every page, every text and the whole vector graph.
    public func check(deep: Bool = false) async throws -> CheckReport {
        let generation = try await store.read { db in try GenerationStore.current(.active, db) }
        var items = [CheckReport.Item(name: "embedding model", findings: await modelFindings(generation))]
        let vectors = store.vectors
        items += try await store.read { db in
            var items = [
                CheckReport.Item(name: "database", findings: try Checks.integrity(deep: deep, db)),
                CheckReport.Item(name: "references between tables", findings: try Checks.foreignKeys(db)),
                CheckReport.Item(name: "lexical index", findings: try Checks.lexicalIndex(db)),
            ]
            guard let generation else { return items }
            items.append(
                CheckReport.Item(name: "vectors", findings: try Checks.vectors(vectors, generation, deep: deep, db)))
            if deep { items.append(CheckReport.Item(name: "texts", findings: try Checks.texts(generation, db))) }
            return items
        }
        return CheckReport(items: items)
    }

    private func modelFindings(_ generation: Generation?) async -> [String] {
        do {
            let identity = try await provider.identity(stored: generation?.model)
            guard let generation, generation.model.digest != identity.digest else { return [] }
            return [KnowledgeBaseError.modelMismatch(stored: generation.model.name, given: identity.name).description]
        } catch {
            return ["\(error)"]
        }
    }
}

/// The single checks. Each returns one sentence for a finding.
enum Checks {
    /// Most findings of one kind to list.
    static let maximumFindings = 20

    static func integrity(deep: Bool, _ db: Database) throws -> [String] {
        let lines = try String.fetchAll(db, sql: "PRAGMA \(deep ? "integrity_check" : "quick_check")(\(maximumFindings))")
        return lines == ["ok"] ? [] : lines
    }

    static func foreignKeys(_ db: Database) throws -> [String] {
        try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").prefix(maximumFindings).map { row in
            "a row of \(row[0] as String? ?? "?") refers to a row of \(row[2] as String? ?? "?") that is not there"
        }
    }

    /// Every chunk has a row in the lexical index, and no other rows are there.
    static func lexicalIndex(_ db: Database) throws -> [String] {
        let missing = try Int.fetchOne(
            db, sql: "SELECT count(*) FROM chunks WHERE id NOT IN (SELECT id FROM chunk_fts_docsize)") ?? 0
        let left = try Int.fetchOne(
            db, sql: "SELECT count(*) FROM chunk_fts_docsize WHERE id NOT IN (SELECT id FROM chunks)") ?? 0
        var findings: [String] = []
        if missing > 0 { findings.append("\(missing) chunks are not in the lexical index") }
        if left > 0 { findings.append("the lexical index holds \(left) chunks that are not there") }
        let version = try Meta.value(.lexicalText, db)
        if version != String(LexicalText.version) {
            findings.append("the lexical index was made by another version (\(version ?? "none")): index again with --force")
        }
        return findings
    }

    static func vectors(
        _ vectors: VectorStore, _ generation: Generation, deep: Bool, _ db: Database
    ) throws -> [String] {
        let chunks = try Int.fetchOne(
            db, sql: "SELECT count(*) FROM documents d JOIN chunks c ON c.document_id = d.id WHERE d.generation_id = ?",
            arguments: [generation.id]) ?? 0
        let count = try vectors.count(generation: generation, db)
        if count != chunks { return ["there are \(count) vectors for \(chunks) chunks"] }
        return deep ? try vectors.check(generation, limit: maximumFindings, db) : []
    }

    /// Chunks lie within their document's text and are the text they were made from.
    static func texts(_ generation: Generation, _ db: Database) throws -> [String] {
        var findings: [String] = []
        let documents = try Row.fetchCursor(
            db, sql: "SELECT id, path, text_bytes FROM documents WHERE generation_id = ?", arguments: [generation.id])
        while let row = try documents.next(), findings.count < maximumFindings {
            let path: String = row["path"]
            let text = try TextStore.text(documentID: row["id"], db)
            if text.utf8.count != row["text_bytes"] as Int {
                findings.append("the text of \(path) has \(text.utf8.count) bytes instead of \(row["text_bytes"] as Int)")
            }
            findings += try chunkFindings(documentID: row["id"], path: path, text: text, db)
        }
        return findings
    }

    private static func chunkFindings(documentID: Int64, path: String, text: String, _ db: Database) throws -> [String] {
        let hashes = try Data.fetchAll(
            db.cachedStatement(sql: "SELECT text_hash FROM chunks WHERE document_id = ? ORDER BY ordinal"),
            arguments: [documentID])
        return try zip(ChunkStore.all(documentID: documentID, db), hashes).compactMap { item, hash in
            guard let slice = text[SourceRange(item.chunk.range)] else {
                return "chunk \(item.id) of \(path) lies outside of its text"
            }
            return Data(SHA256Digest.of(slice)) == hash ? nil : "chunk \(item.id) of \(path) is not the text it was made from"
        }
    }
}
