internal import CKernels

/// Low-rank additions (LoRA, Hu et al. 2021, arXiv:2106.09685) that are applied while a model runs, so that several can
/// stand beside one base model. Immutable: any number of sequences may use it at once.
package final class RuntimeAdapter: Sendable {
    /// y += scale · B (A x) for one weight.
    struct Pair: Sendable {
        /// `[rank, inputs]`
        let a: Linear
        /// `[outputs, rank]`
        let b: Linear
        let scale: Float
    }

    package let path: String
    private let pairs: [String: Pair]

    init(path: String, pairs: [String: Pair]) {
        self.path = path
        self.pairs = pairs
    }

    /// Names of the weights that it adds to, as the model file calls them.
    package var weights: [String] { pairs.keys.sorted() }

    func pair(of weight: String) -> Pair? { pairs[weight] }
}

/// An adapter and how strongly it works on a sequence.
package struct AppliedAdapter: Sendable {
    package let adapter: RuntimeAdapter
    /// Multiplies the adapter's own scale (alpha / rank).
    package let strength: Float

    package init(_ adapter: RuntimeAdapter, strength: Float = 1) {
        self.adapter = adapter
        self.strength = strength
    }

    /// Adds what the adapter has for a weight to `rows` rows of its product.
    ///
    /// - Parameters:
    ///   - firstRow: the weight's output that belongs to the first column.
    ///   - output: `[rows, columns]`, rows `stride` floats apart.
    func add(
        to weight: String, firstRow: Int, _ x: UnsafePointer<Float>, rows: Int,
        into output: UnsafeMutablePointer<Float>, columns: Int, stride: Int, pool: ComputePool?
    ) {
        guard let pair = adapter.pair(of: weight), pair.b.outputs >= firstRow + columns else { return }
        var low = [Float](repeating: 0, count: rows * pair.a.outputs)
        var high = [Float](repeating: 0, count: rows * pair.b.outputs)
        pair.a.apply(x, rows: rows, into: &low, pool: pool)
        pair.b.apply(low, rows: rows, into: &high, pool: pool)
        high.withUnsafeBufferPointer { high in
            guard let high = high.baseAddress else { return }
            for row in 0..<rows {
                ck_add_scaled(
                    output + row * stride, high + row * pair.b.outputs + firstRow, pair.scale * strength, columns)
            }
        }
    }
}
