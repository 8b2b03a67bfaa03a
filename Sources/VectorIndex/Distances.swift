internal import CKernels

/// Dot products and the 8-bit quantisation, by the kernels of this machine.
enum Distances {
    @inline(__always)
    static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
        ck_dot_f32(a, b, count)
    }

    static func squaredDistance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
        ck_squared_distance_f32(a, b, count)
    }

    @inline(__always)
    static func dot(_ a: UnsafePointer<Int8>, _ b: UnsafePointer<Int8>, count: Int) -> Int32 {
        ck_dot_i8(a, b, count)
    }

    static func squares(_ values: [Float]) -> Double {
        values.withUnsafeBufferPointer { buffer in buffer.baseAddress.map { ck_squares_f32($0, buffer.count) } ?? 0 }
    }

    /// values[i] ≈ quantized[i] × scale with quantized in -127...127; returns the scale, 0 if all values are 0.
    static func quantize(_ values: UnsafePointer<Float>, count: Int, into quantized: UnsafeMutablePointer<Int8>) -> Float {
        ck_quantize_i8(values, count, quantized)
    }
}

/// Likeness of vectors outside of an index.
package enum Similarity {
    /// Dot product of two vectors, the cosine of unit vectors; 0 when their lengths differ.
    package static func dot(_ a: [Float], _ b: [Float]) -> Double {
        guard a.count == b.count, !a.isEmpty else { return 0 }
        return a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                guard let x = a.baseAddress, let y = b.baseAddress else { return 0 }
                return Double(Distances.dot(x, y, count: a.count))
            }
        }
    }
}
