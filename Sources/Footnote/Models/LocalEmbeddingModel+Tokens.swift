import Tokenizers
import TransformerCore

extension LocalEmbeddingModel: TokenEmbeddingModel {
    func tokenVectors(_ texts: [String]) async throws -> [TokenVectors] {
        guard encoder.configuration.pooling == .mean else {
            throw KnowledgeBaseError.chunkingUnsupported(
                strategy: "late", reason: "\(identity.name) takes a text's vector from its first token")
        }
        let tokens = texts.map { tokenizer.encodeWithOffsets($0) }
        let framed = tokens.map { tokenizer.framed($0.map(\.id), maximumTokens: maximumTokens) }
        let encoder = encoder, width = dimension
        let states = try await ComputePool.shared.run { try encoder.tokenVectors(tokenIDs: framed) }
        let front = tokenizer.specialTokens.classification == nil ? 0 : 1
        let back = tokenizer.specialTokens.separator == nil ? 0 : 1
        return zip(tokens, states).map { tokens, states in
            let count = max(0, states.count / width - front - back)
            return TokenVectors(
                ranges: tokens.prefix(count).map(\.range), vectors: Array(states[(front * width)..<((front + count) * width)]))
        }
    }
}
