import GRDB

extension KnowledgeBase {
    /// Removes documents with everything that was made of them: text, words, vectors. Files on disk stay.
    /// - Parameter filter: which documents. An empty filter removes none.
    /// - Returns: the documents that were removed.
    /// - Throws: `KnowledgeBaseError`.
    @discardableResult
    public func remove(_ filter: SearchFilter) async throws -> [DocumentReference] {
        guard !filter.isEmpty else { return [] }
        return try await remove(documents(filter).map(\.reference))
    }

    /// Removes a document that a person names (see `document(_:)`), or every document below a folder.
    /// - Throws: `KnowledgeBaseError.documentNotFound` when neither is there.
    @discardableResult
    public func remove(path: String) async throws -> [DocumentReference] {
        let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
        let below = try await documents().map(\.reference).filter { $0.path.isWithin(folder) || StoredPath.container(of: $0.path) == folder }
        if !below.isEmpty { return try await remove(below) }
        return try await remove([try await document(path).reference])
    }

    /// Removes every document of a collection.
    @discardableResult
    public func remove(collection: String) async throws -> [DocumentReference] {
        try await remove(SearchFilter(collections: [collection]))
    }

    private func remove(_ references: [DocumentReference]) async throws -> [DocumentReference] {
        guard !references.isEmpty, let generation = try await store.read({ db in try GenerationStore.current(.active, db) })
        else { return [] }
        let documents = store.documents(generation)
        for start in stride(from: 0, to: references.count, by: IndexingCommits.removalGroup) {
            let group = references[start..<min(start + IndexingCommits.removalGroup, references.count)]
            try await store.write { db in
                for reference in group {
                    try documents.delete(reference.id, db)
                    try FileRecords.delete(path: reference.path, generation: generation.id, db)
                }
            }
        }
        try await store.prunePreviousGeneration()
        try await store.tidy()
        return references
    }
}
