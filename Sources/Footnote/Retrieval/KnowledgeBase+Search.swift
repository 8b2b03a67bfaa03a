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
        let question = try await embedding
        let vectors = store.vectors
        let results = try await store.read { db in
            var dense: [Candidate] = [], cosines: [Int64: Double] = [:]
            if let vector = question.vector {
                dense = try vectors.search(vector, limit: options.candidates, filter: filter, generation: generation, db)
                cosines = try vectors.cosines(vector, ids: lexical.map(\.id), except: dense, generation: generation, db)
            }
            let fused = Fusion.fuse(lexical: lexical, dense: dense, cosines: cosines, coverage: question.coverage)
            return try ResultReader.read(fused, options: options, db)
        }
        return SearchResponse(results: results, notices: question.notice.map { [$0] } ?? [])
    }

    private struct EmbeddedQuestion {
        var vector: [Float]?
        /// Share of the question that the model has words for.
        var coverage = 0.0
        /// Why there is no vector.
        var notice: String?
    }

    private func queryVector(
        _ query: String, options: SearchOptions, generation: Generation
    ) async throws -> EmbeddedQuestion {
        guard options.mode != .lexical else { return EmbeddedQuestion() }
        do {
            let identity = try await provider.identity(stored: generation.model)
            guard identity.digest == generation.model.digest else {
                throw KnowledgeBaseError.modelMismatch(stored: generation.model.name, given: identity.name)
            }
            let model = try await provider.model(stored: generation.model)
            return EmbeddedQuestion(vector: try await model.embed([query]), coverage: model.coverage(query))
        } catch KnowledgeBaseError.noEmbeddingModel(let reason) where options.mode == .hybrid {
            return EmbeddedQuestion(notice: "searched by words alone, without an embedding model: \(reason)")
        }
    }
}
