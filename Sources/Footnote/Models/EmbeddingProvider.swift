/// Which embedding model a knowledge base works with.
public enum EmbeddingModelChoice: Sendable {
    /// The model the knowledge base was made with; for a new one, the default model.
    case automatic
    /// A model of the model folder by name, or a path.
    case named(String)
    /// Any model, the caller's own included.
    case model(any EmbeddingModel)
    /// No model: searching works by words alone, indexing does not work.
    case none
}

/// Loads the embedding model when it is first needed, and once.
actor EmbeddingProvider {
    private let choice: EmbeddingModelChoice
    private let store: ModelStore
    private var loading: Task<any EmbeddingModel, any Error>?

    init(choice: EmbeddingModelChoice, store: ModelStore) {
        self.choice = choice
        self.store = store
    }

    /// Identity of the model without loading its weights.
    /// - Parameter stored: the model the knowledge base was made with.
    /// - Throws: `KnowledgeBaseError.noEmbeddingModel` when there is none at hand.
    func identity(stored: ModelIdentity?) throws -> ModelIdentity {
        switch choice {
        case .model(let model): return model.identity
        case .none: throw KnowledgeBaseError.noEmbeddingModel(reason: "it was switched off")
        case .automatic, .named:
            do {
                return try store.identity(name(stored: stored))
            } catch let error as ModelError {
                throw KnowledgeBaseError.noEmbeddingModel(reason: "\(error)")
            }
        }
    }

    /// The model, loaded at the first call.
    /// - Parameters:
    ///   - stored: the model the knowledge base was made with.
    ///   - prompts: what goes in front of texts; `nil` leaves it to the model.
    /// - Throws: `KnowledgeBaseError.noEmbeddingModel`, or why the model's files cannot be read.
    func model(stored: ModelIdentity?, prompts: EmbeddingPrompts? = nil) async throws -> any EmbeddingModel {
        try await loaded(stored: stored).prompted(prompts)
    }

    /// The model with what the knowledge base says of its prompts.
    func model(of generation: Generation) async throws -> any EmbeddingModel {
        try await model(stored: generation.model, prompts: ChunkingParameters(json: generation.chunking).prompts)
    }

    private func loaded(stored: ModelIdentity?) async throws -> any EmbeddingModel {
        if case .model(let model) = choice { return model }
        if case .none = choice { throw KnowledgeBaseError.noEmbeddingModel(reason: "it was switched off") }
        if let loading { return try await loading.value }
        let name = name(stored: stored), store = store
        let task = Task { try store.embeddingModel(name) }
        loading = task
        do {
            return try await task.value
        } catch {
            loading = nil
            throw error
        }
    }

    private func name(stored: ModelIdentity?) -> String {
        if case .named(let name) = choice { return name }
        return stored?.name ?? ModelStore.defaultEmbeddingModel
    }
}
