#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Which edges to keep (algorithm 4 of arXiv 1603.09320): a candidate is kept when it is more like the node than
/// like any neighbour kept before, so that neighbours spread in all directions instead of crowding in one.
struct NeighborSelection {
    let view: GraphView

    /// Similarity of a node and another, rounded as in a walk for the other: equal vectors have equal similarities.
    func similarity(_ slot: Slot, _ other: Slot) throws -> Float {
        let (x, y) = (try view.code(slot), try view.code(other))
        let product = Distances.dot(CodeLayout.values(x), CodeLayout.values(y), count: view.codeLayout.dimension)
        return Float(product) * CodeLayout.scale(x) * CodeLayout.scale(y)
    }

    private func areEqual(_ a: Slot, _ b: Slot) throws -> Bool {
        let (x, y) = (try view.code(a), try view.code(b))
        return CodeLayout.scale(x) == CodeLayout.scale(y)
            && memcmp(CodeLayout.values(x), CodeLayout.values(y), view.codeLayout.dimension) == 0
    }

    /// The slots of `list` as candidates for `node`, best first.
    func rank(_ list: some Sequence<Slot>, for node: Slot) throws -> [Candidate] {
        var ranked: [Candidate] = []
        for slot in list { ranked.append(Candidate(score: try similarity(slot, node), slot: slot)) }
        ranked.sort()
        return ranked
    }

    /// Adds to `kept`, up to `limit` in all, the candidates that are spread out enough.
    ///
    /// - Parameter candidates: best first, scored by `similarity` to the node, or by a multiple of it: `scale`.
    func select(
        from candidates: some Sequence<Candidate>, scale: Float = 1, into kept: inout [Slot], limit: Int
    ) throws {
        for candidate in candidates {
            guard kept.count < limit else { return }
            let likeness = candidate.score * scale
            var isSpread = true
            for other in kept {
                // A neighbour equal to the node is as like to every candidate: it rules out its own kind alone.
                let similarity = try similarity(candidate.slot, other)
                guard try similarity > likeness || similarity == likeness && areEqual(candidate.slot, other) else {
                    continue
                }
                isSpread = false
                break
            }
            if isSpread { kept.append(candidate.slot) }
        }
    }
}
