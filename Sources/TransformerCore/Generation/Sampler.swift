internal import CKernels
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Chooses the next token from a model's logits: repetition penalty, temperature, top-k, top-p, min-p, then a draw.
/// Probabilities are renormalised once, after all cuts; each cut looks at those of the one before.
package struct Sampler: Sendable {
    package let parameters: SamplingParameters
    private var random: Xoshiro256

    /// Throws `GenerationError.invalidOption` for a value that means nothing.
    package init(_ parameters: SamplingParameters = SamplingParameters()) throws(GenerationError) {
        try parameters.validate()
        self.parameters = parameters
        random = Xoshiro256(seed: parameters.seed)
    }

    /// - Parameters:
    ///   - logits: one for each id; changed by the repetition penalty.
    ///   - history: all tokens so far, prompt included.
    /// - Throws: `GenerationError.notANumber` when a logit is not a number or all are infinitely low.
    package mutating func sample(
        _ logits: inout [Float], history: [Int32]
    ) throws(GenerationError) -> Int32 {
        penalise(&logits, history: history)
        let best = try Self.mostLikely(logits, position: history.count)
        guard parameters.temperature > 0 else { return best }
        var candidates = weights(logits, best: logits[Int(best)])
        if parameters.topK > 0 { candidates = Self.topK(candidates, parameters.topK) }
        if parameters.topP < 1 { candidates = Self.topP(candidates, parameters.topP) }
        // The most likely token's weight is 1, and no cut removes it.
        if parameters.minP > 0 { candidates.removeAll { $0.weight < parameters.minP } }
        return draw(candidates) ?? best
    }

    /// The id with the highest logit, the lowest id among equals.
    package static func mostLikely(
        _ logits: UnsafeBufferPointer<Float>, position: Int = 0
    ) throws(GenerationError) -> Int32 {
        let best = logits.baseAddress.map { ck_largest($0, logits.count) } ?? -1
        guard best >= 0 else { throw .notANumber(position: position) }
        return Int32(best)
    }

    package static func mostLikely(_ logits: [Float], position: Int = 0) throws(GenerationError) -> Int32 {
        try logits.withUnsafeBufferPointer { (logits) throws(GenerationError) in
            try mostLikely(logits, position: position)
        }
    }

    /// Whether the choice is the highest logit as it stands, so that they need not be copied to be changed.
    var takesMostLikely: Bool { parameters.temperature <= 0 && parameters.repetitionPenalty == 1 }

    private func penalise(_ logits: inout [Float], history: [Int32]) {
        guard parameters.repetitionPenalty != 1 else { return }
        let penalty = Float(parameters.repetitionPenalty)
        for id in Set(history.suffix(parameters.repetitionWindow)) where logits.indices.contains(Int(id)) {
            let logit = logits[Int(id)]
            logits[Int(id)] = logit > 0 ? logit / penalty : logit * penalty
        }
    }

    private struct Candidate {
        let id: Int32
        /// Probability relative to the most likely token's.
        let weight: Double

        /// Before another: likelier, or as likely with a lower id. A total order, so cuts never depend on sorting.
        func precedes(_ other: Candidate) -> Bool {
            weight != other.weight ? weight > other.weight : id < other.id
        }
    }

    /// Ids that are excluded (-infinity) are no candidates: rounding must never let a draw end on one.
    private func weights(_ logits: [Float], best: Float) -> [Candidate] {
        var candidates: [Candidate] = []
        candidates.reserveCapacity(logits.count)
        for (id, logit) in logits.enumerated() where logit > -.infinity {
            candidates.append(Candidate(id: Int32(id), weight: exp(Double(logit - best) / parameters.temperature)))
        }
        return candidates
    }

    private static func topK(_ candidates: [Candidate], _ count: Int) -> [Candidate] {
        guard count < candidates.count else { return candidates }
        // Sorting the few that beat a rough bound is far cheaper than sorting a whole vocabulary.
        var kept: [Candidate] = []
        kept.reserveCapacity(2 * count)
        var bound = -1.0
        for candidate in candidates where candidate.weight >= bound {
            kept.append(candidate)
            guard kept.count >= 2 * count else { continue }
            kept.sort { $0.precedes($1) }
            kept.removeLast(kept.count - count)
            bound = kept[count - 1].weight
        }
        kept.sort { $0.precedes($1) }
        return Array(kept.prefix(count))
    }

    private static func topP(_ candidates: [Candidate], _ mass: Double) -> [Candidate] {
        let total = candidates.reduce(0) { $0 + $1.weight }
        // All that are below this together weigh less than what may be cut, so none of them can be needed.
        let negligible = (1 - mass) * total / Double(candidates.count)
        let likely = candidates.filter { $0.weight >= negligible }.sorted { $0.precedes($1) }
        var sum = 0.0
        let count = likely.firstIndex { candidate in
            sum += candidate.weight
            return sum >= mass * total
        }
        return Array(likely.prefix((count ?? likely.count - 1) + 1))
    }

    private mutating func draw(_ candidates: [Candidate]) -> Int32? {
        let total = candidates.reduce(0) { $0 + $1.weight }
        var remaining = random.unitInterval() * total
        for candidate in candidates {
            remaining -= candidate.weight
            if remaining < 0 { return candidate.id }
        }
        return candidates.last?.id
    }
}
