internal import Foundation
internal import Tokenizers
internal import TransformerCore

/// A cross-encoder of the BERT family (BERT, RoBERTa, XLM-R) that runs within this process.
final class LocalCrossEncoder: Reranker {
    let identity: ModelIdentity
    private let encoder: BERTCrossEncoder
    private let tokenizer: EncoderTokenizer

    /// Passages that are read together: no more are computed when the task is cancelled.
    private static let groupSize = 16

    /// - Throws: `ModelError`.
    init(_ location: ModelLocation) throws {
        do {
            let path = location.url.path
            if try location.isBERTFolder() {
                encoder = try ModelArchitecture.loadCrossEncoder(path: path)
                tokenizer = EncoderTokenizer(try WordPieceTokenizer(modelFolder: location.url))
            } else {
                let file = try GGUFFile.model(at: path)
                encoder = try ModelArchitecture.loadCrossEncoder(file)
                tokenizer = try file.encoderTokenizer()
            }
        } catch {
            throw ModelError.unreadable(path: location.url.path, reason: "\(error)")
        }
        try location.checkVocabulary(
            tokenizer: tokenizer.tokenizer.vocabularyCount, model: encoder.configuration.vocabularyCount)
        identity = ModelIdentity(name: location.name, digest: try location.digest())
    }

    /// Logits, in the order of the passages.
    func scores(question: String, passages: [String]) async throws -> [Double] {
        let pairs = passages.map { pair(question, $0) }
        var scores: [Double] = []
        for start in stride(from: 0, to: pairs.count, by: Self.groupSize) {
            try Task.checkCancellation()
            let group = Array(pairs[start..<min(start + Self.groupSize, pairs.count)])
            let encoder = encoder
            scores += try await ComputePool.shared.run { try encoder.score(group) }.map(Double.init)
        }
        return scores
    }

    private func pair(_ question: String, _ passage: String) -> TokenPair {
        let words = tokenizer.tokenizer
        return tokenizer.pair(words.encode(question), words.encode(passage), maximumTokens: encoder.maximumTokens)
    }
}
