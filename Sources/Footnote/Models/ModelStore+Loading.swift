extension ModelStore {
    /// Loads an embedding model.
    /// - Parameter name: see `find(_:)`.
    /// - Throws: `ModelError`.
    public func embeddingModel(_ name: String) throws -> any EmbeddingModel {
        try LocalEmbeddingModel(find(name))
    }

    /// Loads a language model.
    /// - Parameter name: see `find(_:)`.
    /// - Throws: `AskError.noLanguageModel`.
    public func languageModel(_ name: String) throws -> any LanguageModel {
        throw AskError.noLanguageModel(reason: "\(name) is not in the model folder")
    }
}
