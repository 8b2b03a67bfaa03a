package import Tokenizers

/// Writes text with a language model: tokenizer, decoder, sampler and streaming decoder in one.
///
/// Safe to use from many tasks. Each generation has a sequence of its own; they take turns token by token on the
/// compute pool, so that a long one does not hold up the others.
package final class TextGenerator: Sendable {
    package let model: any DecoderModel
    package let tokenizer: any PromptTokenizer
    /// Most tokens of prompt and output together.
    package let contextLimit: Int
    private let cacheType: TensorType
    private let pool: ComputePool
    private let kept: KeptSession?
    private let vocabulary: VocabularyCache

    /// - Parameters:
    ///   - contextLimit: the model's own length when nil, never more than that.
    ///   - cacheType: `.f16` or `.f32`, how keys and values are kept.
    ///   - keepsSession: keeps the last sequence, so that a prompt which begins like it (the next turn of a
    ///     conversation) is only read from where it differs. What is computed in other portions can differ in the last
    ///     bits: leave it off where equal prompts must give equal text whatever came before.
    package init(
        model: any DecoderModel, tokenizer: any PromptTokenizer, contextLimit: Int? = nil,
        cacheType: TensorType = .f16, keepsSession: Bool = false, pool: ComputePool = .shared
    ) {
        self.model = model
        self.tokenizer = tokenizer
        self.contextLimit = max(1, min(contextLimit ?? model.contextLength, model.contextLength))
        self.cacheType = cacheType
        self.pool = pool
        kept = keepsSession ? KeptSession() : nil
        vocabulary = VocabularyCache(tokenizer)
    }

    /// Continues a prompt. The stream ends with `.finished`, or throws `GenerationError` (before anything is
    /// computed, if prompt and output do not fit) or `CancellationError`. Ending the iteration ends the work.
    package func generate(
        _ prompt: [Int32], _ parameters: GenerationParameters = GenerationParameters()
    ) -> AsyncThrowingStream<GeneratorEvent, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    let statistics = try await run(prompt, parameters) { continuation.yield(.text($0)) }
                    continuation.yield(.finished(statistics))
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// How likely the model finds some ways to go on after a prompt: for each, the natural logarithms of its tokens'
    /// probabilities, each given all before it. The prompt is read once. Throws `GenerationError` when there is no
    /// prompt or prompt and continuation do not fit into the context, and `CancellationError`.
    package func logProbabilities(
        of continuations: [[Int32]], after prompt: [Int32]
    ) async throws -> [[Double]] {
        let session = await kept?.take() ?? ExclusiveSession(makeSession())
        let reader = try ContinuationScorer(session.session, prompt: prompt, continuations: continuations)
        while try await pool.run({ try reader.readPromptBatch() }) { try Task.checkCancellation() }
        var scores: [[Double]] = []
        for continuation in continuations {
            scores.append(try await pool.run { try reader.logProbabilities(of: continuation) })
            try Task.checkCancellation()
        }
        await kept?.put(session)
        return scores
    }

    private func run(
        _ prompt: [Int32], _ parameters: GenerationParameters, show: (String) -> Void
    ) async throws -> GeneratorStatistics {
        let session = await kept?.take() ?? ExclusiveSession(makeSession())
        let run = try GenerationRun(
            session.session, prompt: prompt, parameters: parameters, tokenizer: tokenizer,
            vocabulary: parameters.constraints.isEmpty ? nil : await vocabulary.value())
        while try await pool.run({ try run.readPromptBatch() }) { try Task.checkCancellation() }
        while true {
            let text = try await pool.run { try run.generateToken() }
            if !text.isEmpty { show(text) }
            if let statistics = run.statistics {
                await kept?.put(session)
                return statistics
            }
            try Task.checkCancellation()
        }
    }

    private func makeSession() -> GenerationSession {
        GenerationSession(model, contextLimit: contextLimit, cacheType: cacheType, pool: pool)
    }
}

/// A session on its way between tasks.
private struct ExclusiveSession: @unchecked Sendable {  // sound: whoever holds it is the only one
    let session: GenerationSession

    init(_ session: GenerationSession) { self.session = session }
}

/// The place where the last session waits for the next prompt. Whoever takes it owns it; one that failed or was
/// cancelled is not put back.
private actor KeptSession {
    private var session: ExclusiveSession?

    func take() -> ExclusiveSession? {
        defer { session = nil }
        return session
    }

    func put(_ session: ExclusiveSession) { self.session = session }
}

/// The vocabulary in the order that constraints need, made when the first text has some.
private actor VocabularyCache {
    private let tokenizer: any Tokenizer
    private var vocabulary: TokenVocabulary?

    init(_ tokenizer: any Tokenizer) { self.tokenizer = tokenizer }

    func value() -> TokenVocabulary {
        if let vocabulary { return vocabulary }
        let made = TokenVocabulary(tokenizer)
        vocabulary = made
        return made
    }
}
