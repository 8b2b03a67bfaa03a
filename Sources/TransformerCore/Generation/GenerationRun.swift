import Tokenizers

/// One generation in progress: reads the prompt batch by batch, then writes, a token or some guessed ones at a time.
///
/// What is guessed is read with the last token in one pass, and kept as far as the sampler chooses the same: the text is
/// that of one token at a time, whatever the temperature.
final class GenerationRun: @unchecked Sendable {  // sound: the one task that owns it makes one call after another
    /// Set when generation has ended.
    private(set) var statistics: GeneratorStatistics?
    let session: GenerationSession
    /// Tokens to be read next: the last one of the text, then guesses.
    private(set) var pending: [Int32] = []

    private let maximumTokens: Int
    private let endOfGeneration: Set<Int32>
    private let promptTokens: Int
    private let reader: PromptReader
    private var sampler: Sampler
    private var constraints: ConstraintSet
    private var decoder: StreamingDecoder
    private var matcher: StopSequenceMatcher
    private var lookup: PromptLookup
    private var generated = 0
    private var guessed = 0
    private var guessedRight = 0
    private var promptTime = Duration.zero
    private var generationTime = Duration.zero

    /// Throws `GenerationError` unless prompt and output fit into the context and the parameters make sense.
    ///
    /// - Parameter vocabulary: the tokenizer's, for parameters with constraints; others need none.
    init(
        _ session: GenerationSession, prompt: [Int32], parameters: GenerationParameters, tokenizer: any Tokenizer,
        vocabulary: TokenVocabulary?, cache: PrefixCache? = nil
    ) throws(GenerationError) {
        guard !prompt.isEmpty else { throw .emptyPrompt }
        guard parameters.maximumTokens > 0 else {
            throw .invalidOption(
                name: "maximum number of tokens", value: "\(parameters.maximumTokens)", expected: "more than 0")
        }
        sampler = try Sampler(parameters.sampling)
        constraints = ConstraintSet(parameters.constraints, vocabulary: vocabulary)
        reader = PromptReader(session, prompt, cache: cache)
        try session.check(Array(reader.unread), output: parameters.maximumTokens)
        self.session = session
        maximumTokens = parameters.maximumTokens
        endOfGeneration = tokenizer.specialTokens.endOfGeneration
        promptTokens = prompt.count
        decoder = StreamingDecoder(tokenizer)
        matcher = StopSequenceMatcher(parameters.stopSequences)
        lookup = PromptLookup(
            prompt, limit: parameters.guessedTokens,
            policy: GuessPolicy(quotes: parameters.constraints.contains(where: \.isNothingButQuotes)))
    }

    /// Reads the next part of the prompt; false when there is none left.
    func readPromptBatch() throws -> Bool {
        let start = ContinuousClock.now
        defer { promptTime += ContinuousClock.now - start }
        return try reader.readBatch()
    }

    /// Whether its prompt begins like that of another, which is being read and will be kept: then there is less to read.
    func gains(from other: GenerationRun) -> Bool { reader.gains(from: other.reader) }

    /// The part of the prompt that is read next.
    func nextPromptBatch() -> [Int32] { reader.nextBatch() }

    /// The session's model has computed a part of the prompt among others.
    ///
    /// - Parameter logits: the scores after it; empty unless it was the last part.
    func didReadPrompt(_ batch: [Int32], logits: [Float], since start: ContinuousClock.Instant) {
        session.didRead(batch)
        reader.didRead(batch, logits: logits)
        promptTime += ContinuousClock.now - start
    }

    /// The prompt has not been read to its end.
    var isReading: Bool { reader.isReading }
    /// Tokens of the prompt that are still to be read.
    var unreadTokens: Int { reader.unread.count }

    /// Chooses the first token, for which the prompt's scores suffice.
    func takeFirst(since start: ContinuousClock.Instant) throws -> String {
        try reader.logits.withUnsafeBufferPointer { try take($0, since: start) }
    }

    /// Takes the scores after each of `pending`, which the session has read (or after the prompt, when there are none).
    ///
    /// - Parameter start: when the work on them began.
    func take(_ logits: UnsafeBufferPointer<Float>, since start: ContinuousClock.Instant) throws -> String {
        let rows = max(1, pending.count)
        let count = logits.count / rows
        let read = session.tokens.count - pending.count
        var text = ""
        defer { generationTime += ContinuousClock.now - start }
        for row in 0..<rows {
            let scores = UnsafeBufferPointer(rebasing: logits[row * count..<(row + 1) * count])
            let (token, piece) = try choose(scores, since: start)
            text += piece
            guard let token else { return text }
            guard row + 1 < rows, pending[row + 1] == token else {
                finishPass(right: row, rows: rows, read: read)
                pending = [token] + guess()
                return text
            }
        }
        return text
    }

    /// The next token and the text that it completes; no token at the end.
    private func choose(
        _ scores: UnsafeBufferPointer<Float>, since start: ContinuousClock.Instant
    ) throws -> (token: Int32?, text: String) {
        guard let token = try sample(scores) else {
            return (nil, end(.endOfText, tail: decoder.finish(), since: start))
        }
        if endOfGeneration.contains(token) { return (nil, end(.endOfText, tail: decoder.finish(), since: start)) }
        try constraints.accept(token)
        lookup.append(token)
        generated += 1
        let (text, stopped) = matcher.append(decoder.append(token))
        if stopped { return (nil, text + end(.stopSequence, tail: nil, since: start)) }
        guard generated < maximumTokens else { return (nil, text + end(.length, tail: decoder.finish(), since: start)) }
        return (token, text)
    }

    /// The next token; nil when the constraints leave none.
    private func sample(_ scores: UnsafeBufferPointer<Float>) throws -> Int32? {
        let allowed = try constraints.allowed(remaining: maximumTokens - generated)
        if let allowed, allowed.isEmpty { return nil }
        if sampler.takesMostLikely {
            // The likeliest of all is the likeliest of those that are allowed, if it is one of them.
            let best = try Sampler.mostLikely(scores, position: lookup.history.count)
            if allowed?.contains(best) ?? true { return best }
        }
        var scores = Array(scores)
        if let allowed {
            allowed.apply(to: &scores)
            // What is not a number is for the sampler to report.
            guard scores.contains(where: { $0 != -.infinity }) else { return nil }
        }
        return try sampler.sample(&scores, history: lookup.history)
    }

    /// Forgets what was guessed wrong.
    private func finishPass(right: Int, rows: Int, read: Int) {
        guard !pending.isEmpty else { return }
        guessed += rows - 1
        guessedRight += right
        lookup.learn(guessed: rows - 1, right: right)
        session.rewind(to: read + right + 1)
    }

    private func guess() -> [Int32] {
        lookup.guess(
            atMost: min(maximumTokens - generated - 1, session.contextLimit - session.tokens.count - 1))
    }

    /// Tells what a row more of a pass costs; see `GuessPolicy`.
    func setRowCost(_ cost: Double) { lookup.policy.rowCost = cost }

    /// Leaves only so many guesses, where several texts share a pass.
    func limitGuesses(to count: Int) {
        guard pending.count > count + 1 else { return }
        pending.removeLast(pending.count - count - 1)
    }

    /// - Parameter tail: bytes of a cut character, as text; nil when nothing may follow any more.
    private func end(
        _ reason: GeneratorStatistics.Reason, tail: String?, since start: ContinuousClock.Instant
    ) -> String {
        var reason = reason
        var text = ""
        if let tail {
            let (last, stopped) = matcher.append(tail)
            text = last + (stopped ? "" : matcher.finish())
            if stopped { reason = .stopSequence }
        }
        statistics = GeneratorStatistics(
            reason: reason, promptTokens: promptTokens, reusedTokens: reader.reusedTokens, generatedTokens: generated,
            guessedTokens: guessed, guessedRight: guessedRight, promptSeconds: promptTime / .seconds(1),
            generationSeconds: (generationTime + (ContinuousClock.now - start)) / .seconds(1))
        return text
    }
}
