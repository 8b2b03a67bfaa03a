/// Attention of an encoder whose positions are rotary: each row sees all rows of its sequence, or those near it.
struct BidirectionalAttention: DecoderAttention {
    var queryKeyValue: Projection
    var output: Projection
    var attention: Attention
    /// Which of the model's rotary embeddings.
    var rotary: Int
    /// How far a row sees to either side; everything when nil.
    var reach: Int?

    var width: Int { output.outputs }
    var turning: Int? { rotary }

    func apply(
        _ x: UnsafePointer<Float>, layer: Int, batch: DecoderBatch, into output: UnsafeMutablePointer<Float>,
        epilogue: Epilogue
    ) {
        let (rows, pool, stride) = (batch.rows, batch.pool, queryKeyValue.outputs)
        let queries = batch.workspace.queriesKeysValues.reserve(rows * stride)
        let attended = batch.workspace.attended.reserve(rows * attention.queryHeads * attention.headDimension)
        queryKeyValue.apply(x, batch: batch, into: queries)
        batch.workspace.rotaries[rotary].apply(
            queries, rows: rows, heads: attention.queryHeads + attention.keyValueHeads, stride: stride, pool: pool)
        let offsets = batch.spans.map(\.rows.lowerBound) + [rows]
        attention.bidirectional(
            queriesKeysValues: queries, offsets: offsets, reach: reach, into: attended, pool: pool)
        self.output.apply(attended, batch: batch, into: output, epilogue: epilogue)
    }
}
