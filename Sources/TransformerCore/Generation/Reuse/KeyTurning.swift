internal import CKernels
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Moves keys to other positions: turned keys of position p become those of p + d when they are turned by the angles of d
/// (Su et al. 2021, arXiv:2104.09864). What stands before a passage in another prompt stays unseen by it; see
/// `docs/generation.md` for what that costs.
extension KVCache {
    /// Turns the keys of some positions by the angles of `distance` positions.
    ///
    /// - Parameter rotaries: for each layer; nil for one whose keys are not turned.
    func turnKeys(_ positions: Range<Int>, by distance: Int, rotaries: [RotaryEmbedding?]) {
        guard distance != 0, !positions.isEmpty else { return }
        var row = [Float](repeating: 0, count: headDimension)
        for (layer, rotary) in rotaries.enumerated() {
            guard let rotary else { continue }
            let turn = rotary.angles(of: distance)
            let view = view(layer: layer)
            for head in 0..<heads {
                for position in positions {
                    let key = view.keys + (head * view.capacity + position) * rowBytes
                    ck_dequantize(type.kernelType, key, &row, headDimension)
                    rotary.turn(&row, turn)
                    view.write(row, to: key)
                }
            }
        }
    }
}

extension RotaryEmbedding {
    /// A head turned by the angles of a number of positions.
    package func turned(_ head: [Float], by distance: Int) -> [Float] {
        var head = head
        turn(&head, angles(of: distance))
        return head
    }

    func turn(_ head: inout [Float], _ angles: (cosines: [Float], sines: [Float])) {
        ck_rotate(
            &head, 1, headDimension, frequencies.count, layout == .interleaved ? 1 : 0, angles.cosines, angles.sines)
    }

    /// Cosines and sines of a number of positions, which may be negative, without the magnitude, which keys have already.
    func angles(of distance: Int) -> (cosines: [Float], sines: [Float]) {
        let pairs = frequencies.count
        var cosines = [Float](repeating: 0, count: 2 * pairs)
        var sines = cosines
        for pair in 0..<pairs {
            let angle = Float(distance) * frequencies[pair]
            let first = layout == .interleaved ? 2 * pair : pair
            let second = layout == .interleaved ? 2 * pair + 1 : pair + pairs
            cosines[first] = cosf(angle)
            cosines[second] = cosines[first]
            sines[second] = sinf(angle)
            sines[first] = -sines[second]
        }
        return (cosines, sines)
    }
}
