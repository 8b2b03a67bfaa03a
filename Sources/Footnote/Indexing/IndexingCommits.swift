import Foundation
import GRDB
import Ingestion

/// Writes what a run found out, in transactions that each leave a sound knowledge base.
struct IndexingCommits: Sendable {
    /// Documents removed in one transaction.
    static let removalGroup = 32

    let store: KnowledgeStore
    let generation: Generation
    let collection: String

    private var documents: DocumentStore { store.documents(generation) }

    /// One transaction for a batch of documents.
    func commit(_ batch: EmbeddingBatch, vectors: [[Float]]) async throws -> [FileReport] {
        let generation = generation, documents = documents
        return try await store.write { db in
            try zip(batch.documents, vectors).map { document, embeddings in
                let draft = document.draft
                let id = try documents.insert(draft, embeddings: embeddings, db)
                let record = FileRecord(path: draft.path, status: .indexed, stamp: draft.stamp, documentID: id)
                try FileRecords.save(record, generation: generation.id, db)
                return FileReport(
                    path: draft.path, status: .indexed, chunks: draft.chunks.count,
                    embedded: draft.chunks.count - document.known.vectors.count + document.known.computed, notices: draft.notices)
            }
        }
    }

    /// Settles a file that needs no embedding.
    func note(_ file: SourceFile, _ outcome: FileOutcome, known: FileRecord?, dryRun: Bool) async throws -> FileReport {
        var report = FileReport(path: file.path, status: .indexed)
        var record = FileRecord(path: file.path, status: .indexed, documentID: known?.documentID)
        switch outcome {
        case .unchanged(let old, let stamp):
            record = old
            record.stamp = stamp
            report.status = old.documentID == nil ? FileReport.Status(rawValue: old.status.rawValue) ?? .skipped : .unchanged
            report.reason = old.reason
            report.isRemembered = report.status == .failed
            report.chunks = old.chunks
        case .moved(let id, let from, let stamp, let chunks):
            if !dryRun { try await move(id, from: from, to: file.path, stamp: stamp) }
            return FileReport(
                path: file.path, status: .moved, reason: from == file.path ? "now in collection \(collection)" : "was \(from)",
                chunks: chunks)
        case .document(let draft, let known):
            report.chunks = draft.chunks.count
            report.embedded = draft.chunks.count - known.vectors.count + known.computed
            return report
        case .empty(let stamp, let notices):
            (record.status, record.stamp, report.status, report.notices) = (.empty, stamp, .empty, notices)
            record.documentID = nil
        case .skipped(let reason, let stamp):
            (record.status, record.stamp, report.status) = (.skipped, stamp, .skipped)
            (record.reason, report.reason, record.documentID) = (reason, reason, nil)
        case .container(let own, _):
            return try await note(file, own, known: known, dryRun: dryRun)
        case .failed(let reason, let keepsDocument, let stamp):
            (record.status, record.stamp, report.status) = (.failed, stamp, .failed)
            if !keepsDocument { record.documentID = nil }
            let kept = record.documentID == nil ? "" : " (what was indexed before is kept)"
            (record.reason, report.reason) = (reason, reason + kept)
        }
        if !dryRun { try await save(record, known: known) }
        return report
    }

    private func save(_ record: FileRecord, known: FileRecord?) async throws {
        if let known, known.status == record.status, known.reason == record.reason, known.stamp == record.stamp,
            known.documentID == record.documentID
        { return }
        let generation = generation, documents = documents
        try await store.write { db in
            if record.documentID == nil, let old = try documents.id(path: record.path, db) {
                try documents.delete(old, db)
            }
            try FileRecords.save(record, generation: generation.id, db)
        }
    }

    private func move(_ documentID: Int64, from: String, to path: String, stamp: RecordedStamp) async throws {
        let generation = generation, collection = collection, documents = documents
        try await store.write { db in
            if from != path, let old = try documents.id(path: path, db) { try documents.delete(old, db) }
            try documents.move(documentID, path: path, collection: collection, db)
            if from != path { try FileRecords.delete(path: from, generation: generation.id, db) }
            let record = FileRecord(path: path, status: .indexed, stamp: stamp, documentID: documentID)
            try FileRecords.save(record, generation: generation.id, db)
        }
    }
}

// MARK: - The end of a run

extension IndexingCommits {
    /// Removes what is gone, makes a rebuilt generation the active one, and cleans up.
    /// - Parameters:
    ///   - moved: documents that were taken over from files that are gone.
    ///   - stale: remembered members that their container, read anew, no longer has.
    func settle(
        plan: IndexingPlan, tally: inout IndexingTally, moved: Set<Int64>, stale: [FileRecord], dryRun: Bool
    ) async throws {
        let gone = plan.vanished(location: store.location).filter { $0.documentID.map { !moved.contains($0) } ?? true } + stale
        for record in gone where record.documentID != nil {
            tally.settle(FileReport(path: record.path, status: .removed, reason: "no longer there"), bytes: 0)
        }
        for path in plan.lost {
            tally.settle(FileReport(path: path, status: .removed, reason: "no longer there"), bytes: 0)
        }
        if dryRun { return }
        try await saveNotTaken(plan)
        try await remove(gone)
        try await store.write { db in
            if try Meta.value(.loaders, db) != plan.readers { try Meta.set(.loaders, plan.readers, db) }
        }
        if plan.isRebuild { try await store.write { db in try GenerationStore.activate(plan.generation.id, db) } }
        try await store.prunePreviousGeneration()
        try await store.dropRetiredGenerations()
        try await store.tidy()
    }

    private func saveNotTaken(_ plan: IndexingPlan) async throws {
        for file in plan.walk.notTaken {
            let known = plan.known[file.path]
            let isFailure = file.status == .failed
            let record = FileRecord(
                path: file.path, status: isFailure ? .failed : .skipped, reason: file.reason,
                documentID: isFailure ? known?.documentID : nil)
            try await save(record, known: known)
        }
    }

    private func remove(_ records: [FileRecord]) async throws {
        let generation = generation, documents = documents
        for start in stride(from: 0, to: records.count, by: Self.removalGroup) {
            let group = records[start..<min(start + Self.removalGroup, records.count)]
            try await store.write { db in
                for record in group {
                    if let id = record.documentID { try documents.delete(id, db) }
                    try FileRecords.delete(path: record.path, generation: generation.id, db)
                }
            }
        }
    }
}

extension KnowledgeStore {
    func documents(_ generation: Generation) -> DocumentStore { DocumentStore(generation: generation, vectors: vectors) }

    /// Removes from the generation that is kept to go back to what the active one does not have: documents that were
    /// removed, and older texts of those that were replaced.
    func prunePreviousGeneration() async throws {
        while true {
            let vectors = vectors
            let count = try await write { db -> Int in
                guard let previous = try GenerationStore.previous(db), let active = try GenerationStore.current(.active, db) else { return 0 }
                let gone = try Row.fetchAll(
                    db, sql: """
                        SELECT d.id, d.path FROM documents d WHERE d.generation_id = ? AND NOT EXISTS (
                          SELECT 1 FROM documents n WHERE n.generation_id = ? AND n.path = d.path AND n.content_hash = d.content_hash)
                        LIMIT ?
                        """, arguments: [previous.id, active.id, IndexingCommits.removalGroup])
                let documents = DocumentStore(generation: previous, vectors: vectors)
                for row in gone {
                    try documents.delete(row[0], db)
                    try FileRecords.delete(path: row[1], generation: previous.id, db)
                }
                return gone.count
            }
            if count == 0 { return }
        }
    }

    /// Removes generations that were replaced, a few documents at a time.
    func dropRetiredGenerations() async throws {
        while let generation = try await read({ db in try GenerationStore.current(.retired, db) }) {
            let documents = documents(generation), vectors = vectors
            try await write { db in
                // The vectors of a whole generation go at once and need no care for the graph.
                try vectors.drop(generation, db)
                let ids = try Int64.fetchAll(
                    db, sql: "SELECT id FROM documents WHERE generation_id = ? LIMIT ?",
                    arguments: [generation.id, IndexingCommits.removalGroup])
                for id in ids { try documents.delete(id, db) }
                if ids.isEmpty { try GenerationStore.drop(generation.id, db) }
            }
        }
    }

    /// Makes removed text disappear: the lexical index keeps the words of removed rows until its segments are
    /// merged, and the write-ahead log keeps old pages until it is emptied.
    func tidy() async throws {
        let changed = try await write { db in
            guard try Meta.flag(.lexicalIndexHasRemovals, db) else { return false }
            try DocumentStore.deleteEmptyCollections(db)
            try db.execute(sql: "INSERT INTO chunk_fts (chunk_fts) VALUES ('optimize')")
            try Meta.set(.lexicalIndexHasRemovals, nil, db)
            return true
        }
        if changed { try await checkpoint() }
    }
}
