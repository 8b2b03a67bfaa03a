/// A decoder of the Llama family (Touvron et al. 2023, arXiv:2302.13971): RMS norm before each part, grouped-query
/// attention with rotary embedding, gated feed-forward with SiLU, output tied to the embeddings where the file has no
/// matrix of its own. Llama 1 to 3, Mistral, SmolLM2; Qwen 2 with its biases on query, key and value.
package final class LlamaDecoder: DecoderModel {
    package let configuration: LlamaConfiguration
    package let vocabularyCount: Int
    package let parameterCount: Int
    package var contextLength: Int { configuration.contextLength }

    private let embedding: EmbeddingTable
    private let blocks: [LlamaBlock]
    private let outputNorm: RMSNorm
    private let output: Linear
    private let rotary: RotaryEmbedding
    private let attention: Attention

    /// - Parameter layout: which elements of a head the rotary embedding pairs, in this file's weights.
    /// - Throws: `ModelFileError` naming the key or tensor that is missing or wrong.
    init(_ file: GGUFFile, layout: RotaryLayout, precision: ComputePrecision) throws {
        let configuration = try LlamaConfiguration(file)
        let width = configuration.width
        let embeddingTensor = try file.tensor("token_embd.weight")
        guard embeddingTensor.shape.count == 2, embeddingTensor.shape[1] == width else {
            throw ModelFileError.wrongShape(
                file: file.path, tensor: embeddingTensor.name, found: embeddingTensor.shape,
                expected: [embeddingTensor.shape[0], width])
        }
        let vocabulary = embeddingTensor.shape[0]
        self.configuration = configuration
        vocabularyCount = vocabulary
        parameterCount = file.tensors.values.reduce(0) { $0 + $1.elementCount }
        embedding = try EmbeddingTable(embeddingTensor)
        let separate = file.contains(tensor: "output.weight")
        output = try Linear(
            separate ? file.tensor("output.weight", shape: [vocabulary, width]) : embeddingTensor, precision: precision)
        outputNorm = RMSNorm(
            weight: try file.floats("output_norm.weight", count: width), epsilon: configuration.normEpsilon)
        blocks = try (0..<configuration.layers).map { index in
            try LlamaBlock(file, index: index, configuration: configuration, precision: precision)
        }
        rotary = try Self.rotary(file, configuration: configuration, layout: layout)
        attention = Attention(
            queryHeads: configuration.queryHeads, keyValueHeads: configuration.keyValueHeads,
            headDimension: configuration.headDimension, precision: precision)
    }

    package func makeState(contextLimit: Int, cacheType: TensorType) -> DecoderState {
        DecoderState(
            cache: KVCache(
                layers: configuration.layers, heads: configuration.keyValueHeads,
                headDimension: configuration.headDimension, type: cacheType, limit: contextLimit),
            rotary: rotary)
    }

    package func forward(
        _ tokens: UnsafeBufferPointer<Int32>, state: DecoderState, rows: LogitRows, pool: ComputePool?
    ) -> UnsafeBufferPointer<Float> {
        let width = configuration.width
        let hidden = state.hidden.reserve(tokens.count * width)
        for (row, token) in tokens.enumerated() { embedding.copyRow(Int(token), to: hidden + row * width) }

        state.cache.reserve(tokens.count)
        state.rotary.prepare(first: state.cache.count, rows: tokens.count)
        for (index, block) in blocks.enumerated() {
            block.forward(
                hidden, rows: tokens.count, cache: state.cache.view(layer: index), state: state, attention: attention,
                pool: pool)
        }
        state.cache.advance(tokens.count)
        return logits(hidden, count: tokens.count, state: state, rows: rows, pool: pool)
    }

    private func logits(
        _ hidden: UnsafeMutablePointer<Float>, count: Int, state: DecoderState, rows: LogitRows, pool: ComputePool?
    ) -> UnsafeBufferPointer<Float> {
        let wanted =
            switch rows {
            case .none: 0
            case .last: min(1, count)
            case .all: count
            }
        guard wanted > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
        let width = configuration.width
        let normed = state.normed.reserve(wanted * width)
        outputNorm.apply(hidden + (count - wanted) * width, rows: wanted, into: normed, pool: pool)
        let logits = state.logits.reserve(wanted * vocabularyCount)
        output.apply(normed, rows: wanted, into: logits, pool: pool)
        return UnsafeBufferPointer(start: logits, count: wanted * vocabularyCount)
    }

    /// Llama 3 stretches its context by factors for each pair of elements, which the file holds as a tensor.
    private static func rotary(
        _ file: GGUFFile, configuration: LlamaConfiguration, layout: RotaryLayout
    ) throws -> RotaryEmbedding {
        let name = "rope_freqs.weight"
        let factors =
            file.contains(tensor: name) ? try file.floats(name, count: configuration.headDimension / 2) : []
        return RotaryEmbedding(
            headDimension: configuration.headDimension, base: configuration.ropeBase, layout: layout, factors: factors,
            positionScale: configuration.ropePositionScale)
    }
}

/// One layer of the decoder: attention, then feed-forward, each added to what came in.
private struct LlamaBlock: Sendable {
    let configuration: LlamaConfiguration
    let attentionNorm: RMSNorm
    let queryKeyValue: Linear
    let attentionOutput: Linear
    let feedForwardNorm: RMSNorm
    let gateUp: Linear
    let down: Linear

    init(_ file: GGUFFile, index: Int, configuration: LlamaConfiguration, precision: ComputePrecision) throws {
        let width = configuration.width
        let queryWidth = configuration.queryHeads * configuration.headDimension
        let keyWidth = configuration.keyValueHeads * configuration.headDimension
        let feedForward = configuration.feedForwardWidth
        func weight(_ name: String, _ shape: [Int]) throws -> Tensor {
            try file.tensor("blk.\(index).\(name).weight", shape: shape)
        }
        func bias(_ name: String, _ count: Int) throws -> Tensor? {
            let name = "blk.\(index).\(name).bias"
            return file.contains(tensor: name) ? try file.tensor(name, shape: [count]) : nil
        }
        func norm(_ name: String) throws -> RMSNorm {
            RMSNorm(
                weight: try file.floats("blk.\(index).\(name).weight", count: width),
                epsilon: configuration.normEpsilon)
        }
        self.configuration = configuration
        attentionNorm = try norm("attn_norm")
        queryKeyValue = try Linear(
            [
                weight("attn_q", [queryWidth, width]), weight("attn_k", [keyWidth, width]),
                weight("attn_v", [keyWidth, width]),
            ],
            biases: [bias("attn_q", queryWidth), bias("attn_k", keyWidth), bias("attn_v", keyWidth)],
            precision: precision)
        attentionOutput = try Linear(
            weight("attn_output", [width, queryWidth]), bias: bias("attn_output", width), precision: precision)
        feedForwardNorm = try norm("ffn_norm")
        gateUp = try Linear(
            [weight("ffn_gate", [feedForward, width]), weight("ffn_up", [feedForward, width])], precision: precision)
        down = try Linear(weight("ffn_down", [width, feedForward]), precision: precision)
    }

    /// `hidden`: `[rows, width]`, changed in place.
    func forward(
        _ hidden: UnsafeMutablePointer<Float>, rows: Int, cache: KeyValueCacheView, state: DecoderState,
        attention: Attention, pool: ComputePool?
    ) {
        let first = state.cache.count
        let stride = queryKeyValue.outputs
        let queryWidth = configuration.queryHeads * configuration.headDimension
        let keyWidth = configuration.keyValueHeads * configuration.headDimension
        let normed = state.normed.reserve(rows * configuration.width)
        let queries = state.queriesKeysValues.reserve(rows * stride)
        let attended = state.attended.reserve(rows * queryWidth)

        attentionNorm.apply(hidden, rows: rows, into: normed, pool: pool)
        queryKeyValue.apply(normed, rows: rows, into: queries, pool: pool)
        // Query and key heads lie next to each other: one pass turns them all.
        state.rotary.apply(
            queries, rows: rows, heads: configuration.queryHeads + configuration.keyValueHeads, stride: stride,
            pool: pool)
        cache.store(
            keys: queries + queryWidth, values: queries + queryWidth + keyWidth, rows: rows, stride: stride, at: first)
        attention.causal(
            queries: queries, stride: stride, rows: rows, first: first, cache: cache, into: attended, pool: pool)
        attentionOutput.apply(attended, rows: rows, into: hidden, epilogue: .add, pool: pool)

        let gated = state.gated.reserve(rows * configuration.feedForwardWidth)
        feedForwardNorm.apply(hidden, rows: rows, into: normed, pool: pool)
        gateUp.apply(normed, rows: rows, into: gated, epilogue: .siluGate, pool: pool)
        down.apply(gated, rows: rows, into: hidden, epilogue: .add, pool: pool)
    }
}
