/// The frame that all decoders share: embeddings, layers, a last norm and the output matrix. An architecture's file says
/// what its layers are made of.
///
/// Holds weights only: any number of threads may use it at once.
package final class TransformerDecoder: DecoderModel {
    package let sizes: DecoderSizes
    package let vocabularyCount: Int
    package let parameterCount: Int
    package let independentRows: Int
    package let readsPromptsTogether: Bool
    package var contextLength: Int { sizes.contextLength }
    /// Elements of a hidden state.
    package var width: Int { sizes.width }

    private let parts: DecoderParts

    /// - Parameter isQuantised: whether all matrices are.
    init(_ parts: DecoderParts, sizes: DecoderSizes, parameterCount: Int, isQuantised: Bool) {
        self.parts = parts
        self.sizes = sizes
        self.parameterCount = parameterCount
        vocabularyCount = parts.embedding.rows
        readsPromptsTogether = !parts.layers.contains { $0.feedForward is MixtureOfExperts }
        // Matrices in plain numbers are multiplied as tiles from the fourth row on.
        independentRows = min(parts.output?.independentRows ?? Attention.fewRows - 1, isQuantised ? Attention.fewRows - 1 : 3)
    }

    package var layerRotaries: [RotaryEmbedding?]? {
        guard parts.positions == nil else { return nil }
        return parts.layers.map { $0.attention.turning.map { parts.rotaries[$0] } }
    }

    package func makeState(contextLimit: Int, cacheType: TensorType) -> DecoderState {
        DecoderState(
            cache: KVCache(
                layers: sizes.layers, heads: sizes.cacheHeads, headDimension: sizes.cacheDimension, type: cacheType,
                limit: contextLimit, keysOnly: sizes.keysOnly))
    }

    package func forward(
        _ tokens: UnsafeBufferPointer<Int32>, state: DecoderState, rows: LogitRows, pool: ComputePool?
    ) -> UnsafeBufferPointer<Float> {
        let segment = DecoderSegment(state: state, tokens: Array(tokens), rows: rows)
        return forward([segment], workspace: state.workspace, pool: pool)
    }

    package func forward(
        _ segments: [DecoderSegment], workspace: DecoderWorkspace, pool: ComputePool?
    ) -> UnsafeBufferPointer<Float> {
        let (states, rows) = hiddenStates(segments, workspace: workspace, pool: pool)
        guard rows > 0, let output = parts.output else { return UnsafeBufferPointer(start: nil, count: 0) }
        let count = rows * vocabularyCount
        let logits = workspace.logits.reserve(count)
        output.apply(states, rows: rows, into: logits, pool: pool)
        if parts.logitScale != 1 { VectorOperations.scale(logits, by: parts.logitScale, count: count) }
        if let cap = parts.logitCap { VectorOperations.softCap(logits, at: cap, count: count) }
        return UnsafeBufferPointer(start: logits, count: count)
    }

    /// As `forward`, but returns the hidden states after the last norm, `[rows, width]`: for decoders that embed.
    package func hiddenStates(
        _ segments: [DecoderSegment], workspace: DecoderWorkspace, pool: ComputePool?
    ) -> (states: UnsafePointer<Float>, rows: Int) {
        let batch = DecoderBatch(
            segments.map { ($0.state, $0.tokens.count) }, workspace: workspace, pool: pool)
        // The largest matrix goes first, while the others' memory is not taken yet.
        parts.output?.prepare(pool)
        let hidden = workspace.hidden.reserve(batch.rows * width)
        embed(segments, batch: batch, into: hidden)
        if batch.rows >= Attention.fewRows { parts.embedding.releasePages() }
        for segment in segments { segment.state.cache.reserve(segment.tokens.count) }
        prepareRotaries(batch)
        let wanted = WantedRows(segments, of: batch)
        for (index, layer) in parts.layers.enumerated() {
            layer.forward(hidden, index: index, batch: batch, wanted: index + 1 == parts.layers.count ? wanted : nil)
        }
        for segment in segments { segment.state.cache.advance(segment.tokens.count) }
        if parts.layers.isEmpty { wanted.gather(hidden, width: width) }
        let normed = workspace.normed.reserve(max(1, wanted.rows.count) * width)
        parts.outputNorm.apply(hidden, rows: wanted.rows.count, width: width, into: normed, pool: pool)
        return (UnsafePointer(normed), wanted.rows.count)
    }

    private func embed(_ segments: [DecoderSegment], batch: DecoderBatch, into hidden: UnsafeMutablePointer<Float>) {
        for (segment, span) in zip(segments, batch.spans) {
            for (index, token) in segment.tokens.enumerated() {
                let row = hidden + (span.rows.lowerBound + index) * width
                parts.embedding.copyRow(Int(token), to: row)
                if parts.embeddingScale != 1 { VectorOperations.scale(row, by: parts.embeddingScale, count: width) }
                if !parts.addedToEmbeddings.isEmpty { VectorOperations.add(parts.addedToEmbeddings, to: row, count: width) }
            }
        }
        parts.embeddingNorm.apply(hidden, rows: batch.rows, width: width, into: hidden, pool: batch.pool)
        guard let positions = parts.positions else { return }
        let learned = batch.workspace.normed.reserve(width)
        for (row, position) in batch.positions.enumerated() {
            positions.copyRow(position, to: learned)
            VectorOperations.add(learned, to: hidden + row * width, count: width)
        }
    }

    private func prepareRotaries(_ batch: DecoderBatch) {
        let workspace = batch.workspace
        if workspace.rotariesOwner != ObjectIdentifier(self) {
            workspace.rotaries = parts.rotaries
            workspace.rotariesOwner = ObjectIdentifier(self)
        }
        for index in workspace.rotaries.indices { workspace.rotaries[index].prepare(positions: batch.positions) }
    }
}

/// What an architecture's file makes of a model file.
struct DecoderParts: Sendable {
    var embedding: EmbeddingTable
    /// Multiplies embeddings as they come from the table.
    var embeddingScale: Float = 1
    /// Added to each embedding.
    var addedToEmbeddings: [Float] = []
    /// Normalises embeddings.
    var embeddingNorm: Norm = .none
    /// Learned positions `[contextLength, width]`, added to the embeddings.
    var positions: EmbeddingTable?
    /// One for each way in which layers turn their heads.
    var rotaries: [RotaryEmbedding] = []
    var layers: [DecoderLayer]
    var outputNorm: Norm
    /// Nil for models that only embed.
    var output: Linear?
    var logitScale: Float = 1
    /// Bounds logits softly.
    var logitCap: Float?
}
