internal import CKernels
#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// Which elements of a head are rotated together.
package enum RotaryLayout: Sendable {
    /// Neighbours (2i, 2i+1): as GGUF stores Llama's query and key weights.
    case interleaved
    /// Halves (i, i + pairs): as Hugging Face stores them, and GGUF for Qwen ("NeoX").
    case halfSplit
}

/// Rotary position embedding (Su et al. 2021, arXiv:2104.09864): turns pairs of elements by angles that grow with the
/// position. Cosines and sines of a batch's positions are computed once and used by all layers.
package struct RotaryEmbedding: Sendable {
    package let headDimension: Int
    package let layout: RotaryLayout
    /// Angle of each pair at position 1.
    package let frequencies: [Float]
    /// Multiplies what was turned (YaRN and LongRoPE raise the scores of stretched contexts so).
    package let magnitude: Float
    private var cosines: [Float] = []
    private var sines: [Float] = []

    /// - Parameters:
    ///   - headDimension: elements of a head.
    ///   - rotaryDimension: how many of them are turned; all when nil.
    ///   - base: of the geometric series of wavelengths, θ in the paper.
    ///   - scaling: how the context was stretched after training.
    package init(
        headDimension: Int, rotaryDimension: Int? = nil, base: Float, layout: RotaryLayout,
        scaling: RotaryScaling = .none
    ) {
        self.headDimension = headDimension
        self.layout = layout
        let pairs = min(rotaryDimension ?? headDimension, headDimension) / 2
        let plain = (0..<pairs).map { powf(base, -Float(2 * $0) / Float(2 * pairs)) }
        frequencies = scaling.apply(to: plain, base: base)
        magnitude = scaling.magnitude
    }

    /// Sets the positions of the batch's rows: `first`, `first + 1`, …
    package mutating func prepare(first: Int, rows: Int) { prepare(positions: first..<first + rows) }

    /// Sets the positions of the batch's rows.
    package mutating func prepare(positions: some Collection<Int>) {
        let pairs = frequencies.count
        let step = layout == .interleaved ? 2 : 1
        let partner = layout == .interleaved ? 1 : pairs
        let size = positions.count * 2 * pairs
        if cosines.count < size {
            cosines = [Float](repeating: 0, count: size)
            sines = cosines
        }
        for (row, position) in positions.enumerated() {
            for pair in 0..<pairs {
                let angle = Float(position) * frequencies[pair]
                let element = row * 2 * pairs + pair * step
                cosines[element] = cosf(angle) * magnitude
                cosines[element + partner] = cosines[element]
                sines[element + partner] = sinf(angle) * magnitude
                sines[element] = -sines[element + partner]
            }
        }
    }

    /// Turns, in place, `heads` neighbouring heads in each of the rows that `prepare` was told of.
    ///
    /// - Parameter stride: floats from one row to the next.
    package func apply(
        _ x: UnsafeMutablePointer<Float>, rows: Int, heads: Int, stride: Int, pool: ComputePool?
    ) {
        let pairs = frequencies.count
        cosines.withUnsafeBufferPointer { cosines in
            sines.withUnsafeBufferPointer { sines in
                guard let cosines = cosines.baseAddress, let sines = sines.baseAddress else { return }
                spread(rows, over: pool) { range in
                    for row in range {
                        let table = row * 2 * pairs
                        ck_rotate(
                            x + row * stride, heads, headDimension, pairs, layout == .interleaved ? 1 : 0,
                            cosines + table, sines + table)
                    }
                }
            }
        }
    }
}
