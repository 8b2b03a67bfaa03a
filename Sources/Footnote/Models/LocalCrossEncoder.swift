internal import Foundation
internal import Tokenizers
internal import TransformerCore

/// A cross-encoder of the BERT family that runs within this process.
final class LocalCrossEncoder: Reranker {
    let identity: ModelIdentity
    private let encoder: BERTCrossEncoder
    private let tokenizer: WordPieceTokenizer

    /// Passages that are read together: no more are computed when the task is cancelled.
    private static let groupSize = 16

    /// - Throws: `ModelError`.
    init(_ location: ModelLocation) throws {
        do {
            encoder = try ModelArchitecture.loadCrossEncoder(path: location.url.path)
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

    /// `[CLS] question [SEP] passage [SEP]`. What is too long is cut at its end; a question keeps at most half of the room.
    private func pair(_ question: String, _ passage: String) -> TokenPair {
        let separator = tokenizer.specialTokens.separator.map { [$0] } ?? []
        let limit = max(2, encoder.maximumTokens - separator.count)
        let front = tokenizer.framed(Array(tokenizer.encode(question).prefix(limit / 2 - 2)), maximumTokens: limit)
        return TokenPair(
            tokenIDs: front + tokenizer.encode(passage).prefix(max(0, limit - front.count)) + separator,
            secondSegment: front.count)
    }
}
