/// Why a question could not be processed. That nothing was found is no error but an outcome.
public enum AskError: Error, Sendable, CustomStringConvertible {
    /// The question holds no words.
    case emptyQuestion
    /// Instructions, question and answer do not fit into the model's context even without sources.
    case contextTooSmall(model: String, contextLength: Int, needed: Int)
    /// The language model failed.
    case model(String)
    /// No language model is at hand, and the answer was not asked to be extractive.
    case noLanguageModel(reason: String)

    public var description: String {
        switch self {
        case .emptyQuestion:
            "the question is empty; ask in words"
        case .contextTooSmall(let model, let contextLength, let needed):
            "question and answer need \(needed) tokens and \(model) reads at most \(contextLength); shorten the question, "
                + "lower the number of tokens to write, or choose a model with a longer context"
        case .model(let message):
            message
        case .noLanguageModel(let reason):
            "no language model: \(reason); fetch the default one with `footnote model pull`, or ask with --extractive"
        }
    }
}
