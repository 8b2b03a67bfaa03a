/// Why tokens cannot be taken in or produced.
package enum GenerationError: Error, Equatable, Sendable {
    /// Prompt and output together need more positions than there are.
    case contextExceeded(needed: Int, limit: Int)
    /// An id that the model's vocabulary does not have: tokenizer and model do not belong together.
    case tokenOutOfRange(id: Int32, vocabularyCount: Int)
    case emptyPrompt
    /// The model's scores are not numbers.
    case notANumber(position: Int)
    case invalidOption(name: String, value: String, expected: String)
    /// As many texts as may wait are waiting.
    case busy(waiting: Int)
    /// What the text must keep to cannot be followed any further.
    case constraintFailed(String)
}

extension GenerationError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .contextExceeded(let needed, let limit):
            "\(needed) tokens are needed and the context holds \(limit): \(needed - limit) too many; shorten the prompt or the answer"
        case .tokenOutOfRange(let id, let vocabularyCount):
            "token \(id) is not in the model's vocabulary of \(vocabularyCount); the tokenizer belongs to another model"
        case .emptyPrompt:
            "the prompt has no tokens; give at least one"
        case .notANumber(let position):
            "the model's scores at position \(position) are not numbers; its weights are damaged: fetch the model again"
        case .invalidOption(let name, let value, let expected):
            "\(name) is \(value), expected \(expected)"
        case .busy(let waiting): "\(waiting) texts are waiting to be written already; ask again later"
        case .constraintFailed(let reason): reason
        }
    }
}
