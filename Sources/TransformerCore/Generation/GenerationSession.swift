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
    ///   - cacheType: `.f16` halves the memory of the context, `.f32` keeps everything.
    ///   - batchSize: tokens of a prompt that are worked on at once.
    package init(
        _ model: any DecoderModel, contextLimit: Int? = nil, cacheType: TensorType = .f16, batchSize: Int = 512,
        pool: ComputePool? = .shared
    ) {
        self.model = model
        self.contextLimit = max(1, min(contextLimit ?? model.contextLength, model.contextLength))
        self.batchSize = max(1, batchSize)
        self.pool = pool
        state = model.makeState(contextLimit: self.contextLimit, cacheType: cacheType)
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
        for start in stride(from: 0, to: new.count, by: batchSize) {
            let end = min(start + batchSize, new.count)
            logits = Array(forward(new[start..<end], rows: needsLogits && end == new.count ? .last : .none))
        }
        return logits
    }

    /// Takes in tokens and calls `body` for each with its index in `new` and the logits after it, which are valid
    /// until it returns.
    package func append(
        _ new: [Int32], eachLogits body: (_ index: Int, _ logits: UnsafeBufferPointer<Float>) throws -> Void
    ) throws {
        try check(new)
        for start in stride(from: 0, to: new.count, by: batchSize) {
            let end = min(start + batchSize, new.count)
            let logits = forward(new[start..<end], rows: .all)
            for index in start..<end {
                let row = (index - start) * model.vocabularyCount
                try body(index, UnsafeBufferPointer(rebasing: logits[row..<row + model.vocabularyCount]))
            }
        }
    }

    /// Forgets tokens from `length` on.
    package func rewind(to length: Int) {
        let length = max(0, min(length, tokens.count))
        tokens.removeSubrange(length...)
        state.cache.rewind(to: length)
    }

    /// Keeps the longest common beginning with `prompt`, short of its last token (whose logits are needed), forgets
    /// the rest, and returns how many tokens of the prompt need not be taken in again.
    package func reuse(for prompt: [Int32]) -> Int {
        let common = zip(tokens, prompt.dropLast()).prefix { $0 == $1 }.count
        rewind(to: common)
        return common
    }

    private func forward(_ batch: ArraySlice<Int32>, rows: LogitRows) -> UnsafeBufferPointer<Float> {
        let logits = batch.withUnsafeBufferPointer { model.forward($0, state: state, rows: rows, pool: pool) }
        tokens += batch
        return logits
    }
}
