/// Reads a prompt into a session, portion by portion, short of what is kept of it.
final class PromptReader {
    let session: GenerationSession
    /// Tokens of the prompt that need not be read.
    private(set) var reusedTokens: Int
    /// Scores after the prompt, once it has been read.
    private(set) var logits: [Float] = []
    private(set) var unread: ArraySlice<Int32>
    private var passages: ArraySlice<KeptPassage>
    private let cache: PrefixCache?
    private let keepsPrompt: Bool

    var isReading: Bool { !unread.isEmpty }

    /// - Parameters:
    ///   - prompt: not empty.
    ///   - cache: what is kept of other prompts, and will be of this one.
    init(_ session: GenerationSession, _ prompt: [Int32], cache: PrefixCache?) {
        self.session = session
        self.cache = cache
        let beginning = cache.map { session.reuse($0, for: prompt) } ?? 0
        reusedTokens = beginning
        // The last tokens are read in any case: what is written stands on them.
        let movable = session.model.layerRotaries == nil ? 0 : prompt.count - Attention.fewRows
        passages = cache?.passages(of: prompt, in: beginning..<max(beginning, movable))[...] ?? []
        keepsPrompt = passages.isEmpty
        unread = prompt.dropFirst(beginning)
    }

    /// Reads the next part; false when there is none left.
    func readBatch() throws(GenerationError) -> Bool {
        guard !unread.isEmpty else { return false }
        let batch = nextBatch()
        didRead(batch, logits: try session.append(batch, needsLogits: batch.count == unread.count))
        return true
    }

    /// The tokens to be read next, for who reads them with other prompts'; `didRead` follows.
    func nextBatch() -> [Int32] {
        takePassages()
        let next = (passages.first?.place ?? .max) - session.tokens.count
        return Array(unread.prefix(min(next, session.portion(of: unread.count))))
    }

    /// The session has taken in `batch`.
    ///
    /// - Parameter logits: the scores after it, if it was the last one.
    func didRead(_ batch: [Int32], logits: [Float]) {
        self.logits = logits
        unread = unread.dropFirst(batch.count)
        // What was made with moved keys is not passed on.
        if unread.isEmpty, keepsPrompt, let cache, session.tokens.count >= PrefixCache.shortest {
            cache.insert(session.tokens, session.snapshot())
        }
    }

    private func takePassages() {
        while let passage = passages.first, passage.place == session.tokens.count {
            session.take(passage)
            unread = unread.dropFirst(passage.tokens.count)
            reusedTokens += passage.tokens.count
            passages = passages.dropFirst()
        }
    }
}
