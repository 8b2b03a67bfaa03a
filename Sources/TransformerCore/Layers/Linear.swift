internal import CKernels

/// How much exactness a product may give up for speed.
package enum ComputePrecision: Sendable {
    /// Weights as stored, arithmetic in single precision.
    case exact
    /// The fastest that this machine has without a loss that shows in results: 16-bit products of full-precision
    /// weights where the hardware has them, 16-bit activations against weights that are quantised already: outliers alone
    /// where weights have no more than six bits, or many rows meet and the hardware has AVX2 alone.
    case fast
    /// As `fast`, but full-precision weights, and activations, are rounded to 8 bits in blocks of 32 where the hardware
    /// multiplies bytes and not 16-bit numbers: three times as fast, at a cosine of 0.9997 to exact sentence vectors.
    case int8
}

/// What happens to each product, bias included, before it is stored.
package enum Epilogue: Sendable {
    /// output = product
    case store
    /// output += product
    case add
    /// output = gelu(product), by erf
    case gelu
    /// output = gelu(product), by tanh
    case geluTanh
    /// For a layer of two stacked matrices of the same height, gate and up: output = silu(gate) * up
    case siluGate
}

/// Why a layer cannot be made from a tensor.
package struct LinearError: Error, CustomStringConvertible, Equatable {
    package let tensor: String
    package let problem: String

    package var description: String {
        "Tensor \(tensor) \(problem). The model file is damaged or of an architecture that is not supported."
    }
}

/// A dense layer, y = W x + b, of one or several weight matrices that share their input (query, key and value; gate and
/// up): their outputs lie side by side in each output row.
package final class Linear: @unchecked Sendable {  // sound: nothing changes after init
    /// Width of an input row.
    package let inputs: Int
    /// Width of the product: the sum of the matrices' heights.
    package let outputs: Int

    let parts: [LinearPart]
    private let bias: [Float]?
    /// Multiplies many rows at once.
    private let engine: ck_engine
    /// Multiplies a few rows with weights as they are stored.
    private let rowEngine: ck_engine
    /// Blocks of activations with larger values, in units of their row's root mean square, are rounded to 16 bits instead of 8.
    private let outliers: Float

    /// With it one block in twelve has 16 bits, and the Kullback-Leibler divergence of a small Q4_1 model's predictions from
    /// those of exact activations is 0.0004, where 8 bits everywhere make it 0.0027 (docs/benchmarks.md).
    private static let outliersBesideCoarseWeights: Float = 6

    /// - Parameters:
    ///   - weights: matrices `[outputs, inputs]` with the same number of inputs, of any types.
    ///   - biases: one vector `[outputs]` for each matrix, or nil where it has none.
    ///   - packed: keeps a second copy of the weights in the order in which they are multiplied. For weights that meet
    ///     many rows again and again, as in an encoder; a decoder's stay in the mapped file.
    /// - Throws: `LinearError` when shapes do not fit together.
    package init(
        _ weights: [Tensor], biases: [Tensor?] = [], precision: ComputePrecision = .fast, packed: Bool = false
    ) throws(LinearError) {
        guard let first = weights.first, first.shape.count == 2, first.shape[1] > 0 else {
            throw LinearError(tensor: weights.first?.name ?? "(none)", problem: "is not a matrix")
        }
        let rounds = precision == .int8 && !ck_engine_available(CK_ENGINE_BF16) && ck_engine_available(CK_ENGINE_Q8)
        let quantised = weights.allSatisfy { $0.type.blockSize > 1 || rounds && $0.isRoundable }
        // Weights of so few bits have lost more than activations can.
        outliers = weights.allSatisfy { $0.type.bitsPerElement <= 6 } ? Self.outliersBesideCoarseWeights : 0
        rowEngine = Self.first([CK_ENGINE_ROWS], for: precision, quantised: quantised)
        // Where 16-bit activations cost no more than twice as much as 8 bits, they are worth it.
        let bytes = precision == .int8 ? [CK_ENGINE_Q8] : [CK_ENGINE_Q16, CK_ENGINE_Q8]
        engine = Self.first([CK_ENGINE_BF16] + bytes, for: precision, quantised: quantised)
        // Where many rows need weights as stored, keeping them in both orders would take twice the memory.
        let interleaves = !packed && ck_packs_interleaved(engine)
        var parts: [LinearPart] = []
        var bias: [Float] = []
        for (index, weight) in weights.enumerated() {
            let vector = index < biases.count ? biases[index] : nil
            let part = try LinearPart(
                rounds && quantised && weight.isRoundable ? weight.roundedToQ8() : weight, inputs: first.shape[1],
                column: bias.count, packedFor: packed ? engine : nil, interleavedFor: interleaves ? rowEngine : nil)
            bias += try Self.values(of: vector, count: part.outputs)
            parts.append(part)
        }
        self.inputs = first.shape[1]
        self.outputs = bias.count
        self.parts = parts
        self.bias = biases.contains { $0 != nil } ? bias : nil
    }

    /// A layer of one matrix.
    package convenience init(
        _ weight: Tensor, bias: Tensor? = nil, precision: ComputePrecision = .fast, packed: Bool = false
    ) throws(LinearError) {
        try self.init([weight], biases: [bias], precision: precision, packed: packed)
    }

    /// The first engine that this machine has, and single precision where it has none or exactness is wanted.
    private static func first(
        _ engines: [ck_engine], for precision: ComputePrecision, quantised: Bool
    ) -> ck_engine {
        guard precision != .exact else { return CK_ENGINE_F32 }
        return engines.first { ck_engine_available($0) && (quantised || $0 == CK_ENGINE_BF16) } ?? CK_ENGINE_F32
    }

    private static func values(of bias: Tensor?, count: Int) throws(LinearError) -> [Float] {
        guard let bias else { return [Float](repeating: 0, count: count) }
        guard bias.elementCount == count, let values = bias.floats() else {
            throw LinearError(tensor: bias.name, problem: "has the shape \(bias.shape), not [\(count)]")
        }
        return values
    }

    /// Width of an output row after the epilogue: half of `outputs` for `siluGate`.
    package func outputWidth(_ epilogue: Epilogue = .store) -> Int {
        epilogue == .siluGate ? outputs / 2 : outputs
    }

    /// Brings the weights into the order in which they are multiplied, if that has not been done: `apply` does so otherwise.
    package func prepare(_ pool: ComputePool?) { for part in parts { _ = part.weight(pool) } }

    /// Applies the layer to `rows` contiguous rows.
    ///
    /// - Parameters:
    ///   - input: `[rows, inputs]`; must not overlap `output`.
    ///   - output: `[rows, outputWidth(epilogue)]`
    ///   - epilogue: `siluGate` needs a layer of two matrices of the same height.
    ///   - pool: spreads the work over its threads; nil computes on the calling thread, as for callers that spread
    ///     whole sequences instead.
    package func apply(
        _ input: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>,
        epilogue: Epilogue = .store, pool: ComputePool?
    ) {
        guard rows > 0 else { return }
        precondition(epilogue != .siluGate || parts.count == 2 && parts[0].outputs == parts[1].outputs)
        withUnsafeTemporaryAllocation(of: ck_weight.self, capacity: parts.count) { weights in
            for (index, part) in parts.enumerated() { weights.initializeElement(at: index, to: part.weight(pool)) }
            bias.withOptionalPointer { bias in
                let finish = ck_finish(
                    epilogue: epilogue.kernelEpilogue, bias: bias, gatedOffset: parts[0].outputs, output: output,
                    stride: outputWidth(epilogue))
                if rows < fewRows {
                    multiplyFew(input, rows: rows, UnsafeBufferPointer(weights), finish: finish, pool: pool)
                } else {
                    multiplyMany(input, rows: rows, UnsafeBufferPointer(weights), finish: finish, pool: pool)
                }
            }
        }
    }

    /// Below this, reading the weights as they are stored costs less than packing them into panels.
    private var fewRows: Int { rowEngine == CK_ENGINE_ROWS ? 16 : 4 }

    /// Most rows at once for which the product of each is the same, to the last bit, as it would be alone.
    package var independentRows: Int { fewRows - 1 }

    /// So many outputs of a few rows stay in a first-level cache until they are finished.
    private static let outputsAtOnce = 512

    private func multiplyFew(
        _ input: UnsafePointer<Float>, rows: Int, _ weights: UnsafeBufferPointer<ck_weight>, finish: ck_finish,
        pool: ComputePool?
    ) {
        let activations = pack(input, rows: rows, for: rowEngine, pool: nil)
        let jobs = LinearJobs(
            weights: weights, gated: finish.epilogue == CK_SILU_GATE, width: Int(CK_INTERLEAVED_OUTPUTS))
        // Threads read long stretches of memory; some of them each, so that they end together.
        let grain = pool.map { max(1, jobs.count / (16 * $0.threads)) } ?? jobs.count
        let engine = rowEngine
        spread(jobs.count, grain: grain, most: max(1, Self.outputsAtOnce / (grain * jobs.width)), over: pool) { range in
            jobs.forEach(in: range) { weight, gated, sets in
                let begin = sets.lowerBound * jobs.width, end = min(sets.upperBound * jobs.width, weight.pointee.outputs)
                withUnsafePointer(to: finish) {
                    ck_multiply_rows(engine, weight, gated, begin, end, activations, rows, $0)
                }
            }
        }
    }

    private func multiplyMany(
        _ input: UnsafePointer<Float>, rows: Int, _ weights: UnsafeBufferPointer<ck_weight>, finish: ck_finish,
        pool: ComputePool?
    ) {
        let activations = pack(input, rows: rows, for: engine, pool: pool)
        let engine = engine
        let jobs = LinearJobs(
            weights: weights, gated: finish.epilogue == CK_SILU_GATE, width: ck_panel_outputs(engine))
        spread(jobs.count, grain: 1, over: pool) { range in
            jobs.forEach(in: range) { weight, gated, panels in
                withUnsafePointer(to: finish) {
                    for panel in panels { ck_multiply_panel(engine, weight, gated, panel, activations, 0, rows, $0) }
                }
            }
        }
    }

    /// The rows in the order in which the engine multiplies them, in memory of the calling thread.
    private func pack(
        _ input: UnsafePointer<Float>, rows: Int, for engine: ck_engine, pool: ComputePool?
    ) -> UnsafeRawPointer {
        let bytes = ck_activation_bytes(engine, rows, inputs)
        guard bytes > 0, let packed = ck_scratch(CK_SCRATCH_ACTIVATIONS, bytes) else {
            return UnsafeRawPointer(input)
        }
        spread(rows, grain: 64, over: pool) { range in
            ck_pack_activations(engine, input, range.lowerBound, range.count, inputs, outliers, packed)
        }
        return UnsafeRawPointer(packed)
    }
}

extension Epilogue {
    fileprivate var kernelEpilogue: ck_epilogue {
        switch self {
        case .store: CK_STORE
        case .add: CK_ADD
        case .gelu: CK_GELU
        case .geluTanh: CK_GELU_TANH
        case .siluGate: CK_SILU_GATE
        }
    }
}

extension Optional where Wrapped == [Float] {
    fileprivate func withOptionalPointer(_ body: (UnsafePointer<Float>?) -> Void) {
        guard let self else { return body(nil) }
        self.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
