import Tokenizers
import TransformerCore

extension LocalEmbeddingModel: TokenEmbeddingModel {
    func tokenVectors(_ texts: [String]) async throws -> [TokenVectors] {
        guard let encoder = encoder as? BERTEncoder, let wordPieces = tokenizer.tokenizer as? WordPieceTokenizer else {
            throw unsupported("token vectors are told by BERT models alone, which \(identity.name) is not")
        }
        guard encoder.configuration.pooling == .mean else {
            throw unsupported("\(identity.name) takes a text's vector from its first token")
        }
        let prompt = prompts.prompt(for: .document), offset = prompt.utf8.count
        let tokens = texts.map { wordPieces.encodeWithOffsets(prompt + $0) }
        let framed = tokens.map { tokenizer.framed($0.map(\.id), maximumTokens: maximumTokens) }
        let states = try await ComputePool.shared.run { try encoder.tokenVectors(tokenIDs: framed) }
        return zip(tokens, states).map { tokens, states in
            let width = dimension, front = tokenizer.front.count
            let count = max(0, states.count / width - front - tokenizer.back.count)
            // The prompt was read as well, and is no part of the text.
            let own = tokens[..<count].firstIndex { $0.range.lowerBound >= offset } ?? count
            return TokenVectors(
                ranges: tokens[own..<count].map { ($0.range.lowerBound - offset)..<($0.range.upperBound - offset) },
                vectors: Array(states[((front + own) * width)..<((front + count) * width)]))
        }
    }

    private func unsupported(_ reason: String) -> KnowledgeBaseError {
        .chunkingUnsupported(strategy: "late", reason: reason)
    }
}
