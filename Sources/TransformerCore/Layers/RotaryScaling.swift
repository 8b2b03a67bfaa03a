#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// How a rotary embedding is changed so that a model reads further than it was trained to.
package enum RotaryScaling: Sendable, Equatable {
    case none
    /// Positions are multiplied by this (linear interpolation, Chen et al. 2023, arXiv:2306.15595).
    case linear(Float)
    /// Each pair's frequency is divided by a factor of its own, and all is multiplied by `magnitude`: Llama 3, and
    /// LongRoPE (Ding et al. 2024, arXiv:2402.13753).
    case factors([Float], magnitude: Float)
    /// Fast pairs stay, slow ones are interpolated, those between are mixed (YaRN, Peng et al. 2023, arXiv:2309.00071).
    case yarn(YaRN)

    /// The constants of YaRN.
    package struct YaRN: Sendable, Equatable {
        /// How many times the trained context is stretched.
        package var factor: Float
        /// Positions that the model was trained for before.
        package var originalContext: Int
        /// Pairs that turn more often than this within the original context stay as they are.
        package var betaFast: Float = 32
        /// Pairs that turn less often than this are interpolated.
        package var betaSlow: Float = 1
        /// Multiplies what was turned.
        package var magnitude: Float

        package init(
            factor: Float, originalContext: Int, betaFast: Float = 32, betaSlow: Float = 1, magnitude: Float
        ) {
            self.factor = factor
            self.originalContext = originalContext
            self.betaFast = betaFast
            self.betaSlow = betaSlow
            self.magnitude = magnitude
        }
    }

    var magnitude: Float {
        switch self {
        case .none, .linear: 1
        case .factors(_, let magnitude): magnitude
        case .yarn(let yarn): yarn.magnitude
        }
    }

    /// Frequencies of the stretched embedding from those of the plain one.
    func apply(to frequencies: [Float], base: Float) -> [Float] {
        switch self {
        case .none: return frequencies
        case .linear(let scale): return frequencies.map { $0 * scale }
        case .factors(let factors, _):
            return frequencies.enumerated().map { factors.indices.contains($0) ? $1 / factors[$0] : $1 }
        case .yarn(let yarn): return yarn.apply(to: frequencies, base: base)
        }
    }
}

extension RotaryScaling.YaRN {
    /// Equation 13 of the paper's section 3.2: a ramp between the two pairs where interpolation begins and is complete.
    func apply(to frequencies: [Float], base: Float) -> [Float] {
        let pairs = frequencies.count
        let low = max(0, pair(turning: betaFast, base: base, pairs: pairs).rounded(.down))
        let high = min(Float(2 * pairs - 1), pair(turning: betaSlow, base: base, pairs: pairs).rounded(.up))
        let width = max(high - low, 0.001)
        return frequencies.enumerated().map { index, frequency in
            let interpolated = min(max((Float(index) - low) / width, 0), 1)
            return frequency * (1 - interpolated) + frequency / factor * interpolated
        }
    }

    /// The (fractional) pair that turns `rotations` times within the original context.
    private func pair(turning rotations: Float, base: Float, pairs: Int) -> Float {
        Float(pairs) * logf(Float(originalContext) / (rotations * 2 * .pi)) / logf(base)
    }

    /// The magnitude that the paper recommends for a factor (equation 15), and that of DeepSeek with another weight.
    package static func magnitude(factor: Float, weight: Float = 1) -> Float {
        factor <= 1 ? 1 : 0.1 * weight * logf(factor) + 1
    }
}
