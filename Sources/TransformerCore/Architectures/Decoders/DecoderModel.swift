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
    /// Most rows of a call for which the scores of each are the same, to the last bit, as they would be alone.
    var independentRows: Int { get }
    /// Whether what comes out of a portion of a prompt (of at least `Attention.fewRows` tokens) is the same, to the last bit,
    /// beside portions of others. It is not where experts are given rows of all of them.
    var readsPromptsTogether: Bool { get }
    /// What turns the keys of each layer; nil for the whole where positions are told in another way, so that keys cannot be
    /// moved.
    var layerRotaries: [RotaryEmbedding?]? { get }

    /// An empty state that can grow to `contextLimit` positions.
    func makeState(contextLimit: Int, cacheType: TensorType) -> DecoderState

    /// Takes in tokens at the positions after those in `state` and returns the logits of the rows asked for, row-major
    /// `[rows, vocabularyCount]`, valid until the state is used again. The caller has checked that ids are in range
    /// and that there is room.
    func forward(
        _ tokens: UnsafeBufferPointer<Int32>, state: DecoderState, rows: LogitRows, pool: ComputePool?
    ) -> UnsafeBufferPointer<Float>

    /// Takes in tokens of several sequences at once, each with a state of its own (no state twice), and returns the
    /// logits of the rows asked for, segment after segment: `[rows, vocabularyCount]`, valid as long as the workspace
    /// lives and is not used again. The caller has checked that ids are in range and that there is room.
    func forward(
        _ segments: [DecoderSegment], workspace: DecoderWorkspace, pool: ComputePool?
    ) -> UnsafeBufferPointer<Float>
}

extension DecoderModel {
    package var independentRows: Int { 1 }
    package var readsPromptsTogether: Bool { false }
    package var layerRotaries: [RotaryEmbedding?]? { nil }

    /// One sequence after the other: what the batched form must equal.
    package func forward(
        _ segments: [DecoderSegment], workspace: DecoderWorkspace, pool: ComputePool?
    ) -> UnsafeBufferPointer<Float> {
        let count = segments.reduce(0) { $0 + $1.rows.count(of: $1.tokens.count) } * vocabularyCount
        let logits = workspace.logits.reserve(count)
        var filled = 0
        for segment in segments {
            let part = segment.tokens.withUnsafeBufferPointer {
                forward($0, state: segment.state, rows: segment.rows, pool: pool)
            }
            if let base = part.baseAddress { (logits + filled).update(from: base, count: part.count) }
            filled += part.count
        }
        return UnsafeBufferPointer(start: logits, count: count)
    }
}

/// Tokens of one sequence within a batch: several of a prompt, or the last one alone.
package struct DecoderSegment {
    package let state: DecoderState
    package let tokens: [Int32]
    /// Which of these tokens logits are wanted after.
    package let rows: LogitRows

    package init(state: DecoderState, tokens: [Int32], rows: LogitRows) {
        self.state = state
        self.tokens = tokens
        self.rows = rows
    }
}

/// Which positions of a batch logits are wanted for.
package enum LogitRows: Sendable, Equatable {
    case none
    case last
    case all
    /// Indices of tokens within the call, ascending and below the number of tokens.
    case some([Int])

    /// How many rows these are of `total`.
    package func count(of total: Int) -> Int { indices(of: total).count }

    /// The indices among `total` rows.
    func indices(of total: Int) -> [Int] {
        switch self {
        case .none: []
        case .last: total > 0 ? [total - 1] : []
        case .all: Array(0..<total)
        case .some(let indices): indices.filter { (0..<total).contains($0) }
        }
    }
}

/// What a decoder keeps between calls for one sequence: keys and values of the positions so far, and scratch memory
/// for when it runs alone. Belongs to one sequence and one thread at a time.
package final class DecoderState {
    package let cache: KVCache
    /// What is added to the model's weights for this sequence; all positions must be taken in with the same.
    package var adapters: [AppliedAdapter] = []
    /// Made when the sequence first runs alone; one of a batch works in the batch's.
    lazy var workspace = DecoderWorkspace()

    package init(cache: KVCache) { self.cache = cache }
}

/// Scratch memory of a decoder, used again from call to call and layer to layer. Belongs to one call at a time.
package final class DecoderWorkspace {
    var rotaries: [RotaryEmbedding] = []
    /// The model that they belong to.
    var rotariesOwner: ObjectIdentifier?
    let hidden = FloatBuffer()
    let normed = FloatBuffer()
    let secondNormed = FloatBuffer()
    let queriesKeysValues = FloatBuffer()
    let latents = FloatBuffer()
    let attended = FloatBuffer()
    let projected = FloatBuffer()
    let gated = FloatBuffer()
    let raised = FloatBuffer()
    let routing = FloatBuffer()
    let gathered = FloatBuffer()
    let expertOutput = FloatBuffer()
    let adapted = FloatBuffer()
    let logits = FloatBuffer()

    package init() {}
}
