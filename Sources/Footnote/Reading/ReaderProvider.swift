/// Which model reads question and passage together.
public enum ReaderChoice: Sendable {
    /// The reader that comes with the default embedding model, where the knowledge base was made with that model.
    case automatic
    /// Any reader, the caller's own included.
    case model(any PassageReader)
    /// None: sentences are weighed by embeddings and words alone.
    case none
}

/// Loads the reader when it is first needed, and once.
actor ReaderProvider {
    private let choice: ReaderChoice
    private let store: ModelStore
    private var loading: Task<any PassageReader, any Error>?

    init(choice: ReaderChoice, store: ModelStore) {
        self.choice = choice
        self.store = store
    }

    /// The reader, loaded at the first call; `nil` when it was switched off or does not belong to the model.
    /// - Parameter model: what the knowledge base was made with.
    func reader(for model: ModelIdentity?) async throws -> (any PassageReader)? {
        if case .model(let reader) = choice { return reader }
        guard case .automatic = choice, let model, model.digest == ModelCatalogue.readerBaseDigest else { return nil }
        if let loading { return try await loading.value }
        let store = store
        let task = Task { try LocalPassageReader(store.find(model.name)) as any PassageReader }
        loading = task
        do {
            return try await task.value
        } catch {
            loading = nil
            throw error
        }
    }
}
