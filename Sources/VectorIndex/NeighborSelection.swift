/// Which edges to keep (algorithm 4 of arXiv 1603.09320): a candidate is kept when it is more like the node than
/// like any neighbour kept before, so that neighbours spread in all directions instead of crowding in one.
struct NeighborSelection {
    let view: GraphView

    /// Similarity of two nodes.
    func similarity(_ a: Slot, _ b: Slot) throws -> Float {
        let (x, y) = (try view.code(a), try view.code(b))
        let product = Distances.dot(CodeLayout.values(x), CodeLayout.values(y), count: view.codeLayout.dimension)
        return Float(product) * (CodeLayout.scale(x) * CodeLayout.scale(y))
    }

    /// The slots of `list` as candidates for `node`, best first.
    func rank(_ list: some Sequence<Slot>, for node: Slot) throws -> [Candidate] {
        var ranked: [Candidate] = []
        for slot in list { ranked.append(Candidate(score: try similarity(node, slot), slot: slot)) }
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
            for other in kept where try similarity(candidate.slot, other) >= likeness {
                isSpread = false
                break
            }
            if isSpread { kept.append(candidate.slot) }
        }
    }
}
