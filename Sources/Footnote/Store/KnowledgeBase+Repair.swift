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
        let group = 64
        for start in stride(from: 0, to: missing.count, by: group) {
            let ids = Array(missing[start..<min(start + group, missing.count)])
            let texts = try await store.read { db in try Self.embeddingTexts(ids, db) }
            let sound = texts.filter(\.isSound)
            report.lost += texts.filter { !$0.isSound }.map(\.path)
            guard !sound.isEmpty else { continue }
            let made = try await model.embed(sound.map(\.text), as: .document)
            try await store.write { db in
                try vectors.insert(ids: sound.map(\.id), vectors: made, generation: generation, db)
            }
            report.embedded += sound.count
        }
        report.lost = Array(Set(report.lost)).sorted()
        return report
    }

    private struct EmbeddingText: Sendable {
        var id: Int64
        var path: String
        var text: String
        /// Whether it is the text that the passage's vector was made from.
        var isSound: Bool
    }

    private static func embeddingTexts(_ ids: [Int64], _ db: Database) throws -> [EmbeddingText] {
        var texts: [Int64: String] = [:]
        return try ids.compactMap { id in
            let row = try Row.fetchOne(
                db, sql: """
                    SELECT c.document_id, c.embedding_hash, d.path, d.title FROM chunks c
                    JOIN documents d ON d.id = c.document_id WHERE c.id = ?
                    """, arguments: [id])
            guard let row else { return nil }
            let documentID: Int64 = row["document_id"]
            let document = try texts[documentID] ?? TextStore.text(documentID: documentID, db)
            texts[documentID] = document
            guard let chunk = try ChunkStore.all(documentID: documentID, db).first(where: { $0.id == id })?.chunk else { return nil }
            let text = ChunkMaker.embeddingText(of: chunk, in: document, title: row["title"])
            let hash: [UInt8] = Array(row["embedding_hash"] as Data)
            return EmbeddingText(id: id, path: row["path"], text: text, isSound: SHA256Digest.of(text) == hash)
        }
    }
}
