/// Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434, section 2.1): keys and values of all heads come from one
/// short vector per position, and only that and one turned key are kept.
///
/// The matrices that would unfold the vector are applied to the queries and to what was attended instead (the paper's
/// absorption), so that attention itself runs over a single head of keys which are their own values:
/// `[rotated key | latent]`.
struct LatentAttention: DecoderAttention {
    /// How a query is made: by one matrix, or by way of a short vector.
    enum Query: Sendable {
        case direct(Projection)
        case compressed(down: Projection, norm: RMSNorm, up: Projection)
    }

    var query: Query
    /// `[rank + turned, width]`
    var compress: Projection
    var latentNorm: RMSNorm
    /// For each head `[rank, plain]`: what a query's plain part is multiplied with.
    var absorbedKeys: [Linear]
    /// For each head `[valueDimension, rank]`.
    var absorbedValues: [Linear]
    var output: Projection
    /// Over one head of `turned + rank` elements.
    var attention: Attention
    var rotary: Int
    /// Elements of a query head that are turned, and that are not.
    var turned: Int
    var plain: Int

    var width: Int { output.outputs }
    var turning: Int? { rotary }
    private var rank: Int { latentNorm.weight.count }
    private var heads: Int { absorbedKeys.count }

    func apply(
        _ x: UnsafePointer<Float>, layer: Int, batch: DecoderBatch, into output: UnsafeMutablePointer<Float>,
        epilogue: Epilogue
    ) {
        let (rows, pool, size) = (batch.rows, batch.pool, turned + rank)
        let queries = absorbedQueries(x, batch: batch)
        let rotation = batch.workspace.rotaries[rotary]
        rotation.apply(queries, rows: rows, heads: heads, stride: heads * size, pool: pool)
        let keys = self.keys(x, batch: batch)
        rotation.apply(keys, rows: rows, heads: 1, stride: size, pool: pool)

        let spans = batch.attentionSpans(layer: layer)
        for span in spans {
            let new = keys + span.firstRow * size
            span.cache.store(keys: new, values: new, rows: span.rows, stride: size, at: span.first)
        }
        let attended = batch.workspace.attended.reserve(rows * heads * size)
        attention.causal(queries: queries, stride: heads * size, spans: spans, into: attended, pool: pool)
        self.output.apply(values(attended, batch: batch), batch: batch, into: output, epilogue: epilogue)
    }

    /// `[rows, heads, turned + rank]`
    private func absorbedQueries(_ x: UnsafePointer<Float>, batch: DecoderBatch) -> UnsafeMutablePointer<Float> {
        let (rows, size, headSize) = (batch.rows, turned + rank, plain + turned)
        let whole = batch.workspace.latents.reserve(rows * heads * headSize)
        switch query {
        case .direct(let matrix): matrix.apply(x, batch: batch, into: whole)
        case .compressed(let down, let norm, let up):
            let low = batch.workspace.gathered.reserve(rows * down.outputs)
            down.apply(x, batch: batch, into: low)
            norm.apply(low, rows: rows, into: low, pool: batch.pool)
            up.apply(low, batch: batch, into: whole)
        }
        let queries = batch.workspace.queriesKeysValues.reserve(rows * heads * size)
        let part = batch.workspace.gated.reserve(rows * plain)
        let latent = batch.workspace.raised.reserve(rows * rank)
        for (head, matrix) in absorbedKeys.enumerated() {
            for row in 0..<rows {
                let source = whole + (row * heads + head) * headSize
                (part + row * plain).update(from: source, count: plain)
                (queries + (row * heads + head) * size).update(from: source + plain, count: turned)
            }
            matrix.apply(part, rows: rows, into: latent, pool: batch.pool)
            for row in 0..<rows {
                (queries + (row * heads + head) * size + turned).update(from: latent + row * rank, count: rank)
            }
        }
        return queries
    }

    /// `[rows, turned + rank]`, not turned yet.
    private func keys(_ x: UnsafePointer<Float>, batch: DecoderBatch) -> UnsafeMutablePointer<Float> {
        let (rows, size) = (batch.rows, turned + rank)
        let stored = batch.workspace.gathered.reserve(rows * size)
        compress.apply(x, batch: batch, into: stored)
        let keys = batch.workspace.latents.reserve(rows * size)
        for row in 0..<rows {
            let (source, target) = (stored + row * size, keys + row * size)
            target.update(from: source + rank, count: turned)
            latentNorm.apply(source, rows: 1, into: target + turned, pool: nil)
        }
        return keys
    }

    /// `[rows, heads * valueDimension]` of `[rows, heads, turned + rank]`.
    private func values(_ attended: UnsafePointer<Float>, batch: DecoderBatch) -> UnsafePointer<Float> {
        let (rows, size, dimension) = (batch.rows, turned + rank, absorbedValues[0].outputs)
        let values = batch.workspace.latents.reserve(rows * heads * dimension)
        let latent = batch.workspace.raised.reserve(rows * rank)
        let part = batch.workspace.gated.reserve(rows * dimension)
        for (head, matrix) in absorbedValues.enumerated() {
            for row in 0..<rows {
                (latent + row * rank).update(from: attended + (row * heads + head) * size + turned, count: rank)
            }
            matrix.apply(latent, rows: rows, into: part, pool: batch.pool)
            for row in 0..<rows {
                (values + (row * heads + head) * dimension).update(from: part + row * dimension, count: dimension)
            }
        }
        return UnsafePointer(values)
    }
}
