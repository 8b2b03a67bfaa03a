extension VectorOperations {
    /// The mean of rows, scaled to unit length: `[rows, width]` to `[width]`. The length is bounded from below as in
    /// the reference (1e-12), so that a vector of zeros stays zeros; a value that is not finite makes all of them so.
    package static func unitMean(
        _ x: UnsafePointer<Float>, rows: Int, width: Int, into output: UnsafeMutablePointer<Float>
    ) {
        output.update(from: x, count: width)
        for row in 1..<max(rows, 1) { add(x + row * width, to: output, count: width) }
        // Scaling to unit length makes dividing by the number of rows unnecessary.
        let length = dot(output, output, count: width).squareRoot()
        let scale = length.isFinite ? 1 / max(length, 1e-12) : .nan
        for index in 0..<width { output[index] *= scale }
    }
}
