import Tokenizers

/// One generation in progress: reads the prompt batch by batch, then makes one token at a time.
final class GenerationRun: @unchecked Sendable {  // sound: the one task that owns it makes one call after another
    /// Set when generation has ended.
    private(set) var statistics: GeneratorStatistics?

    private let session: GenerationSession
    private let maximumTokens: Int
    private let endOfGeneration: Set<Int32>
    private let promptTokens: Int
    private let reusedTokens: Int
    private var unread: ArraySlice<Int32>
    private var sampler: Sampler
    private var constraints: ConstraintSet
    private var decoder: StreamingDecoder
    private var matcher: StopSequenceMatcher
    private var logits: [Float] = []
    private var generated = 0
    private var promptTime = Duration.zero
    /// When the token in work was begun.
    private var started = ContinuousClock.now
    private var generationTime = Duration.zero

    /// Throws `GenerationError` unless prompt and output fit into the context and the parameters make sense.
    ///
    /// - Parameter vocabulary: the tokenizer's, for parameters with constraints; others need none.
    init(
        _ session: GenerationSession, prompt: [Int32], parameters: GenerationParameters, tokenizer: any Tokenizer,
        vocabulary: TokenVocabulary?
    ) throws(GenerationError) {
        guard !prompt.isEmpty else { throw .emptyPrompt }
        guard parameters.maximumTokens > 0 else {
            throw .invalidOption(
                name: "maximum number of tokens", value: "\(parameters.maximumTokens)", expected: "more than 0")
        }
        sampler = try Sampler(parameters.sampling)
        constraints = ConstraintSet(parameters.constraints, vocabulary: vocabulary)
        reusedTokens = session.reuse(for: prompt)
        unread = prompt.dropFirst(reusedTokens)
        try session.check(Array(unread), output: parameters.maximumTokens)
        self.session = session
        maximumTokens = parameters.maximumTokens
        endOfGeneration = tokenizer.specialTokens.endOfGeneration
        promptTokens = prompt.count
        decoder = StreamingDecoder(tokenizer)
        matcher = StopSequenceMatcher(parameters.stopSequences)
    }

    /// Reads the next part of the prompt; false when there is none left.
    func readPromptBatch() throws -> Bool {
        guard !unread.isEmpty else { return false }
        let batch = Array(unread.prefix(session.batchSize))
        let start = ContinuousClock.now
        logits = try session.append(batch, needsLogits: batch.count == unread.count)
        promptTime += ContinuousClock.now - start
        unread = unread.dropFirst(batch.count)
        return true
    }

    /// Chooses the next token and returns the text that is complete with it; sets `statistics` at the end.
    func generateToken() throws -> String {
        started = ContinuousClock.now
        defer { generationTime += ContinuousClock.now - started }
        guard try constraints.mask(&logits, remaining: maximumTokens - generated) else { return end(.endOfText, tail: decoder.finish()) }
        let token = try sampler.sample(&logits, history: session.tokens)
        if endOfGeneration.contains(token) { return end(.endOfText, tail: decoder.finish()) }
        try constraints.accept(token)
        generated += 1
        let (text, stopped) = matcher.append(decoder.append(token))
        if stopped { return text + end(.stopSequence, tail: nil) }
        if generated == maximumTokens { return text + end(.length, tail: decoder.finish()) }
        logits = try session.append([token])
        return text
    }

    /// - Parameter tail: bytes of a cut character, as text; nil when nothing may follow any more.
    private func end(_ reason: GeneratorStatistics.Reason, tail: String?) -> String {
        var reason = reason
        var text = ""
        if let tail {
            let (last, stopped) = matcher.append(tail)
            text = last + (stopped ? "" : matcher.finish())
            if stopped { reason = .stopSequence }
        }
        statistics = GeneratorStatistics(
            reason: reason, promptTokens: promptTokens, reusedTokens: reusedTokens, generatedTokens: generated,
            promptSeconds: promptTime / .seconds(1),
            generationSeconds: (generationTime + (ContinuousClock.now - started)) / .seconds(1))
        return text
    }
}
