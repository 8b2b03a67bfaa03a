internal import TransformerCore

extension ModelStore {
    /// Loads an embedding model.
    /// - Parameter name: see `find(_:)`.
    /// - Throws: `ModelError`.
    public func embeddingModel(_ name: String) throws -> any EmbeddingModel {
        try LocalEmbeddingModel(find(name))
    }

    /// The same in single precision throughout, for comparing with a reference.
    package func exactEmbeddingModel(_ name: String) throws -> any EmbeddingModel {
        try LocalEmbeddingModel(find(name), precision: .exact)
    }

    /// Loads a language model.
    /// - Parameters:
    ///   - name: see `find(_:)`.
    ///   - options: how it uses memory and time.
    /// - Throws: `ModelError`.
    public func languageModel(
        _ name: String, options: LanguageModelOptions = LanguageModelOptions()
    ) throws -> any LanguageModel {
        try LocalLanguageModel(find(name), options: options)
    }

    /// Loads a cross-encoder that puts search results in a better order.
    /// - Parameter name: see `find(_:)`.
    /// - Throws: `ModelError`.
    public func reranker(_ name: String) throws -> any Reranker {
        try LocalCrossEncoder(find(name))
    }
}
