import Foundation
import Tokenizers
import TransformerCore

/// Looks into a model for those who check it against another engine: tokens, scores, conversion.
package struct ModelInspection: Sendable {
    private let location: ModelLocation

    /// Finds a model by name or path. Throws `ModelStoreError` when there is none.
    package init(named name: String, in store: ModelStore = ModelStore()) throws {
        location = try store.find(name)
    }

    /// Ids of plain text and what each stands for. Throws `ModelFileError` and `TokenizerError`.
    package func tokenize(_ text: String) throws -> [(id: Int32, text: String)] {
        let tokenizer = try self.tokenizer()
        return tokenizer.encode(text).map { ($0, String(decoding: tokenizer.bytes(of: $0), as: UTF8.self)) }
    }

    private func tokenizer() throws -> any Tokenizer {
        switch location.format {
        case .safetensors where try location.isBERTFolder(): return try WordPieceTokenizer(modelFolder: location.url)
        case .safetensors, .gguf:
            let file = try GGUFFile.model(at: location.url.path)
            let isWordPiece = file.metadata["tokenizer.ggml.model"]?.string == "bert"
            return isWordPiece ? try file.wordPieceTokenizer() : try file.promptTokenizer()
        }
    }

    /// A language model's scores after each of some tokens, `[tokens][vocabulary]`. Throws `ModelFileError` and
    /// `GenerationError`.
    ///
    /// - Parameter adapters: added to the model's weights.
    package func logits(
        after tokens: [Int32], exact: Bool, adapters: [LanguageModelAdapter] = []
    ) async throws -> [[Float]] {
        let file = try GGUFFile.model(at: location.url.path, includesTokenizer: false)
        let model = try ModelArchitecture.loadDecoder(file, precision: exact ? .exact : .fast)
        let added = try adapters.map { try $0.loaded(base: file) }
        return try await ComputePool.shared.run {
            let session = GenerationSession(model, contextLimit: tokens.count, cacheType: exact ? .f32 : .f16, adapters: added)
            var rows: [[Float]] = []
            try session.append(tokens) { _, logits in rows.append(Array(logits)) }
            return rows
        }
    }

    /// The highest scores with their tokens, the highest first.
    package static func highest(_ logits: [Float], count: Int) -> [(token: Int32, score: Float)] {
        let best = logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }.prefix(count)
        return best.map { (Int32($0), logits[$0]) }
    }

    /// Writes a GGUF file of a published model. Throws `ModelFileError` and `TokenizerError`.
    ///
    /// - Parameter type: `F32`, `F16` or `BF16` for all matrices; nil keeps their own.
    package static func convert(folder: String, to path: String, type: String?, includesTokenizer: Bool) throws {
        let precision: ModelConverter.Precision
        switch type?.uppercased() {
        case nil: precision = .asStored
        case "F32": precision = .type(.f32)
        case "F16": precision = .type(.f16)
        case "BF16": precision = .type(.bf16)
        case let other?:
            throw ModelFileError.unsupportedFeature(file: path, feature: "converting to the type \(other)")
        }
        try ModelConverter(folder: folder, precision: precision, includesTokenizer: includesTokenizer)
            .writer.write(to: path)
    }
}
