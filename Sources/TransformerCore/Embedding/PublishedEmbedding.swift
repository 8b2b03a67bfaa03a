import Tokenizers
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a folder says of how its model embeds, as sentence-transformers writes it: `modules.json`,
/// `config_sentence_transformers.json`, `sentence_bert_config.json`. All may be missing.
package struct PublishedEmbedding: Sendable, Equatable {
    /// Nil when the folder says nothing of prompts.
    package let prompts: EmbeddingPrompts?
    /// Longest input in tokens, framing included, that sentence-transformers was told; nil when the folder does not say.
    let sentenceTokens: Int?
    /// The same of the tokenizer, which may be more than the model has positions for.
    let tokenizerTokens: Int?

    /// Longest input in tokens, framing included; nil when the folder does not say.
    package var maximumTokens: Int? { sentenceTokens ?? tokenizerTokens }

    /// Throws `ModelFileError` for files that are damaged, and for steps after pooling that would change vectors.
    package init(folder: String) throws(ModelFileError) {
        try Self.checkModules(folder: folder)
        prompts = try Self.prompts(folder: folder)
        sentenceTokens = try Self.sentenceTokens(folder: folder)
        tokenizerTokens = try Self.tokenizerTokens(folder: folder)
    }

    /// What older versions of sentence-transformers write.
    private static func sentenceTokens(folder: String) throws(ModelFileError) -> Int? {
        let path = folder + "/sentence_bert_config.json"
        let length = try JSONFile.readIfPresent(SentenceConfig.self, path: path)?.max_seq_length
        if let length, !(3...1 << 24).contains(length) {
            throw .invalidMetadata(
                file: path, key: "max_seq_length", found: "\(length)", expected: "an integer of 3 or more")
        }
        return length
    }

    /// Where newer versions write it.
    private static func tokenizerTokens(folder: String) throws(ModelFileError) -> Int? {
        let options = folder + "/tokenizer_config.json"
        // Tokenizers without a limit state an astronomic one.
        guard let length = try JSONFile.readIfPresent(TokenizerConfig.self, path: options)?.model_max_length,
            (3...Double(1 << 24)).contains(length)
        else { return nil }
        return Int(length)
    }

    /// A transformer, pooling and unit length are what an encoder here does.
    private static func checkModules(folder: String) throws(ModelFileError) {
        let path = folder + "/modules.json"
        for module in try JSONFile.readIfPresent([Module].self, path: path) ?? [] {
            let name = module.type.split(separator: ".").last.map(String.init) ?? module.type
            guard ["Transformer", "Pooling", "Normalize"].contains(name) else {
                throw .unsupportedFeature(file: path, feature: "a module of type \(name.debugDescription) after pooling")
            }
        }
    }

    /// `prompts` by the names that sentence-transformers looks for, else the default one.
    private static func prompts(folder: String) throws(ModelFileError) -> EmbeddingPrompts? {
        let path = folder + "/config_sentence_transformers.json"
        guard let config = try JSONFile.readIfPresent(PromptConfig.self, path: path) else { return nil }
        let prompts = (config.prompts ?? [:]).compactMapValues { $0 }
        // Newer versions write empty ones where nobody has said anything.
        guard prompts.values.contains(where: { !$0.isEmpty }) else { return nil }
        let standard = config.default_prompt_name.flatMap { prompts[$0] } ?? ""
        func named(_ names: String...) -> String { names.lazy.compactMap { prompts[$0] }.first ?? standard }
        return EmbeddingPrompts(query: named("query"), document: named("document", "passage", "corpus"))
    }

    private struct Module: Decodable {
        let type: String
    }

    private struct PromptConfig: Decodable {
        let prompts: [String: String?]?
        let default_prompt_name: String?
    }

    private struct TokenizerConfig: Decodable {
        let model_max_length: Double?
    }

    private struct SentenceConfig: Decodable {
        let max_seq_length: Int?
    }
}
