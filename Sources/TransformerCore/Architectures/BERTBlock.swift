/// One layer of a BERT encoder: attention, then feed-forward, each added to what came in and normalised.
struct BERTBlock: Sendable {
    private let queryKeyValue: Linear
    private let attentionOutput: Linear
    private let attentionNorm: LayerNorm
    private let up: Linear
    private let down: Linear
    private let outputNorm: LayerNorm
    private let activation: Epilogue

    init(
        _ weights: BERTWeights, index: Int, configuration: BERTConfiguration, precision: ComputePrecision
    ) throws {
        let width = configuration.width
        let feedForward = configuration.feedForwardWidth
        func linear(_ layers: [BERTTensorNames.Layer], _ outputs: Int, _ inputs: Int) throws -> Linear {
            try Linear(
                layers.map { try weights.weight(index, $0, shape: [outputs, inputs]) },
                biases: layers.map { try weights.bias(index, $0, count: outputs) }, precision: precision, packed: true)
        }
        queryKeyValue = try linear([.query, .key, .value], width, width)
        attentionOutput = try linear([.attentionOutput], width, width)
        attentionNorm = try weights.norm(index, .attentionNorm, configuration: configuration)
        up = try linear([.up], feedForward, width)
        down = try linear([.down], width, feedForward)
        outputNorm = try weights.norm(index, .outputNorm, configuration: configuration)
        activation = configuration.usesTanhGELU ? .geluTanh : .gelu
    }

    /// `hidden`: `[rows, width]`, changed in place; sequence i has rows `offsets[i]..<offsets[i + 1]`.
    func forward(
        _ hidden: UnsafeMutablePointer<Float>, offsets: [Int], attention: Attention, workspace: BERTWorkspace,
        pool: ComputePool?
    ) {
        let rows = offsets[offsets.count - 1]
        let width = attentionOutput.outputs
        let queries = workspace.queriesKeysValues.reserve(rows * queryKeyValue.outputs)
        let attended = workspace.attended.reserve(rows * width)
        let projected = workspace.projected.reserve(rows * width)
        let raised = workspace.raised.reserve(rows * up.outputs)

        queryKeyValue.apply(hidden, rows: rows, into: queries, pool: pool)
        attention.bidirectional(queriesKeysValues: queries, offsets: offsets, into: attended, pool: pool)
        attentionOutput.apply(attended, rows: rows, into: projected, pool: pool)
        attentionNorm.apply(projected, adding: hidden, rows: rows, into: hidden, pool: pool)
        up.apply(hidden, rows: rows, into: raised, epilogue: activation, pool: pool)
        down.apply(raised, rows: rows, into: projected, pool: pool)
        outputNorm.apply(projected, adding: hidden, rows: rows, into: hidden, pool: pool)
    }
}

/// Scratch memory of one thread, used again from group to group.
final class BERTWorkspace: @unchecked Sendable {  // sound: each worker of a region has its own
    let hidden = FloatBuffer()
    let queriesKeysValues = FloatBuffer()
    let attended = FloatBuffer()
    let projected = FloatBuffer()
    let raised = FloatBuffer()
}
