import Foundation
import Tokenizers
import TransformerCore

/// An encoder of the BERT family that runs within this process.
final class LocalEmbeddingModel: EmbeddingModel {
    let identity: ModelIdentity
    private let encoder: BERTEncoder
    private let tokenizer: WordPieceTokenizer

    var dimension: Int { encoder.dimension }
    var maximumTokens: Int { encoder.maximumTokens }

    /// - Throws: `ModelError`.
    init(_ location: ModelLocation) throws {
        do {
            encoder = try ModelArchitecture.loadEncoder(path: location.url.path, precision: .int8)
            tokenizer = try WordPieceTokenizer(location)
        } catch {
            throw ModelError.unreadable(path: location.url.path, reason: "\(error)")
        }
        guard tokenizer.vocabularyCount <= encoder.configuration.vocabularyCount else {
            throw ModelError.unreadable(
                path: location.url.path,
                reason: "its tokenizer has \(tokenizer.vocabularyCount) tokens, the model \(encoder.configuration.vocabularyCount)")
        }
        identity = ModelIdentity(name: location.name, digest: try FileDigestCache.digest(of: location.weights))
    }

    func tokenCount(_ text: String) -> Int { tokenizer.count(text) }

    func embed(_ texts: [String]) async throws -> [Float] {
        let sequences = texts.map { tokenizer.framed(tokenizer.encode($0), maximumTokens: maximumTokens) }
        let encoder = encoder
        return try await ComputePool.shared.run { try encoder.embed(tokenIDs: sequences) }
    }

    func coverage(_ text: String) -> Double {
        let ids = tokenizer.encode(text)
        guard !ids.isEmpty else { return 1 }
        let known = ids.filter { $0 != tokenizer.specialTokens.unknown && !isLoneLetter($0) }
        return Double(known.count) / Double(ids.count)
    }

    /// A word that falls apart into single letters is one the model has hardly met. English has one-letter words.
    private func isLoneLetter(_ id: Int32) -> Bool {
        let scalars = String(decoding: tokenizer.bytes(of: id), as: UTF8.self).unicodeScalars
        guard let first = scalars.first, scalars.count == 1 else { return false }
        return first.properties.isAlphabetic && !first.isASCII && !first.properties.isIdeographic
    }
}

extension WordPieceTokenizer {
    /// The tokenizer that belongs to a model: of its file, or of its folder.
    init(_ location: ModelLocation) throws {
        self = switch location.format {
        case .safetensors: try WordPieceTokenizer(modelFolder: location.url)
        case .gguf: try GGUFFile(path: location.url.path).wordPieceTokenizer()
        }
    }
}
