/// The normalisation that an architecture uses: by root mean square, or by mean and variance.
package enum Norm: Sendable {
    case rms(RMSNorm)
    case layer(LayerNorm)
    /// Nothing is changed.
    case none

    /// `[rows, width]` to `[rows, width]`; may work in place.
    package func apply(
        _ x: UnsafePointer<Float>, rows: Int, width: Int, into output: UnsafeMutablePointer<Float>, pool: ComputePool?
    ) {
        switch self {
        case .rms(let norm): norm.apply(x, rows: rows, into: output, pool: pool)
        case .layer(let norm): norm.apply(x, rows: rows, into: output, pool: pool)
        case .none: if UnsafePointer(output) != x { output.update(from: x, count: rows * width) }
        }
    }
}

extension RMSNorm {
    /// Normalises, in place, each of `heads` neighbouring heads in each row; a head is as wide as the weight.
    ///
    /// - Parameter stride: floats from one row to the next.
    func applyToHeads(_ x: UnsafeMutablePointer<Float>, rows: Int, heads: Int, stride: Int, pool: ComputePool?) {
        spread(rows, over: pool) { range in
            for row in range {
                apply(x + row * stride, rows: heads, into: x + row * stride, pool: nil)
            }
        }
    }
}
