/// How a question is answered.
public struct AskOptions: Sendable {
    /// What is searched, and how many chunks are considered.
    public var search: SearchOptions
    /// Answer with quoted sentences alone, without a language model.
    public var extractive: Bool
    /// The language model chooses what to quote and writes nothing of its own.
    public var quotesOnly = false
    /// Tokens of source text given to the language model, at most.
    public var contextTokens: Int
    /// Tokens the language model may write, at most.
    public var maximumTokens: Int
    public var sampling: SamplingOptions
    /// Evidence in 0...1 below which a question is refused.
    public var minimumEvidence: Double
    /// Earlier turns of the conversation, oldest first.
    public var history: [ChatMessage]
    /// For measuring what each stage is worth.
    public var stages: AnswerStages = .all

    public init(
        search: SearchOptions = SearchOptions(), extractive: Bool = false, contextTokens: Int = 600,
        maximumTokens: Int = 120, sampling: SamplingOptions = .answering, minimumEvidence: Double = 0.5,
        history: [ChatMessage] = []
    ) {
        self.search = search
        self.extractive = extractive
        self.contextTokens = contextTokens
        self.maximumTokens = maximumTokens
        self.sampling = sampling
        self.minimumEvidence = minimumEvidence
        self.history = history
    }
}

extension SamplingOptions {
    /// Greedy, without a penalty on repetition: it would punish the words of the sources, which stand just before the
    /// answer. What a small model says in circles is cut off when it says it again.
    public static var answering: SamplingOptions { SamplingOptions() }
}
