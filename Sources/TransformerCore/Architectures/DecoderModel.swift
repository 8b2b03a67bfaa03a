/// A language model: turns tokens and what it remembers of those before them into scores for the next token.
///
/// Conformances hold weights only and may be used from many threads at once; what a sequence needs besides lives in
/// its `DecoderState`.
package protocol DecoderModel: Sendable {
    /// Number of token ids, and of logits.
    var vocabularyCount: Int { get }
    /// Positions that the model was trained for.
    var contextLength: Int { get }
    /// Number of weights, for listings.
    var parameterCount: Int { get }

    /// An empty state that can grow to `contextLimit` positions.
    func makeState(contextLimit: Int, cacheType: TensorType) -> DecoderState

    /// Takes in tokens at the positions after those in `state` and returns the logits of the rows asked for, row-major
    /// `[rows, vocabularyCount]`, valid until the state is used again. The caller has checked that ids are in range
    /// and that there is room.
    func forward(
        _ tokens: UnsafeBufferPointer<Int32>, state: DecoderState, rows: LogitRows, pool: ComputePool?
    ) -> UnsafeBufferPointer<Float>
}

/// Which positions of a batch logits are wanted for.
package enum LogitRows: Sendable {
    case none
    case last
    case all
}

/// What a decoder keeps between calls for one sequence: keys and values of the positions so far, and scratch memory.
/// Belongs to one sequence and one thread at a time.
package final class DecoderState {
    package let cache: KVCache
    var rotary: RotaryEmbedding
    let hidden = FloatBuffer()
    let normed = FloatBuffer()
    let queriesKeysValues = FloatBuffer()
    let attended = FloatBuffer()
    let gated = FloatBuffer()
    let logits = FloatBuffer()

    init(cache: KVCache, rotary: RotaryEmbedding) {
        self.cache = cache
        self.rotary = rotary
    }
}
