internal import CKernels

/// Keys and values of one layer, as a cache holds them: `[keyValueHeads, capacity, headDimension]` each, so that one
/// head's positions lie next to each other.
package struct KeyValueCacheView {
    package let keys: UnsafeMutableRawPointer
    package let values: UnsafeMutableRawPointer
    /// `.f16`, `.f32`, or `.q8_0` where heads are whole blocks.
    package let type: TensorType
    package let heads: Int
    package let headDimension: Int
    /// Positions for which there is room.
    package let capacity: Int

    package init(
        keys: UnsafeMutableRawPointer, values: UnsafeMutableRawPointer, type: TensorType, heads: Int,
        headDimension: Int, capacity: Int
    ) {
        self.keys = keys
        self.values = values
        self.type = type
        self.heads = heads
        self.headDimension = headDimension
        self.capacity = capacity
    }

    /// Stores the keys and values of `rows` new positions from `position` on; they must fit into the capacity.
    ///
    /// - Parameters:
    ///   - newKeys: `[rows, heads * headDimension]`, rows `stride` floats apart; so are `newValues`.
    package func store(
        keys newKeys: UnsafePointer<Float>, values newValues: UnsafePointer<Float>, rows: Int, stride: Int,
        at position: Int
    ) {
        for row in 0..<rows {
            for head in 0..<heads {
                let source = row * stride + head * headDimension
                let target = (head * capacity + position + row) * rowBytes
                write(newKeys + source, to: keys + target)
                if values != keys { write(newValues + source, to: values + target) }
            }
        }
    }

    /// Stores one head of one position.
    func write(_ source: UnsafePointer<Float>, to target: UnsafeMutableRawPointer) {
        switch type {
        case .f16: ck_convert_f32_to_f16(source, target.assumingMemoryBound(to: UInt16.self), headDimension)
        case .q8_0: ck_quantize_q8_0(source, target, headDimension)
        default: target.assumingMemoryBound(to: Float.self).update(from: source, count: headDimension)
        }
    }

    private var rowBytes: Int { type.bytes(for: headDimension) }

    func head(_ head: Int) -> ck_head_cache {
        let offset = head * capacity * rowBytes
        return ck_head_cache(
            keys: keys + offset, values: values + offset, stride: headDimension, type: type.kernelType)
    }
}

/// Scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762), with fewer key and value heads than query heads
/// where the model has it so (Ainslie et al. 2023, arXiv:2305.13245). Scores of a long context are never all kept: they
/// are worked off in blocks that stay in cache (Dao et al. 2022, arXiv:2205.14135).
package struct Attention: Sendable {
    package let queryHeads: Int
    package let keyValueHeads: Int
    package let headDimension: Int
    /// Multiplies scores; 1/√headDimension unless the model says otherwise.
    package let scale: Float
    /// How many positions a row sees, itself included; all when nil. Beltagy et al. 2020, arXiv:2004.05150.
    package let window: Int?
    /// Bounds scores softly, as c · tanh(score / c).
    package let softCap: Float?
    private let isExact: Bool

    /// - Parameter precision: `.exact` for single precision throughout.
    package init(
        queryHeads: Int, keyValueHeads: Int, headDimension: Int, scale: Float? = nil, window: Int? = nil,
        softCap: Float? = nil, precision: ComputePrecision = .fast
    ) {
        self.window = window
        self.softCap = softCap
        self.queryHeads = queryHeads
        self.keyValueHeads = keyValueHeads
        self.headDimension = headDimension
        self.scale = scale ?? 1 / Float(headDimension).squareRoot()
        isExact = precision == .exact
    }

    /// Rows of one sequence of a decoder: row i stands at position `first + i`.
    package struct Span {
        /// Among the rows of the batch.
        package var firstRow: Int
        package var rows: Int
        package var first: Int
        /// Holds the keys and values of positions `0 ..< first + rows`, those of the rows themselves included.
        package var cache: KeyValueCacheView

        package init(firstRow: Int, rows: Int, first: Int, cache: KeyValueCacheView) {
            self.firstRow = firstRow
            self.rows = rows
            self.first = first
            self.cache = cache
        }
    }

    /// Attention of a decoder over one sequence: row i sees positions `0 ... first + i`, or as many of the last of them
    /// as the window holds.
    ///
    /// - Parameters:
    ///   - queries: `[rows, queryHeads * headDimension]`, rows `stride` floats apart.
    ///   - output: `[rows, queryHeads * headDimension]`, contiguous.
    package func causal(
        queries: UnsafePointer<Float>, stride: Int, rows: Int, first: Int, cache: KeyValueCacheView,
        into output: UnsafeMutablePointer<Float>, pool: ComputePool?
    ) {
        let span = Span(firstRow: 0, rows: rows, first: first, cache: cache)
        causal(queries: queries, stride: stride, spans: [span], into: output, pool: pool)
    }

    /// The same over several sequences, whose rows follow each other, in one parallel region.
    package func causal(
        queries: UnsafePointer<Float>, stride: Int, spans: [Span], into output: UnsafeMutablePointer<Float>,
        pool: ComputePool?
    ) {
        // Heads that share keys and values are worked on together unless threads would be left without work.
        let group = min(queryHeads / keyValueHeads, Self.fewHeads)
        let rows = spans.reduce(0) { $0 + min($1.rows, Self.fewRows) }
        let fewHeads = rows * (queryHeads / group) >= pool?.threads ?? 1 ? group : 1
        let jobs = spans.flatMap { self.jobs(of: $0, fewHeads: fewHeads) }
        spread(jobs.count, grain: 1, over: pool) { range in
            for job in jobs[range] { run(job, queries: queries, stride: stride, output: output) }
        }
    }

    /// Spans of fewer rows are worked on row by row.
    package static let fewRows = 16

    /// Heads that the kernel for a single row takes at once.
    private static let fewHeads = 4

    /// Neighbouring query heads of some rows, which share a head of keys and values.
    private struct Job {
        let span: Span
        let start: Int
        let rows: Int
        let head: Int
        let heads: Int
    }

    /// - Parameter fewHeads: heads of a job that has a single row.
    private func jobs(of span: Span, fewHeads: Int) -> [Job] {
        // A block's queries share the packing of keys. Few rows, as in decoding, are taken one by one: what comes out for a
        // row then does not depend on the rows beside it, nor on how many heads are worked on together.
        let isFew = span.rows < Self.fewRows
        let block = isFew ? 1 : 64
        let group = queryHeads / keyValueHeads
        let heads = isFew ? fewHeads : group
        var blocks: [Range<Int>] = []
        var start = 0
        while start < span.rows {
            let left = span.rows - start
            // A last block of few rows would be worked on in another way.
            let rows = !isFew && left < block + Self.fewRows ? left : block
            blocks.append(start..<start + rows)
            start += rows
        }
        var jobs: [Job] = []
        // Later rows see more: the long tasks go first, so that threads end together.
        for rows in blocks.reversed() {
            for first in Swift.stride(from: 0, to: queryHeads, by: group) {
                for head in Swift.stride(from: first, to: first + group, by: heads) {
                    let some = min(heads, first + group - head)
                    jobs.append(Job(span: span, start: rows.lowerBound, rows: rows.count, head: head, heads: some))
                }
            }
        }
        return jobs
    }

    private func run(
        _ job: Job, queries: UnsafePointer<Float>, stride: Int, output: UnsafeMutablePointer<Float>
    ) {
        let width = queryHeads * headDimension
        let row = job.span.firstRow + job.start
        let position = job.span.first + job.start
        let queries = queries + row * stride + job.head * headDimension
        let output = output + row * width + job.head * headDimension
        let cache = job.span.cache.head(job.head / (queryHeads / keyValueHeads))
        guard softCap != nil || position + job.rows > window ?? .max else {
            let kernel = isExact ? ck_attention : ck_attention_fast
            return kernel(
                queries, stride, job.rows, job.heads, cache, position + 1, 1, headDimension, scale, output, width)
        }
        for index in 0..<job.rows {
            let end = position + index + 1
            for head in 0..<job.heads {
                ck_attention_row(
                    queries + index * stride + head * headDimension, cache, max(0, end - (window ?? end)), end,
                    headDimension, scale, softCap ?? 0, output + index * width + head * headDimension)
            }
        }
    }

    /// Attention of an encoder over sequences that follow each other without padding: each row sees all rows of its own
    /// sequence. Query, key and value lie side by side in each row.
    ///
    /// - Parameters:
    ///   - queriesKeysValues: `[rows, (queryHeads + 2 * keyValueHeads) * headDimension]`
    ///   - offsets: where each sequence begins, and the number of rows last.
    ///   - reach: how far a row sees to either side; everything when nil.
    ///   - output: `[rows, queryHeads * headDimension]`
    package func bidirectional(
        queriesKeysValues: UnsafePointer<Float>, offsets: [Int], reach: Int? = nil,
        into output: UnsafeMutablePointer<Float>, pool: ComputePool?
    ) {
        let width = queryHeads * headDimension
        let stride = (queryHeads + 2 * keyValueHeads) * headDimension
        let group = queryHeads / keyValueHeads
        let kernel = isExact ? ck_attention : ck_attention_fast
        let task = { (task: Int) in
            let head = task % keyValueHeads
            let start = offsets[task / keyValueHeads]
            let length = offsets[task / keyValueHeads + 1] - start
            let queries = queriesKeysValues + start * stride
            let keys = queries + width + head * headDimension
            let cache = ck_head_cache(
                keys: keys, values: keys + keyValueHeads * headDimension, stride: stride, type: CK_F32)
            let first = head * group * headDimension
            let target = output + start * width + first
            guard let reach, reach + 1 < length else {
                return kernel(
                    queries + first, stride, length, group, cache, length, 0, headDimension, scale, target, width)
            }
            for row in 0..<length {
                for query in 0..<group {
                    let place = query * headDimension
                    ck_attention_row(
                        queries + row * stride + first + place, cache, max(0, row - reach), min(length, row + reach + 1),
                        headDimension, scale, 0, target + row * width + place)
                }
            }
        }
        spread(max(0, offsets.count - 1) * keyValueHeads, grain: 1, over: pool) { $0.forEach(task) }
    }
}
