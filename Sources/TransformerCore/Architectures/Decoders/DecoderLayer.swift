/// One layer of a decoder: attention, then feed-forward, each added to what came in.
struct DecoderLayer: Sendable {
    /// What the feed-forward part reads.
    enum Arrangement: Sendable {
        /// The sum of the layer's input and its attention, normalised.
        case sequential(Norm)
        /// The layer's input, normalised as for the attention, or otherwise: both parts can run side by side.
        case parallel(Norm?)
        /// The sum of the layer's input and its attention, normalised after adding; so is the sum that follows.
        case normalisedAfter(attention: Norm, feedForward: Norm)
    }

    var attentionNorm: Norm
    var attention: any DecoderAttention
    /// Normalises the attention's output before it is added.
    var attentionPostNorm: Norm?
    var arrangement: Arrangement
    var feedForward: any FeedForward
    /// Normalises the feed-forward output before it is added.
    var feedForwardPostNorm: Norm?

    /// `hidden`: `[rows, width]`, changed in place.
    ///
    /// - Parameter wanted: of the last layer, the rows that somebody asks for: only they pass the feed-forward part, and stand
    ///   next to each other at the beginning of `hidden` afterwards. All of them when nil.
    func forward(
        _ hidden: UnsafeMutablePointer<Float>, index: Int, batch: DecoderBatch, wanted: WantedRows? = nil
    ) {
        let width = attention.width
        let workspace = batch.workspace
        let normed = workspace.normed.reserve(batch.rows * width)
        let rest = wanted?.batch ?? batch
        attentionNorm.apply(hidden, rows: batch.rows, width: width, into: normed, pool: batch.pool)
        switch arrangement {
        case .sequential(let norm):
            add(attentionPostNorm, to: hidden, width, batch) { output, epilogue in
                attention.apply(normed, layer: index, batch: batch, into: output, epilogue: epilogue)
            }
            wanted?.gather(hidden, width: width)
            norm.apply(hidden, rows: rest.rows, width: width, into: normed, pool: batch.pool)
            add(feedForwardPostNorm, to: hidden, width, rest) { output, epilogue in
                feedForward.apply(normed, batch: rest, into: output, epilogue: epilogue)
            }
        case .parallel(let norm):
            var second = normed
            if let norm {
                second = workspace.secondNormed.reserve(batch.rows * width)
                norm.apply(hidden, rows: batch.rows, width: width, into: second, pool: batch.pool)
            }
            attention.apply(normed, layer: index, batch: batch, into: hidden, epilogue: .add)
            wanted?.gather(hidden, width: width)
            wanted?.gather(second, width: width)
            feedForward.apply(second, batch: rest, into: hidden, epilogue: .add)
        case .normalisedAfter(let attentionNorm, let feedForwardNorm):
            attention.apply(normed, layer: index, batch: batch, into: hidden, epilogue: .add)
            wanted?.gather(hidden, width: width)
            attentionNorm.apply(hidden, rows: rest.rows, width: width, into: hidden, pool: batch.pool)
            normed.update(from: hidden, count: rest.rows * width)
            feedForward.apply(normed, batch: rest, into: hidden, epilogue: .add)
            feedForwardNorm.apply(hidden, rows: rest.rows, width: width, into: hidden, pool: batch.pool)
        }
    }

    /// Adds what `part` makes to `hidden`, by way of a norm if there is one.
    private func add(
        _ norm: Norm?, to hidden: UnsafeMutablePointer<Float>, _ width: Int, _ batch: DecoderBatch,
        _ part: (_ output: UnsafeMutablePointer<Float>, _ epilogue: Epilogue) -> Void
    ) {
        guard let norm else { return part(hidden, .add) }
        let projected = batch.workspace.projected.reserve(batch.rows * width)
        part(projected, .store)
        norm.apply(projected, rows: batch.rows, width: width, into: projected, pool: batch.pool)
        VectorOperations.add(projected, to: hidden, count: batch.rows * width)
    }
}

/// The part of a layer that looks at other positions.
protocol DecoderAttention: Sendable {
    /// Elements of a row that goes in and comes out.
    var width: Int { get }
    /// Which of the decoder's rotary embeddings turns the keys; nil where none does.
    var turning: Int? { get }

    /// Stores the keys and values of `[rows, width]` normalised rows and writes `[rows, width]`.
    ///
    /// - Parameter epilogue: `.store` or `.add`.
    func apply(
        _ x: UnsafePointer<Float>, layer: Int, batch: DecoderBatch, into output: UnsafeMutablePointer<Float>,
        epilogue: Epilogue)
}

/// The part of a layer that looks at each position alone.
protocol FeedForward: Sendable {
    /// `[rows, width]` normalised rows to `[rows, width]`.
    ///
    /// - Parameter epilogue: `.store` or `.add`.
    func apply(
        _ x: UnsafePointer<Float>, batch: DecoderBatch, into output: UnsafeMutablePointer<Float>, epilogue: Epilogue)
}
