internal import GRDB
internal import Synchronization

extension KnowledgeBase {
    /// Answers a question from the documents: what was found, the draft as it is written, each sentence when it has
    /// been compared with its source, and the finished answer.
    ///
    /// ```swift
    /// for try await event in base.ask("How do I rotate the keys?") {
    ///     if case .finished(let answer) = event { print(answer.text) }
    /// }
    /// ```
    /// A question without evidence ends in an answer whose `outcome` is `.noEvidence`; that is no error.
    /// Leaving the loop, or cancelling its task, stops the work.
    /// - Throws: `AskError`, `KnowledgeBaseError`.
    public func ask(_ question: String, options: AskOptions = AskOptions()) -> AsyncThrowingStream<AskEvent, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    try await self.run(question, options) { continuation.yield($0) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// Runs the pipeline; the finished answer gets its manifest and is logged before it is emitted.
    private func run(_ question: String, _ options: AskOptions, emit: @escaping @Sendable (AskEvent) -> Void) async throws {
        let trace = AnswerTrace()
        let finished = Mutex<Answer?>(nil)
        try await pipeline(question, options, trace: trace).run(question) { event in
            if case .finished(let answer) = event { finished.withLock { $0 = answer } } else { emit(event) }
        }
        guard var answer = finished.withLock({ $0 }) else { return }
        answer.manifest = try await manifest(of: answer, options: options, trace: trace.notes)
        if logsQuestions, let notice = await logged(answer, results: trace.notes.results) { answer.notices.append(notice) }
        emit(.finished(answer))
    }

    /// How a question that follows others is understood.
    public static func standalone(_ question: String, history: [ChatMessage]) -> StandaloneQuestion {
        FollowUp.standalone(question, history: history)
    }

    func pipeline(_ question: String, _ options: AskOptions, trace: AnswerTrace = AnswerTrace()) async throws -> AnswerPipeline {
        let embedding = try await embeddingModelAtHand(question, options)
        // The reader is the embedding model with additions: what the one has no words for, the other has none for.
        let reader = embedding == nil || !options.stages.contains(.reader)
            ? nil : try await readerProvider.reader(for: embedding?.identity)
        return AnswerPipeline(
            sources: self, embedding: embedding, reader: reader, language: { try await self.languageProvider.model() },
            options: options, trace: trace)
    }

    /// The finished answer alone.
    public func answer(_ question: String, options: AskOptions = AskOptions()) async throws -> Answer {
        for try await event in ask(question, options: options) {
            if case .finished(let answer) = event { return answer }
        }
        throw CancellationError()
    }

    /// `nil` when words alone are searched, no model is at hand, or it has no words for most of the question: what
    /// an English model says of a Chinese sentence is noise.
    private func embeddingModelAtHand(_ question: String, _ options: AskOptions) async throws -> (any EmbeddingModel)? {
        guard options.search.mode != .lexical else { return nil }
        do {
            let model = try await embeddingModel()
            return model.coverage(question) >= 0.75 ? model : nil
        } catch KnowledgeBaseError.noEmbeddingModel {
            return nil
        }
    }
}

extension KnowledgeBase: AnswerSources {
    func normalizedText(ofDocument id: Int64) async throws -> String? {
        try await store.read { db in
            let exists = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM documents WHERE id = ?)", arguments: [id]) ?? false
            return exists ? try TextStore.text(documentID: id, db) : nil
        }
    }

    func places(ofDocument id: Int64) async throws -> DocumentPlaces {
        try await store.read { db in try PlaceStore.places(documentID: id, db) }
    }

    func chunkCount() async throws -> Int {
        try await store.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM chunks") ?? 0 }
    }

    func extent(of filter: SearchFilter) async throws -> (documents: Int, chunks: Int) {
        try await store.read { db in
            guard let generation = try GenerationStore.current(.active, db) else { return (0, 0) }
            guard !filter.isEmpty else {
                let sql = "SELECT (SELECT count(*) FROM documents WHERE generation_id = ?), (SELECT count(*) FROM chunks c "
                    + "JOIN documents d ON d.id = c.document_id WHERE d.generation_id = ?)"
                let row = try Row.fetchOne(db, sql: sql, arguments: [generation.id, generation.id])
                return (row?[0] ?? 0, row?[1] ?? 0)
            }
            let documents = try ChunkFilter.documents(filter, generation: generation, db)
            let statement = try db.cachedStatement(sql: "SELECT count(*) FROM chunks WHERE document_id = ?")
            let chunks = try documents.reduce(0) { $0 + (try Int.fetchOne(statement, arguments: [$1]) ?? 0) }
            return (documents.count, chunks)
        }
    }

    func chunkFrequencies(of words: [String]) async throws -> [Int] {
        try await store.read { db in
            let statement = try db.cachedStatement(sql: "SELECT count(*) FROM chunk_fts WHERE chunk_fts MATCH ?")
            return try words.map { word in
                // A quotation mark inside a quoted string of FTS5 is written twice.
                let phrase = "\"" + word.replacing("\"", with: "\"\"") + "\""
                return try Int.fetchOne(statement, arguments: [phrase]) ?? 0
            }
        }
    }
}
