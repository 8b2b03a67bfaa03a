internal import CKernels
#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// Normalises rows to unit root mean square (Zhang and Sennrich 2019, arXiv:1910.07467).
package struct RMSNorm: Sendable {
    package let weight: [Float]
    package let epsilon: Float

    package init(weight: [Float], epsilon: Float) {
        self.weight = weight
        self.epsilon = epsilon
    }

    /// `[rows, width]` to `[rows, width]`, where width is the weight's length; may work in place.
    package func apply(
        _ x: UnsafePointer<Float>, rows: Int, into output: UnsafeMutablePointer<Float>, pool: ComputePool?
    ) {
        let width = weight.count
        spread(rows, over: pool) { range in
            let start = range.lowerBound * width
            ck_rms_norm(x + start, range.count, width, weight, epsilon, output + start)
        }
    }
}

/// Normalises rows to zero mean and unit variance (Ba et al. 2016, arXiv:1607.06450).
package struct LayerNorm: Sendable {
    package let weight: [Float]
    package let bias: [Float]
    package let epsilon: Float

    package init(weight: [Float], bias: [Float], epsilon: Float) {
        self.weight = weight
        self.bias = bias
        self.epsilon = epsilon
    }

    /// Normalises `x`, or `x + residual`: `[rows, width]` each, to `[rows, width]`; may work in place.
    package func apply(
        _ x: UnsafePointer<Float>, adding residual: UnsafePointer<Float>? = nil, rows: Int,
        into output: UnsafeMutablePointer<Float>, pool: ComputePool?
    ) {
        let width = weight.count
        spread(rows, over: pool) { range in
            let start = range.lowerBound * width
            ck_layer_norm(
                x + start, residual.map { $0 + start }, range.count, width, weight, bias, epsilon, output + start)
        }
    }
}

/// Splits rows over the pool's threads when there are enough of them to be worth it.
func spread(_ rows: Int, over pool: ComputePool?, _ body: (Range<Int>) -> Void) {
    guard let pool, rows >= 8 else { return body(0..<rows) }
    pool.parallel(rows, grain: max(4, (rows + 4 * pool.threads - 1) / (4 * pool.threads)), body)
}

/// Splits `count` items into ranges of `grain` over the pool's threads, or of up to `most` times as many.
func spread(_ count: Int, grain: Int, most: Int = 1, over pool: ComputePool?, _ body: (Range<Int>) -> Void) {
    guard let pool, count > grain else { return body(0..<count) }
    pool.parallel(count, grain: grain, most: most, body)
}

/// Element-wise operations that stand alone. `count` is in floats; all work on the calling thread.
package enum VectorOperations {
    /// destination += source
    package static func add(_ source: UnsafePointer<Float>, to destination: UnsafeMutablePointer<Float>, count: Int) {
        ck_add(destination, source, count)
    }

    /// destination += source * scale
    package static func add(
        _ source: UnsafePointer<Float>, times scale: Float, to destination: UnsafeMutablePointer<Float>, count: Int
    ) {
        ck_add_scaled(destination, source, scale, count)
    }

    /// x *= scale
    package static func scale(_ x: UnsafeMutablePointer<Float>, by scale: Float, count: Int) {
        for index in 0..<count { x[index] *= scale }
    }

    /// x *= factor, element by element
    package static func multiply(
        _ x: UnsafeMutablePointer<Float>, by factor: UnsafePointer<Float>, count: Int
    ) {
        for index in 0..<count { x[index] *= factor[index] }
    }

    /// x = cap * tanh(x / cap): bounds values softly (Gemma 2, arXiv:2408.00118, section 2).
    package static func softCap(_ x: UnsafeMutablePointer<Float>, at cap: Float, count: Int) {
        for index in 0..<count { x[index] = cap * tanhf(x[index] / cap) }
    }

    /// In place: exp(x - max) / sum of them.
    package static func softmax(_ x: UnsafeMutablePointer<Float>, count: Int) { ck_softmax(x, count) }

    /// Sum of a[i] * b[i].
    package static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
        ck_dot_f32(a, b, count)
    }
}
