internal import CKernels
#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// How a mixture of experts chooses for each row, and how strongly the chosen count.
struct ExpertRouting: Sendable, Equatable {
    enum Gating: Sendable {
        case softmax
        case sigmoid
    }

    var gating: Gating
    /// Experts that work on a row.
    var used: Int
    /// Whether the weights of the chosen are scaled to a sum of 1.
    var normalises: Bool
    /// Multiplies the weights.
    var scale: Float = 1
    /// Added to probabilities when choosing, not when weighing (DeepSeek-V3, arXiv:2412.19437, section 2.1.2).
    var bias: [Float] = []
    /// Experts are in this many groups of equal size, and only those of the best `usedGroups` are chosen from.
    var groups = 1
    var usedGroups = 1

    /// The experts for one row and their weights.
    ///
    /// - Parameter logits: one per expert; changed.
    func choose(_ logits: UnsafeMutableBufferPointer<Float>) -> [(expert: Int, weight: Float)] {
        guard let base = logits.baseAddress else { return [] }
        switch gating {
        case .softmax: ck_softmax(base, logits.count)
        case .sigmoid: for index in logits.indices { logits[index] = 1 / (1 + expf(-logits[index])) }
        }
        let scores = logits.indices.map { logits[$0] + (bias.isEmpty ? 0 : bias[$0]) }
        let chosen = Self.largest(used, of: candidates(scores)) { scores[$0] }
        let sum = chosen.reduce(0) { $0 + logits[$1] }
        let factor = scale * (normalises ? 1 / max(sum, .leastNormalMagnitude) : 1)
        return chosen.map { ($0, logits[$0] * factor) }
    }

    /// Experts of the best groups. A group counts as its two best where experts are weighed by a sigmoid, else as its
    /// best: the rules of DeepSeek-V3 and of DeepSeek-V2 (arXiv:2405.04434, section 2.2.2).
    private func candidates(_ scores: [Float]) -> [Int] {
        guard groups > 1 else { return Array(scores.indices) }
        let size = scores.count / groups
        let values = (0..<groups).map { group in
            let best = scores[group * size..<(group + 1) * size].sorted(by: >)
            return best.prefix(gating == .sigmoid ? 2 : 1).reduce(0, +)
        }
        return Self.largest(usedGroups, of: Array(values.indices)) { values[$0] }
            .flatMap { Array($0 * size..<($0 + 1) * size) }
    }

    private static func largest(_ count: Int, of indices: [Int], by value: (Int) -> Float) -> [Int] {
        Array(indices.sorted { (value($0), $1) > (value($1), $0) }.prefix(count))
    }
}

/// Feed-forward parts of which each row passes a few (Shazeer et al. 2017, arXiv:1701.06538), and where the model has
/// one, a part that all rows pass.
struct MixtureOfExperts: FeedForward {
    struct Expert: Sendable {
        /// `[2 * feedForward, width]`
        let gateUp: Linear
        let down: Linear
    }

    let routing: ExpertRouting
    let router: Projection
    let experts: [Expert]
    let shared: GatedFeedForward?

    private struct Assignment {
        let row: Int
        let weight: Float
    }

    func apply(
        _ x: UnsafePointer<Float>, batch: DecoderBatch, into output: UnsafeMutablePointer<Float>, epilogue: Epilogue
    ) {
        let width = router.inputs
        if epilogue != .add { output.update(repeating: 0, count: batch.rows * width) }
        let assigned = assignments(x, batch: batch)
        for (expert, rows) in zip(experts, assigned) where !rows.isEmpty {
            add(expert, x, rows, batch: batch, into: output)
        }
        shared?.apply(x, batch: batch, into: output, epilogue: .add)
    }

    /// The rows of each expert.
    private func assignments(_ x: UnsafePointer<Float>, batch: DecoderBatch) -> [[Assignment]] {
        let logits = batch.workspace.routing.reserve(batch.rows * experts.count)
        router.apply(x, batch: batch, into: logits)
        var assigned = [[Assignment]](repeating: [], count: experts.count)
        for row in 0..<batch.rows {
            let own = UnsafeMutableBufferPointer(start: logits + row * experts.count, count: experts.count)
            for (expert, weight) in routing.choose(own) {
                assigned[expert].append(Assignment(row: row, weight: weight))
            }
        }
        return assigned
    }

    private func add(
        _ expert: Expert, _ x: UnsafePointer<Float>, _ assigned: [Assignment], batch: DecoderBatch,
        into output: UnsafeMutablePointer<Float>
    ) {
        let width = router.inputs
        let gathered = batch.workspace.gathered.reserve(assigned.count * width)
        for (index, assignment) in assigned.enumerated() {
            (gathered + index * width).update(from: x + assignment.row * width, count: width)
        }
        let gated = batch.workspace.gated.reserve(assigned.count * expert.down.inputs)
        let results = batch.workspace.expertOutput.reserve(assigned.count * width)
        expert.gateUp.apply(gathered, rows: assigned.count, into: gated, epilogue: .siluGate, pool: batch.pool)
        expert.down.apply(gated, rows: assigned.count, into: results, pool: batch.pool)
        for (index, assignment) in assigned.enumerated() {
            ck_add_scaled(output + assignment.row * width, results + index * width, assignment.weight, width)
        }
    }
}
