import GRDB

extension KnowledgeBase {
    /// Chunks that bear on a question, best first.
    ///
    /// Words (BM25) and meaning (cosine of embeddings) are searched side by side and fused by their scores. Without
    /// an embedding model at hand, words alone are used; `searchResponse` says so.
    /// - Throws: `KnowledgeBaseError`; `.modelMismatch` when the model at hand is not the one the base was made with.
    ///   What the reranker throws.
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
        let question = try await embedded(query, options: options, generation: generation)
        var options = options
        while true {
            let (results, candidates) = try await results(for: question, options: options, generation: generation)
            // Where copies took the places of other candidates, more are looked at.
            guard results.count < options.limit, candidates >= options.candidates, options.candidates < Self.mostCandidates,
                results.contains(where: { !$0.alsoAt.isEmpty })
            else { return SearchResponse(results: results, notices: question.notice.map { [$0] } ?? []) }
            options.candidates *= 4
        }
    }

    private static let mostCandidates = 6400

    /// - Returns: the results, and how many candidates they were chosen from.
    private func results(
        for question: SearchQuestion, options: SearchOptions, generation: Generation
    ) async throws -> ([SearchResult], candidates: Int) {
        let vectors = store.vectors
        var ranked = try await store.read { db in
            try CandidateSearch(options: options, generation: generation, vectors: vectors).ranked(question, db)
        }
        if let reranker, options.rerank > 0 {
            let first = ranked.prefix(options.rerank).map(\.id)
            let texts = try await store.read { db in try first.map { try ResultReader.context($0, db) } }
            ranked = try await Reranking.order(ranked, question: question.text, texts: texts, by: reranker)
        }
        let order = ranked
        let results = try await store.read { db in
            try ResultReader.read(
                order, options: options, vectors: { try vectors.vector(id: $0, generation: generation, db) }, db)
        }
        return (results, order.count)
    }

    private func embedded(
        _ query: String, options: SearchOptions, generation: Generation
    ) async throws -> SearchQuestion {
        guard options.mode != .lexical else { return SearchQuestion(text: query) }
        do {
            let identity = try await provider.identity(stored: generation.model)
            guard identity.digest == generation.model.digest else {
                throw KnowledgeBaseError.modelMismatch(stored: generation, given: identity)
            }
            let model = try await provider.model(of: generation)
            let vector = try await model.embed([query], as: .query)
            guard vector.count == generation.dimension else {
                throw KnowledgeBaseError.modelMismatch(
                    stored: "\(generation.model.name) (\(generation.dimension) dimensions)",
                    given: "\(identity.name) (\(vector.count) dimensions)")
            }
            return SearchQuestion(text: query, vector: vector, coverage: model.coverage(query))
        } catch KnowledgeBaseError.noEmbeddingModel(let reason) where options.mode == .hybrid {
            let notice = "searched by words alone, without an embedding model: \(reason)"
            return SearchQuestion(text: query, notice: notice)
        }
    }
}

/// A question as the two sides of a search read it.
struct SearchQuestion: Sendable {
    var text: String
    /// `nil` when words alone are searched.
    var vector: [Float]?
    /// Share of the question that the embedding model has words for.
    var coverage = 0.0
    /// Why there is no vector.
    var notice: String?
}

/// Finds candidates by words and by meaning and joins them into one order.
struct CandidateSearch: Sendable {
    let options: SearchOptions
    let generation: Generation
    let vectors: VectorStore

    /// - Returns: every candidate once, best first.
    func ranked(_ question: SearchQuestion, _ db: Database) throws -> [Fusion.Fused] {
        let filter = try ChunkFilter.make(options.filter, generation: generation, db)
        let limit = options.candidates, query = LexicalQuery(question.text)
        var lexical: [Candidate] = [], dense: [Candidate] = []
        var cosines: [Int64: Double] = [:], matches: [Int64: Double] = [:]
        if let vector = question.vector {
            dense = try vectors.search(vector, limit: limit, filter: filter, generation: generation, db)
        }
        if options.mode != .dense {
            (lexical, matches) = try LexicalSearch.candidates(
                query, limit: limit, others: Set(dense.map(\.id)), filter: filter, db)
        }
        if let vector = question.vector {
            cosines = try vectors.cosines(vector, ids: lexical.map(\.id), except: dense, generation: generation, db)
        }
        let fused = Fusion.fuse(
            Fusion.Candidates(
                lexical: lexical, matches: matches, bound: lexical.isEmpty ? 0 : try LexicalSearch.bound(query, db),
                dense: dense, cosines: cosines),
            coverage: question.coverage)
        guard !lexical.isEmpty, !dense.isEmpty else { return fused }
        return try regularized(fused, weight: Fusion.denseWeight(question.coverage), db)
    }

    /// - Parameter weight: what vectors count, 0...1.
    private func regularized(
        _ fused: [Fusion.Fused], weight: Double, _ db: Database
    ) throws -> [Fusion.Fused] {
        let scores = fused.map(\.scores.fused), share = weight * ScoreRegularization.share(scores)
        guard share > 0 else { return fused }
        let store = vectors
        let vectors = try fused.map { try store.vector(id: $0.id, generation: generation, db) ?? [] }
        let mixed = ScoreRegularization.scores(scores, vectors: vectors, share: share)
        return Fusion.ordered(zip(fused, mixed).map { candidate, score in
            var candidate = candidate
            candidate.scores.fused = score
            return candidate
        })
    }
}
