/// What to generate after a prompt, and when to stop.
package struct GenerationParameters: Sendable, Equatable {
    /// Most tokens to generate; prompt and this many must fit into the context.
    package var maximumTokens: Int
    package var sampling: SamplingParameters
    /// Text ends before any of these.
    package var stopSequences: [String]
    /// What the text must keep to, all of it; where nothing that they allow is left, the text ends.
    package var constraints: [OutputConstraint]
    /// Tokens that are guessed at once from what stood before; 0 guesses none. The text is the same.
    package var guessedTokens = Self.defaultGuess

    /// Eight rows with the last token: as many as kernels take at once.
    package static let defaultGuess = 7

    package init(
        maximumTokens: Int = 256, sampling: SamplingParameters = SamplingParameters(), stopSequences: [String] = [],
        constraints: [OutputConstraint] = []
    ) {
        self.maximumTokens = maximumTokens
        self.sampling = sampling
        self.stopSequences = stopSequences
        self.constraints = constraints
    }
}

/// What a generator reports while it writes.
package enum GeneratorEvent: Sendable, Equatable {
    /// Complete characters, never empty.
    case text(String)
    /// The last event.
    case finished(GeneratorStatistics)
}

/// Why generation ended and what it cost.
package struct GeneratorStatistics: Sendable, Equatable {
    /// `endOfText` also where the constraints left nothing else.
    package enum Reason: String, Sendable {
        case endOfText, stopSequence, length
    }

    package var reason: Reason
    package var promptTokens: Int
    /// Tokens of the prompt that an earlier one had brought in already.
    package var reusedTokens: Int
    package var generatedTokens: Int
    /// Tokens that were guessed, and how many of them were right.
    package var guessedTokens: Int
    package var guessedRight: Int
    package var promptSeconds: Double
    package var generationSeconds: Double
}
