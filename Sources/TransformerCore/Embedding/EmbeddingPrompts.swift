/// What is put in front of texts before they are embedded. Many models were trained with such marks and place questions
/// and passages far apart without them.
package struct EmbeddingPrompts: Sendable, Hashable, Codable {
    /// In front of what is looked for.
    package var query: String
    /// In front of what is found.
    package var document: String

    package static let none = EmbeddingPrompts(query: "", document: "")

    package init(query: String, document: String) {
        self.query = query
        self.document = document
    }

    /// Keys of GGUF metadata under which `model convert` keeps what the publisher says.
    static let queryKey = "footnote.embedding.query_prompt"
    static let documentKey = "footnote.embedding.document_prompt"
}

extension EmbeddingPrompts {
    private static let instruction =
        "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
    private static let represent = "Represent this sentence for searching relevant passages: "

    /// Families whose files do not say what they were trained with, by what their names hold; the first that fits. From
    /// the publishers' model cards.
    private static let families: [(names: [String], prompts: EmbeddingPrompts)] = [
        (["e5", "instruct"], EmbeddingPrompts(query: instruction + " ", document: "")),
        (["e5-mistral"], EmbeddingPrompts(query: instruction + " ", document: "")),
        (["e5-"], EmbeddingPrompts(query: "query: ", document: "passage: ")),
        (["nomic-embed"], EmbeddingPrompts(query: "search_query: ", document: "search_document: ")),
        (["modernbert-embed"], EmbeddingPrompts(query: "search_query: ", document: "search_document: ")),
        (["qwen3-embedding"], EmbeddingPrompts(query: instruction, document: "")),
        (["arctic-embed", "v2"], EmbeddingPrompts(query: "query: ", document: "")),
        (["arctic-embed"], EmbeddingPrompts(query: represent, document: "")),
        (["mxbai-embed"], EmbeddingPrompts(query: represent, document: "")),
        (["bge-", "-en"], EmbeddingPrompts(query: represent, document: "")),
        (["bge-", "-zh"], EmbeddingPrompts(query: "为这个句子生成表示以用于检索相关文章：", document: "")),
    ]

    /// What a published folder says, else what models of its name are known to want. Throws `ModelFileError`.
    package static func published(folder: String, name: String) throws(ModelFileError) -> EmbeddingPrompts {
        try PublishedEmbedding(folder: folder).prompts ?? known(names: [name], architecture: "bert")
    }

    /// What a model is known to want that does not say so itself.
    ///
    /// - Parameters:
    ///   - names: of the model: what its file says, and what the file is called.
    ///   - architecture: `general.architecture`.
    static func known(names: [String], architecture: String) -> EmbeddingPrompts {
        for name in names {
            let name = name.lowercased().replacing("_", with: "-").replacing(" ", with: "-")
            if let family = families.first(where: { $0.names.allSatisfy(name.contains) }) { return family.prompts }
        }
        // All published models of this architecture are Nomic's.
        if architecture == "nomic-bert" {
            return EmbeddingPrompts(query: "search_query: ", document: "search_document: ")
        }
        return none
    }
}
