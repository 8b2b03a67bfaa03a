import Foundation
import GRDB
import Ingestion

/// What `KnowledgeBase.repair` did.
public struct RepairReport: Hashable, Sendable, Codable {
    /// Passages whose vectors were kept.
    public var kept = 0
    /// Passages whose vectors were lost and made anew from their texts.
    public var embedded = 0
    /// Documents with passages that could not be restored, since their text is damaged too: index them again.
    public var lost: [String] = []
}

extension KnowledgeBase {
    /// Makes the vector graph anew from the vectors, and vectors that are damaged or missing anew from the texts of
    /// their passages.
    ///
    /// - Throws: `KnowledgeBaseError`; `.noEmbeddingModel` when vectors are missing and the model is not at hand: what
    ///   could be done without it has been done, and running it again goes on.
    public func repair() async throws -> RepairReport {
        guard let generation = try await store.read({ db in try GenerationStore.current(.active, db) }) else {
            return RepairReport()
        }
        let vectors = store.vectors
        let (held, missing) = try await store.write { db in
            let chunks = try Set(Int64.fetchAll(
                db, sql: "SELECT c.id FROM chunks c JOIN documents d ON d.id = c.document_id WHERE d.generation_id = ?",
                arguments: [generation.id]))
            let held = try vectors.repair(generation, chunks: chunks, db)
            return (held.count, chunks.subtracting(held).sorted())
        }
        var report = RepairReport(kept: held)
        guard !missing.isEmpty else { return report }
        let model = try await embeddingModel()
        let maker = try ChunkMaker(model: model, parameters: ChunkingParameters(json: generation.chunking))
        for (id, lost) in try await store.read({ db in try Self.byDocument(missing, db) }) {
            guard let document = try await store.read({ db in try Self.document(id, missing: lost, db) }) else { continue }
            let drafts = maker.drafts(document.chunks.map(\.chunk), of: document.text, title: document.title)
            let wanted = document.chunks.indices.filter { document.missing.contains(document.chunks[$0].id) }
            // A text that is damaged too would make another vector than the one that is lost.
            let sound = wanted.filter { drafts[$0].embeddingHash == document.hashes[$0] }
            if sound.count < wanted.count { report.lost.append(document.path) }
            let made = try await maker.vectors(of: sound, in: drafts, text: document.text, title: document.title)
            let ids = sound.map { document.chunks[$0].id }
            try await store.write { db in try vectors.insert(ids: ids, vectors: made, generation: generation, db) }
            report.embedded += sound.count
        }
        report.lost = Array(Set(report.lost)).sorted()
        return report
    }

    /// A document of which vectors are missing.
    private struct DamagedDocument: Sendable {
        var path: String
        var title: String?
        var text: String
        var chunks: [(id: Int64, chunk: Chunk)]
        /// What the chunks' vectors were made from.
        var hashes: [[UInt8]]
        var missing: Set<Int64>
    }

    /// Chunks by document.
    private static func byDocument(_ chunks: [Int64], _ db: Database) throws -> [(id: Int64, chunks: Set<Int64>)] {
        var result: [Int64: Set<Int64>] = [:]
        let statement = try db.makeStatement(sql: "SELECT document_id FROM chunks WHERE id = ?")
        for id in chunks {
            if let document = try Int64.fetchOne(statement, arguments: [id]) { result[document, default: []].insert(id) }
        }
        return result.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func document(_ id: Int64, missing: Set<Int64>, _ db: Database) throws -> DamagedDocument? {
        guard let row = try Row.fetchOne(db, sql: "SELECT path, title FROM documents WHERE id = ?", arguments: [id]) else { return nil }
        let hashes = try Data.fetchAll(
            db, sql: "SELECT embedding_hash FROM chunks WHERE document_id = ? ORDER BY ordinal", arguments: [id])
        return DamagedDocument(
            path: row["path"], title: row["title"], text: try TextStore.text(documentID: id, db),
            chunks: try ChunkStore.all(documentID: id, db), hashes: hashes.map(Array.init), missing: missing)
    }
}
