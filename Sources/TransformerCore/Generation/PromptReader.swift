/// Reads a prompt into a session, portion by portion, short of what is kept of it.
final class PromptReader {
    let session: GenerationSession
    /// Tokens of the prompt that need not be read.
    private(set) var reusedTokens = 0
    /// Scores after the prompt, once it has been read.
    private(set) var logits: [Float] = []
    private(set) var unread: ArraySlice<Int32>
    private var passages: ArraySlice<KeptPassage> = []
    private let prompt: [Int32]
    private let cache: PrefixCache?
    private var keepsPrompt = true
    /// Something of the prompt beyond its beginning is taken in: what is kept from now on comes too late.
    private var hasBegun = false

    var isReading: Bool { !unread.isEmpty }

    /// - Parameters:
    ///   - prompt: not empty.
    ///   - cache: what is kept of other prompts, and will be of this one.
    init(_ session: GenerationSession, _ prompt: [Int32], cache: PrefixCache?) {
        self.session = session
        self.prompt = prompt
        self.cache = cache
        unread = prompt[...]
    }

    /// Looks for what is kept of the prompt, which may be more than a moment ago as long as nothing of it is read.
    private func lookUp() {
        guard !hasBegun, let cache else { return }
        if let count = session.reuse(cache, for: prompt, beyond: reusedTokens) { reusedTokens = count }
        // The last tokens are read in any case: what is written stands on them.
        let movable = session.model.layerRotaries == nil ? 0 : prompt.count - Attention.fewRows
        passages = cache.passages(of: prompt, in: reusedTokens..<max(reusedTokens, movable))[...]
        keepsPrompt = passages.isEmpty
        unread = prompt.dropFirst(reusedTokens)
    }

    /// Whether this one had less to read once another, which is being read, is kept.
    func gains(from other: PromptReader) -> Bool {
        guard !hasBegun, let cache, cache === other.cache else { return false }
        lookUp()
        let common = zip(prompt.dropLast(Attention.fewRows), other.prompt).prefix { $0 == $1 }.count
        return common >= reusedTokens + PrefixCache.shortest
    }

    /// Reads the next part; false when there is none left.
    func readBatch() throws(GenerationError) -> Bool {
        guard isReading else { return false }
        let batch = nextBatch()
        didRead(batch, logits: try session.append(batch, needsLogits: batch.count == unread.count))
        return true
    }

    /// The tokens to be read next, for who reads them with other prompts'; `didRead` follows.
    func nextBatch() -> [Int32] {
        lookUp()
        takePassages()
        let next = (passages.first?.place ?? .max) - session.tokens.count
        return Array(unread.prefix(min(next, session.portion(of: unread.count))))
    }

    /// The session has taken in `batch`.
    ///
    /// - Parameter logits: the scores after it, if it was the last one.
    func didRead(_ batch: [Int32], logits: [Float]) {
        hasBegun = true
        self.logits = logits
        unread = unread.dropFirst(batch.count)
        // What was made with moved keys is not passed on.
        if unread.isEmpty, keepsPrompt, let cache, session.tokens.count >= PrefixCache.shortest {
            cache.insert(session.tokens, session.snapshot())
        }
    }

    private func takePassages() {
        while let passage = passages.first, passage.place == session.tokens.count {
            hasBegun = true
            session.take(passage)
            unread = unread.dropFirst(passage.tokens.count)
            reusedTokens += passage.tokens.count
            passages = passages.dropFirst()
        }
    }
}
