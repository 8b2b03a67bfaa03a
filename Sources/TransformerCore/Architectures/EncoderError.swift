/// Why sequences cannot be embedded.
package enum EncoderError: Error, Equatable, Sendable {
    /// Sequence number `index` is longer than the model has positions for.
    case tooLong(index: Int, tokens: Int, limit: Int)
    /// Sequence number `index` has no tokens.
    case emptySequence(index: Int)
    case tokenOutOfRange(id: Int32, vocabularyCount: Int)
    /// The vector of sequence number `index` is not finite.
    case notANumber(index: Int)
}

extension EncoderError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLong(let index, let tokens, let limit):
            "text \(index) has \(tokens) tokens and the embedding model takes \(limit); split it"
        case .emptySequence(let index):
            "text \(index) has no tokens; frame it with the model's special tokens"
        case .tokenOutOfRange(let id, let vocabularyCount):
            "token \(id) is not in the model's vocabulary of \(vocabularyCount); the tokenizer belongs to another model"
        case .notANumber(let index):
            "the vector of text \(index) is not finite; the model's weights are damaged: fetch the model again"
        }
    }
}
