/// Rows of one or several sequences on their way through the layers of a decoder.
struct DecoderBatch {
    /// The rows of one sequence.
    struct Span {
        let state: DecoderState
        /// Among the rows of the batch.
        let rows: Range<Int>
        /// Position of the first row in its sequence.
        let first: Int
    }

    let spans: [Span]
    let rows: Int
    let workspace: DecoderWorkspace
    let pool: ComputePool?
    /// Whether some sequence runs with adapters.
    let hasAdapters: Bool

    init(_ segments: [(state: DecoderState, count: Int)], workspace: DecoderWorkspace, pool: ComputePool?) {
        var spans: [Span] = []
        var row = 0
        for segment in segments {
            spans.append(
                Span(state: segment.state, rows: row..<row + segment.count, first: segment.state.cache.count))
            row += segment.count
        }
        self.spans = spans
        rows = row
        self.workspace = workspace
        self.pool = pool
        hasAdapters = segments.contains { !$0.state.adapters.isEmpty }
    }

    /// Position of each row in its sequence.
    var positions: [Int] { spans.flatMap { span in span.first..<span.first + span.rows.count } }

    /// Each sequence's rows, and its keys and values in one layer.
    func attentionSpans(layer: Int) -> [Attention.Span] {
        spans.map { span in
            Attention.Span(
                firstRow: span.rows.lowerBound, rows: span.rows.count, first: span.first,
                cache: span.state.cache.view(layer: layer))
        }
    }
}

/// The rows of a batch that somebody asks for.
struct WantedRows {
    /// Among the rows of the batch, ascending.
    let rows: [Int]
    /// They alone.
    let batch: DecoderBatch

    init(_ segments: [DecoderSegment], of batch: DecoderBatch) {
        let wanted = zip(segments, batch.spans).map { segment, span in
            segment.rows.indices(of: segment.tokens.count).map { span.rows.lowerBound + $0 }
        }
        rows = wanted.flatMap { $0 }
        self.batch = DecoderBatch(
            zip(segments, wanted).map { ($0.state, $1.count) }, workspace: batch.workspace, pool: batch.pool)
    }

    /// Moves them next to each other, to the beginning of `[rows, width]`.
    func gather(_ values: UnsafeMutablePointer<Float>, width: Int) {
        // Rows move down or stay, so none is overwritten before it is read.
        for (index, row) in rows.enumerated() where index != row {
            (values + index * width).update(from: values + row * width, count: width)
        }
    }
}
