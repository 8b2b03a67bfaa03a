import Tokenizers
import TransformerCore

extension LocalEmbeddingModel: TokenEmbeddingModel {
    func tokenVectors(_ texts: [String]) async throws -> [TokenVectors] {
        guard let encoder = encoder as? BERTEncoder, let wordPiece = tokenizer.tokenizer as? WordPieceTokenizer else {
            throw unsuitable("is not of the BERT family")
        }
        guard encoder.configuration.pooling == .mean else { throw unsuitable("takes a text's vector from its first token") }
        guard prompts.prompt(for: .document).isEmpty else { throw unsuitable("wants a mark before each passage") }
        let tokens = texts.map { wordPiece.encodeWithOffsets($0) }
        let framed = tokens.map { tokenizer.framed($0.map(\.id), maximumTokens: maximumTokens) }
        let width = dimension
        let states = try await ComputePool.shared.run { try encoder.tokenVectors(tokenIDs: framed) }
        let front = tokenizer.front.count, back = tokenizer.back.count
        return zip(tokens, states).map { tokens, states in
            let count = max(0, states.count / width - front - back)
            return TokenVectors(
                ranges: tokens.prefix(count).map(\.range), vectors: Array(states[(front * width)..<((front + count) * width)]))
        }
    }

    private func unsuitable(_ reason: String) -> KnowledgeBaseError {
        .chunkingUnsupported(strategy: "late", reason: "\(identity.name) \(reason)")
    }
}
