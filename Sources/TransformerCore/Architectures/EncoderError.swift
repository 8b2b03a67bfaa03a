/// Why an encoder cannot take in sequences.
package enum EncoderError: Error, Equatable, Sendable {
    /// Sequence number `index` is longer than the model has positions for.
    case tooLong(index: Int, tokens: Int, limit: Int)
    /// Sequence number `index` has no tokens.
    case emptySequence(index: Int)
    case tokenOutOfRange(id: Int32, vocabularyCount: Int)
    /// Sequence number `index` has a second segment that begins before its first token or after its last.
    case segmentOutOfRange(index: Int, secondSegment: Int, tokens: Int)
    /// What the model makes of sequence number `index` is not finite.
    case notANumber(index: Int)
}

extension EncoderError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLong(let index, let tokens, let limit):
            "text \(index) has \(tokens) tokens and the model takes \(limit); split it"
        case .emptySequence(let index):
            "text \(index) has no tokens; frame it with the model's special tokens"
        case .tokenOutOfRange(let id, let vocabularyCount):
            "token \(id) is not in the model's vocabulary of \(vocabularyCount); the tokenizer belongs to another model"
        case .segmentOutOfRange(let index, let secondSegment, let tokens):
            "text \(index) has \(tokens) tokens and its second part begins at \(secondSegment); it begins at one from 0 to \(tokens)"
        case .notANumber(let index):
            "the result for text \(index) is not finite; the model's weights are damaged: fetch the model again"
        }
    }
}
