import Foundation
import Tokenizers
import TransformerCore

/// An embedding model that runs within this process: an encoder of any architecture that embeds, or a decoder that does.
final class LocalEmbeddingModel: EmbeddingModel {
    let identity: ModelIdentity
    /// What goes in front of texts.
    let prompts: EmbeddingPrompts
    let encoder: any TextEncoder
    let tokenizer: EncoderTokenizer

    var dimension: Int { encoder.dimension }
    var maximumTokens: Int { encoder.maximumTokens }

    /// - Parameter precision: `.exact` for comparing with a reference.
    /// - Throws: `ModelError`.
    init(_ location: ModelLocation, precision: ComputePrecision = .int8) throws {
        do {
            let parts = try Self.parts(location, precision)
            (encoder, tokenizer, prompts) = (parts.encoder, parts.tokenizer, EmbeddingPrompts(parts.prompts))
        } catch {
            throw ModelError.unreadable(path: location.url.path, reason: "\(error)")
        }
        try location.checkVocabulary(tokenizer: tokenizer.tokenizer.vocabularyCount, model: encoder.vocabularyCount)
        identity = ModelIdentity(name: location.name, digest: try location.digest())
    }

    private init(_ model: LocalEmbeddingModel, prompts: EmbeddingPrompts) {
        (identity, encoder, tokenizer) = (model.identity, model.encoder, model.tokenizer)
        self.prompts = prompts
    }

    /// The same model with something else in front of texts.
    func prompted(_ prompts: EmbeddingPrompts) -> LocalEmbeddingModel {
        LocalEmbeddingModel(self, prompts: prompts.completed(by: self.prompts))
    }

    private static func parts(
        _ location: ModelLocation, _ precision: ComputePrecision
    ) throws -> (encoder: any TextEncoder, tokenizer: EncoderTokenizer, prompts: TransformerCore.EmbeddingPrompts) {
        let path = location.url.path
        if try location.isBERTFolder() {
            // BERT's published files are used as they are, which is the quickest start.
            let encoder = try ModelArchitecture.loadEncoder(path: path, precision: precision)
            let tokenizer = EncoderTokenizer(try WordPieceTokenizer(modelFolder: location.url))
            return (encoder, tokenizer, try .published(folder: path, name: location.name))
        }
        let file = try GGUFFile.model(at: path)
        // What 8 bits cost is known of BERT; other architectures have larger outliers among their activations.
        let isBERT = try file.architecture() == "bert"
        let precision: ComputePrecision = precision == .int8 && !isBERT ? .fast : precision
        return (
            try ModelArchitecture.loadTextEncoder(file, precision: precision), try file.encoderTokenizer(),
            try file.embeddingPrompts(name: location.name)
        )
    }

    func tokenCount(_ text: String) -> Int { tokenizer.tokenizer.count(text) }

    func embed(_ texts: [String]) async throws -> [Float] { try await embed(texts, as: .document) }

    func embed(_ texts: [String], as role: EmbeddingRole) async throws -> [Float] {
        let prompt = prompts.prompt(for: role)
        let sequences = texts.map { text in
            tokenizer.framed(tokenizer.tokenizer.encode(prompt + text), maximumTokens: maximumTokens)
        }
        let encoder = encoder
        return try await ComputePool.shared.run { try encoder.embed(tokenIDs: sequences, pool: .shared) }
    }

    func coverage(_ text: String) -> Double {
        let ids = tokenizer.tokenizer.encode(text)
        guard !ids.isEmpty else { return 1 }
        return Double(ids.count { isKnown($0) }) / Double(ids.count)
    }

    /// Whether a token says something: what falls apart into single letters or into bytes is a word the model has hardly
    /// met. English has one-letter words.
    private func isKnown(_ id: Int32) -> Bool {
        let tokenizer = tokenizer.tokenizer
        guard id != tokenizer.specialTokens.unknown,
            let text = String(validating: tokenizer.bytes(of: id), as: UTF8.self)
        else { return false }
        guard let first = text.unicodeScalars.first, text.unicodeScalars.count == 1 else { return true }
        return !first.properties.isAlphabetic || first.isASCII || first.properties.isIdeographic
    }
}

/// Puts a text in front of what a caller's own model embeds.
struct PromptedEmbeddingModel: EmbeddingModel {
    let base: any EmbeddingModel
    let prompts: EmbeddingPrompts

    var identity: ModelIdentity { base.identity }
    var dimension: Int { base.dimension }
    var maximumTokens: Int { base.maximumTokens }
    func tokenCount(_ text: String) -> Int { base.tokenCount(text) }
    func coverage(_ text: String) -> Double { base.coverage(text) }
    func embed(_ texts: [String]) async throws -> [Float] { try await embed(texts, as: .document) }

    func embed(_ texts: [String], as role: EmbeddingRole) async throws -> [Float] {
        try await base.embed(texts.map { prompts.prompt(for: role) + $0 }, as: role)
    }
}

extension EmbeddingModel {
    /// This model with something else in front of texts; as it is for `nil`.
    func prompted(_ prompts: EmbeddingPrompts?) -> any EmbeddingModel {
        guard let prompts else { return self }
        if let local = self as? LocalEmbeddingModel { return local.prompted(prompts) }
        return PromptedEmbeddingModel(base: self, prompts: prompts)
    }
}

extension EmbeddingPrompts {
    init(_ prompts: TransformerCore.EmbeddingPrompts) { self.init(query: prompts.query, document: prompts.document) }
}

extension WordPieceTokenizer {
    /// The tokenizer that belongs to a BERT model: of its file, or of its folder.
    init(_ location: ModelLocation) throws {
        self = switch location.format {
        case .safetensors: try WordPieceTokenizer(modelFolder: location.url)
        case .gguf: try GGUFFile(path: location.url.path).wordPieceTokenizer()
        }
    }
}
