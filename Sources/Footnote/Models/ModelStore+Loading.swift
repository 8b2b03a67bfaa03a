extension ModelStore {
    /// Loads an embedding model.
    /// - Parameter name: see `find(_:)`.
    /// - Throws: `ModelError`.
    public func embeddingModel(_ name: String) throws -> any EmbeddingModel {
        try LocalEmbeddingModel(find(name))
    }

    /// Loads a language model.
    /// - Parameter name: see `find(_:)`.
    /// - Throws: `ModelError`.
    public func languageModel(_ name: String) throws -> any LanguageModel {
        try LocalLanguageModel(find(name))
    }

    /// Loads a cross-encoder that puts search results in a better order.
    /// - Parameter name: see `find(_:)`.
    /// - Throws: `ModelError`.
    public func reranker(_ name: String) throws -> any Reranker {
        try LocalCrossEncoder(find(name))
    }
}
