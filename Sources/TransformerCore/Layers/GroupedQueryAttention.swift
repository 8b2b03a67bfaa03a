/// Attention with a projection for queries, keys and values that lie side by side, as most decoders have it.
struct GroupedQueryAttention: DecoderAttention {
    var queryKeyValue: Projection
    var output: Projection
    var attention: Attention
    /// Normalise each query and key head before it is turned (Qwen 3, Gemma 3).
    var queryNorm: RMSNorm?
    var keyNorm: RMSNorm?
    /// Which of the decoder's rotary embeddings; nil where positions are learned.
    var rotary: Int?

    var width: Int { output.outputs }
    var turning: Int? { rotary }

    func apply(
        _ x: UnsafePointer<Float>, layer: Int, batch: DecoderBatch, into output: UnsafeMutablePointer<Float>,
        epilogue: Epilogue
    ) {
        let (rows, pool, stride) = (batch.rows, batch.pool, queryKeyValue.outputs)
        let dimension = attention.headDimension
        let queryWidth = attention.queryHeads * dimension
        let queries = batch.workspace.queriesKeysValues.reserve(rows * stride)
        let attended = batch.workspace.attended.reserve(rows * queryWidth)

        queryKeyValue.apply(x, batch: batch, into: queries)
        let keys = queries + queryWidth
        queryNorm?.applyToHeads(queries, rows: rows, heads: attention.queryHeads, stride: stride, pool: pool)
        keyNorm?.applyToHeads(keys, rows: rows, heads: attention.keyValueHeads, stride: stride, pool: pool)
        if let rotary {
            // Query and key heads lie next to each other: one pass turns them all.
            batch.workspace.rotaries[rotary].apply(
                queries, rows: rows, heads: attention.queryHeads + attention.keyValueHeads, stride: stride, pool: pool)
        }
        let spans = batch.attentionSpans(layer: layer)
        for span in spans {
            let row = span.firstRow * stride
            span.cache.store(
                keys: keys + row, values: keys + row + attention.keyValueHeads * dimension, rows: span.rows,
                stride: stride, at: span.first)
        }
        attention.causal(queries: queries, stride: stride, spans: spans, into: attended, pool: pool)
        self.output.apply(attended, batch: batch, into: output, epilogue: epilogue)
    }
}
