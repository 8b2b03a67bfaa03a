/// What a GGUF file says of how its model embeds, beyond what its architecture needs.
extension GGUFFile {
    /// Key under which `model convert` keeps the longest input that the publisher states.
    static let embeddingTokensKey = "footnote.embedding.maximum_tokens"

    /// Longest input in tokens, framing included; nil when the file does not say.
    func embeddingTokens() throws(ModelFileError) -> Int? {
        try optionalInt(Self.embeddingTokensKey, in: 3...1 << 24)
    }

    /// What goes in front of texts: as the file says, else as models of its name or architecture are known to want.
    ///
    /// - Parameter name: what the file is called.
    package func embeddingPrompts(name: String) throws(ModelFileError) -> EmbeddingPrompts {
        let query = metadata[EmbeddingPrompts.queryKey]?.string
        let document = metadata[EmbeddingPrompts.documentKey]?.string
        if query != nil || document != nil { return EmbeddingPrompts(query: query ?? "", document: document ?? "") }
        let stated = ["general.name", "general.basename"].compactMap { metadata[$0]?.string }
        return .known(names: [name] + stated, architecture: try architecture())
    }

    /// The file at a path: a GGUF file, or a folder as models are published, which is read as conversion would write it.
    /// Throws `ModelFileError` and `TokenizerError`.
    package static func model(at path: String, includesTokenizer: Bool = true) throws -> GGUFFile {
        if path.lowercased().hasSuffix(".gguf") { return try GGUFFile(path: path) }
        let converter = try ModelConverter(folder: path, includesTokenizer: includesTokenizer)
        return try GGUFFile(converting: converter.writer, folder: path)
    }
}
