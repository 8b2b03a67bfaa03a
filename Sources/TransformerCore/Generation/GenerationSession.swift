/// One sequence in progress on a decoder: what it has read so far, and the scores for what comes next.
///
/// Belongs to one task at a time. Work runs on the calling thread and the pool's; call it from `ComputePool.run`.
package final class GenerationSession {
    package let model: any DecoderModel
    /// Most tokens of prompt and output together.
    package let contextLimit: Int
    /// Tokens taken in so far.
    package private(set) var tokens: [Int32] = []
    private let state: DecoderState
    /// Tokens of a prompt that are worked on at once.
    package let batchSize: Int
    private let pool: ComputePool?

    /// - Parameters:
    ///   - contextLimit: positions to allow; the model's own length when nil, never more than that.
    ///   - cacheType: `.f16` halves the memory of the context, `.q8_0` halves it again, `.f32` keeps everything.
    ///   - batchSize: tokens of a prompt that are worked on at once.
    ///   - adapters: low-rank additions to the model's weights for this sequence.
    package init(
        _ model: any DecoderModel, contextLimit: Int? = nil, cacheType: TensorType = .f16, batchSize: Int = 256,
        adapters: [AppliedAdapter] = [], pool: ComputePool? = .shared
    ) {
        self.model = model
        self.contextLimit = max(1, min(contextLimit ?? model.contextLength, model.contextLength))
        self.batchSize = max(1, batchSize)
        self.pool = pool
        state = model.makeState(contextLimit: self.contextLimit, cacheType: cacheType)
        state.adapters = adapters
    }

    /// Throws unless these tokens and `output` more fit behind those taken in already and all are in the vocabulary.
    package func check(_ new: [Int32], output: Int = 0) throws(GenerationError) {
        let (needed, overflow) = (tokens.count + new.count).addingReportingOverflow(max(0, output))
        guard !overflow, needed <= contextLimit else {
            throw .contextExceeded(needed: overflow ? .max : needed, limit: contextLimit)
        }
        for id in new where id < 0 || id >= model.vocabularyCount {
            throw .tokenOutOfRange(id: id, vocabularyCount: model.vocabularyCount)
        }
    }

    /// Takes in tokens and returns the logits after the last one; none when `needsLogits` is false.
    /// Throws `GenerationError` when there are no tokens or too many.
    package func append(_ new: [Int32], needsLogits: Bool = true) throws(GenerationError) -> [Float] {
        guard !new.isEmpty else { throw .emptyPrompt }
        try check(new)
        var logits: [Float] = []
        var rest = new[...]
        while !rest.isEmpty {
            let portion = rest.prefix(portion(of: rest.count))
            rest = rest.dropFirst(portion.count)
            logits = Array(forward(portion, rows: needsLogits && rest.isEmpty ? .last : .none))
        }
        return logits
    }

    /// Takes in tokens and calls `body` for each with its index in `new` and the logits after it, which are valid
    /// until it returns.
    package func append(
        _ new: [Int32], eachLogits body: (_ index: Int, _ logits: UnsafeBufferPointer<Float>) throws -> Void
    ) throws {
        try check(new)
        var start = 0
        while start < new.count {
            let end = start + portion(of: new.count - start)
            let logits = forward(new[start..<end], rows: .all)
            for index in start..<end {
                let row = (index - start) * model.vocabularyCount
                try body(index, UnsafeBufferPointer(rebasing: logits[row..<row + model.vocabularyCount]))
            }
            start = end
        }
    }

    /// How many of `count` tokens are worked on next. None of several portions is of few rows, which are computed in
    /// another way: so a row's scores do not depend on the portions.
    func portion(of count: Int) -> Int {
        guard count > batchSize else { return count }
        let few = Attention.fewRows
        return batchSize > 2 * few && count - batchSize < few ? batchSize - few : batchSize
    }

    /// Tokens as a part of a batch, to be followed by `didRead`. The caller has checked them.
    func segment(_ new: [Int32]) -> DecoderSegment {
        DecoderSegment(state: state, tokens: new, rows: new.count == 1 ? .last : .all)
    }

    /// The same for a portion of a prompt.
    func segment(_ portion: [Int32], isLast: Bool) -> DecoderSegment {
        DecoderSegment(state: state, tokens: portion, rows: isLast ? .last : .none)
    }

    /// A batch in which these tokens were has been computed.
    func didRead(_ new: [Int32]) { tokens += new }

    /// Forgets tokens from `length` on.
    package func rewind(to length: Int) {
        let length = max(0, min(length, tokens.count))
        tokens.removeSubrange(length...)
        state.cache.rewind(to: length)
    }

    /// Takes the beginning of a prompt from what is kept, short of its last tokens: their logits are needed, and a portion
    /// of few rows would be computed in another way. Returns how many tokens need not be taken in again; nil, and leaves the
    /// session as it is, unless more than `known` are kept.
    func reuse(_ cache: PrefixCache, for prompt: [Int32], beyond known: Int) -> Int? {
        guard let (snapshot, count) = cache.beginning(of: prompt, atMost: prompt.count - Attention.fewRows),
            count > known, snapshot.layout == state.cache.layout, count <= contextLimit
        else { return nil }
        rewind(to: 0)
        state.cache.append(snapshot, from: 0, count: count)
        tokens = Array(prompt.prefix(count))
        return count
    }

    /// Takes a passage that was read elsewhere, its keys moved to where it stands now.
    func take(_ passage: KeptPassage) {
        guard let rotaries = model.layerRotaries, passage.place == tokens.count else { return }
        state.cache.append(passage.snapshot, from: passage.start, count: passage.tokens.count)
        state.cache.turnKeys(
            passage.place..<passage.place + passage.tokens.count, by: passage.place - passage.start, rotaries: rotaries)
        tokens += passage.tokens
    }

    /// Bytes of memory that keys and values take.
    package var cacheBytes: Int { state.cache.byteCount }

    /// A state that has taken in the same tokens.
    func copyState() -> DecoderState {
        let copy = model.makeState(contextLimit: contextLimit, cacheType: state.cache.type)
        copy.cache.append(snapshot(), from: 0, count: tokens.count)
        copy.adapters = state.adapters
        return copy
    }

    /// A copy of what is kept of the tokens taken in so far.
    func snapshot() -> KVSnapshot { state.cache.snapshot(of: tokens.count) }

    private func forward(_ batch: ArraySlice<Int32>, rows: LogitRows) -> UnsafeBufferPointer<Float> {
        let logits = batch.withUnsafeBufferPointer { model.forward($0, state: state, rows: rows, pool: pool) }
        tokens += batch
        return logits
    }
}
