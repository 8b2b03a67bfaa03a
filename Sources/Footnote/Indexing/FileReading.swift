import Foundation
import GRDB
import Ingestion

/// Reads one file as far as it has changed: stamp, then content hash, then text, chunks and known vectors.
struct FileReading: Sendable {
    let store: KnowledgeStore
    let source: DocumentSource
    let generation: Generation
    let collection: String
    /// Read and embed even what has not changed.
    let force: Bool
    /// Paths the walk found: a document at one of them has not moved away.
    let foundPaths: Set<String>
    /// Known files with files in them: these are read afresh when they have moved.
    let containers: Set<String>
    let chunker: @Sendable () async throws -> ChunkMaker
    /// Whether nothing is written, so that no vector is needed.
    let dryRun: Bool

    /// - Parameter mayMove: whether a document of a vanished file with the same content is taken over.
    /// - Throws: errors of the database and of the model. Those of the file are outcomes.
    func read(_ file: SourceFile, known: FileRecord?, mayMove: Bool) async throws -> FileOutcome {
        try Task.checkCancellation()
        if !force, let known, known.stamp == file.stamp, isSettled(known) {
            return outcome(unchanged: known, stamp: file.stamp)
        }
        let content: SourceContent
        do {
            content = try source.read(file)
        } catch {
            return error.outcome
        }
        if !force {
            if let known, known.documentID != nil, known.contentHash == content.hash {
                return outcome(unchanged: known, stamp: file.stamp)
            }
            if mayMove, let moved = try await movedDocument(file, content: content) { return moved }
        }
        return try await document(file, content: content)
    }

    /// Only what would come out the same has a stamp to compare: a file that may be read another time has none.
    private func isSettled(_ known: FileRecord) -> Bool {
        known.documentID != nil || known.status != .indexed
    }

    private func outcome(unchanged known: FileRecord, stamp: RecordedStamp) -> FileOutcome {
        if let documentID = known.documentID, known.collection != collection {
            return .moved(documentID: documentID, from: known.path, stamp: stamp, chunks: known.chunks)
        }
        return .unchanged(known, stamp: stamp)
    }

    /// A document with this content whose own file is gone. Only within one format: what is made of the
    /// content depends on it.
    private func movedDocument(_ file: SourceFile, content: SourceContent) async throws -> FileOutcome? {
        let generation = generation.id
        let candidates = try await store.read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT id, path, (SELECT count(*) FROM chunks WHERE document_id = documents.id) AS chunks
                        FROM documents WHERE generation_id = ? AND content_hash = ? ORDER BY id
                        """), arguments: [generation, Data(content.hash)]
            ).map { (id: $0["id"] as Int64, path: $0["path"] as String, chunks: $0["chunks"] as Int) }
        }
        let fileExtension = (file.path as NSString).pathExtension
        for candidate in candidates where candidate.path != file.path && !foundPaths.contains(candidate.path)
            && StoredPath.container(of: candidate.path) == nil && !containers.contains(candidate.path) {
            guard (candidate.path as NSString).pathExtension == fileExtension,
                !FileManager.default.fileExists(atPath: store.location.file(ofStoredPath: candidate.path).path)
            else { continue }
            return .moved(
                documentID: candidate.id, from: candidate.path, stamp: file.stamp, chunks: candidate.chunks)
        }
        return nil
    }

    private func document(_ file: SourceFile, content: SourceContent) async throws -> FileOutcome {
        let loaded = await source.load(content)
        guard let own = loaded.first else { return .failed(reason: "nothing was read", keepsDocument: true) }
        guard loaded.count > 1 else { return try await outcome(of: own.outcome, file: file, hash: content.hash) }
        var outer = try await outcome(of: own.outcome, file: file, hash: content.hash)
        if case .empty(let stamp, _) = outer {
            outer = .skipped(reason: "its \(loaded.count - 1) files are documents of their own", stamp: stamp)
        }
        let prefix = content.contents.path
        var members: [(file: SourceFile, outcome: FileOutcome)] = [], paths: Set<String> = []
        for member in loaded.dropFirst() {
            var path = file.path + member.path.dropFirst(prefix.count)
            // Archives may hold a name twice.
            while !paths.insert(path).inserted { path += "#2" }
            let inner = SourceFile(found: file.found, path: path)
            let hash = member.contents.map { SHA256Digest.of($0.bytes) } ?? content.hash
            var outcome = try await outcome(of: member.outcome, file: inner, hash: hash)
            if case .empty(let stamp, let notices) = outcome, loaded.contains(where: { $0.path.hasPrefix(member.path + LoaderRegistry.memberSeparator) }) {
                outcome = .skipped(reason: (["its files are documents of their own"] + notices).joined(separator: "; "), stamp: stamp)
            }
            members.append((inner, outcome))
        }
        return .container(outer, members: members)
    }

    private func outcome(of load: LoadOutcome, file: SourceFile, hash: [UInt8]) async throws -> FileOutcome {
        let loaded: SourceDocument
        do {
            loaded = try source.document(load, stamp: file.stamp)
        } catch {
            return error.outcome
        }
        let chunker = try await chunker()
        let chunks = try await chunker.chunks(of: loaded.document)
        guard !chunks.isEmpty else { return .empty(stamp: file.stamp, notices: loaded.document.notices) }
        let draft = DocumentDraft(
            path: file.path, collection: collection, title: loaded.document.title, format: loaded.format,
            contentHash: hash, metadata: loaded.document.metadata, text: loaded.document.text,
            places: DocumentPlaces(loaded.document.blocks), chunks: chunks,
            stamp: file.stamp, notices: loaded.document.notices)
        var known = force ? KnownVectors() : try await knownVectors(draft)
        if !dryRun { try await chunker.complete(&known, of: draft) }
        return .document(draft, known: known)
    }

    /// Vectors of chunks that read the same as some chunk of this generation.
    private func knownVectors(_ draft: DocumentDraft) async throws -> KnownVectors {
        let hashes = draft.chunks.map(\.embeddingHash), generation = generation, vectors = store.vectors
        return try await store.read { db in
            var known = KnownVectors()
            let statement = try db.cachedStatement(
                sql: """
                    SELECT c.id FROM chunks c JOIN documents d ON d.id = c.document_id
                    WHERE c.embedding_hash = ? AND d.generation_id = ? LIMIT 1
                    """)
            for (ordinal, hash) in hashes.enumerated() {
                guard let id = try Int64.fetchOne(statement, arguments: [Data(hash), generation.id]) else { continue }
                known.vectors[ordinal] = try vectors.vector(id: id, generation: generation, db)
            }
            return known
        }
    }
}

/// Why a file did not become a document.
struct SourceError: Error {
    var outcome: FileOutcome
}

/// The bytes of a file with their SHA-256.
struct SourceContent: Sendable {
    var contents: FileContents
    var hash: [UInt8]
}

/// A loaded file and the name of its format.
struct SourceDocument: Sendable {
    var document: LoadedDocument
    var format: String
}
