import GRDB

extension KnowledgeBase {
    /// Chunks that bear on a question, best first.
    ///
    /// Words (BM25) and meaning (cosine of embeddings) are searched side by side and fused by their scores. Without
    /// an embedding model at hand, words alone are used; `searchResponse` says so.
    /// - Throws: `KnowledgeBaseError`; `.modelMismatch` when the model at hand is not the one the base was made with.
    public func search(_ query: String, options: SearchOptions = SearchOptions()) async throws -> [SearchResult] {
        try await searchResponse(query, options: options).results
    }

    /// The same, with what a reader should know about how it was done.
    public func searchResponse(
        _ query: String, options: SearchOptions = SearchOptions()
    ) async throws -> SearchResponse {
        guard let generation = try await store.read({ db in try GenerationStore.current(.active, db) }) else {
            return SearchResponse(results: [], notices: ["the knowledge base is empty: index a folder first"])
        }
        async let embedding = queryVector(query, options: options, generation: generation)
        let lexicalQuery = options.mode == .dense ? nil : LexicalQuery(query)
        let (filter, lexical) = try await store.read { db in
            let filter = try ChunkFilter.make(options.filter, generation: generation, db)
            let found = try lexicalQuery.map {
                try LexicalSearch.candidates($0, limit: options.candidates, filter: filter, db)
            }
            return (filter, found ?? [])
        }
        let (vector, notice) = try await embedding
        let vectors = store.vectors
        let results = try await store.read { db in
            var dense: [Candidate] = [], cosines: [Int64: Double] = [:]
            if let vector {
                dense = try vectors.search(vector, limit: options.candidates, filter: filter, generation: generation, db)
                cosines = try vectors.cosines(vector, ids: lexical.map(\.id), except: dense, generation: generation, db)
            }
            let fused = Fusion.fuse(lexical: lexical, dense: dense, cosines: cosines)
            return try ResultReader.read(fused, options: options, db)
        }
        return SearchResponse(results: results, notices: notice.map { [$0] } ?? [])
    }

    /// The question's vector; `nil` with the reason when the model is not at hand.
    private func queryVector(
        _ query: String, options: SearchOptions, generation: Generation
    ) async throws -> (vector: [Float]?, notice: String?) {
        guard options.mode != .lexical else { return (nil, nil) }
        do {
            let identity = try await provider.identity(stored: generation.model)
            guard identity.digest == generation.model.digest else {
                throw KnowledgeBaseError.modelMismatch(stored: generation.model.name, given: identity.name)
            }
            let model = try await provider.model(stored: generation.model)
            return (try await model.embed([query]), nil)
        } catch KnowledgeBaseError.noEmbeddingModel(let reason) where options.mode == .hybrid {
            return (nil, "searched by words alone, without an embedding model: \(reason)")
        }
    }
}
