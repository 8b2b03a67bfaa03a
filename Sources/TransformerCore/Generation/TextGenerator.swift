package import Tokenizers

/// Writes text with a language model: tokenizer, decoder, sampler and streaming decoder in one.
///
/// Safe to use from many tasks. Each generation has a sequence of its own; they are written side by side, in batches that
/// share the reading of the weights, and each is what it would be alone.
package final class TextGenerator: Sendable {
    package let model: any DecoderModel
    package let tokenizer: any PromptTokenizer
    /// Most tokens of prompt and output together.
    package let contextLimit: Int
    private let cacheType: TensorType
    private let adapters: [AppliedAdapter]
    private let pool: ComputePool
    /// What is kept of prompts that were read; nil where nothing is.
    package let prefixes: PrefixCache?
    /// Where prompts are kept for the next process; nil where they are not.
    private let store: PrefixStore?
    private let scheduler: GenerationScheduler
    private let vocabulary: VocabularyCache

    /// - Parameters:
    ///   - contextLimit: the model's own length when nil, never more than that.
    ///   - cacheType: `.f16`, `.q8_0` or `.f32`, how keys and values are kept.
    ///   - reuseBudget: bytes of keys and values of prompts that are kept, so that a prompt which begins like an earlier
    ///     one (the same documents, the next turn of a conversation) is only read from where it differs; 0 keeps none.
    ///     The text is the same.
    ///   - reusesPassages: takes passages that an earlier prompt had elsewhere from there, too. Faster, and not the same
    ///     text: leave it off where equal prompts must give equal text whatever came before.
    ///   - store: keeps prompts that are made of documents, in a folder.
    ///   - adapters: low-rank additions to the model's weights, for all texts.
    ///   - limits: how many texts are written at once.
    package init(
        model: any DecoderModel, tokenizer: any PromptTokenizer, contextLimit: Int? = nil,
        cacheType: TensorType = .f16, reuseBudget: Int = 0, store: PrefixStore? = nil, reusesPassages: Bool = false,
        adapters: [AppliedAdapter] = [], limits: GenerationLimits = GenerationLimits(), pool: ComputePool = .shared
    ) {
        self.model = model
        self.tokenizer = tokenizer
        self.contextLimit = max(1, min(contextLimit ?? model.contextLength, model.contextLength))
        self.cacheType = cacheType
        self.adapters = adapters
        self.pool = pool
        prefixes = reuseBudget > 0 ? PrefixCache(budget: reuseBudget, reusesPassages: reusesPassages) : nil
        self.store = reuseBudget > 0 ? store : nil
        scheduler = GenerationScheduler(model: model, pool: pool, limits: limits)
        vocabulary = VocabularyCache(tokenizer)
    }

    /// Continues a prompt. The stream ends with `.finished`, or throws `GenerationError` (before anything is
    /// computed, if prompt and output do not fit) or `CancellationError`. Ending the iteration ends the work.
    ///
    /// - Parameter documents: those that the prompt is made of, with which it is deleted from the store. Without any it is
    ///   not kept there.
    package func generate(
        _ prompt: [Int32], _ parameters: GenerationParameters = GenerationParameters(), documents: [Int64] = []
    ) -> AsyncThrowingStream<GeneratorEvent, any Error> {
        AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    let statistics = try await run(prompt, parameters, documents) { continuation.yield(.text($0)) }
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
        let reader = try ContinuationScorer(
            makeSession(), prompt: prompt, continuations: continuations, cache: prefixes)
        while try await pool.run({ try reader.readPromptBatch() }) { try Task.checkCancellation() }
        var scores: [[Double]] = []
        for continuation in continuations {
            scores.append(try await pool.run { try reader.logProbabilities(of: continuation) })
            try Task.checkCancellation()
        }
        return scores
    }

    private func run(
        _ prompt: [Int32], _ parameters: GenerationParameters, _ documents: [Int64], show: @escaping @Sendable (String) -> Void
    ) async throws -> GeneratorStatistics {
        let vocabulary = parameters.constraints.isEmpty ? nil : await vocabulary.value()
        let job = GenerationJob(
            make: { [self] in
                try GenerationRun(
                    makeSession(), prompt: prompt, parameters: parameters, tokenizer: tokenizer, vocabulary: vocabulary,
                    cache: prefixes)
            }, show: show)
        guard !documents.isEmpty, let store else { return try await scheduler.run(job) }
        fetch(prompt)
        let known = prefixes?.beginning(of: prompt, atMost: prompt.count)?.count ?? 0
        // Reserved before the prompt is read: a document that is deleted meanwhile leaves nothing behind.
        let place = known + Self.worthStoring < prompt.count ? store.reserve(prompt, documents: documents) : nil
        // A prompt that was read is kept however its answer ends.
        defer { if let place { keep(prompt, in: place) } }
        return try await scheduler.run(job)
    }

    /// Fewer tokens are sooner read than fetched from a file.
    private static let worthStoring = 128

    /// Brings from the store what is longer than what is in memory.
    private func fetch(_ prompt: [Int32]) {
        guard let store, let prefixes else { return }
        let known = prefixes.beginning(of: prompt, atMost: prompt.count)?.count ?? 0
        guard known + Self.worthStoring < prompt.count,
            let (tokens, snapshot) = store.load(prompt, longerThan: known + Self.worthStoring)
        else { return }
        prefixes.insert(tokens, snapshot)
    }

    private func keep(_ prompt: [Int32], in place: PrefixStore.Reservation) {
        guard let store else { return }
        guard let snapshot = prefixes?.snapshot(of: prompt) else { return store.release(place) }
        store.save(snapshot, in: place)
    }

    private func makeSession() -> GenerationSession {
        GenerationSession(model, contextLimit: contextLimit, cacheType: cacheType, adapters: adapters, pool: pool)
    }
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
