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
    private let scratch = Scratch()
    private let queries: QueryScratch

    init(view: GraphView) {
        self.view = view
        queries = QueryScratch(view.codeLayout)
    }

    /// The slots of `list` as candidates for `node`, best first, scored as in a walk for the node.
    func rank(_ list: some Sequence<Slot>, for node: Slot) throws -> [Candidate] {
        let query = try queries.query(view.code(node), metric: view.index.parameters.metric)
        scratch.clear()
        let slots = Array(list)
        for slot in slots { scratch.append(try view.code(slot)) }
        scratch.multiply(query, from: 0, count: slots.count, dimension: view.codeLayout.dimension)
        var ranked: [Candidate] = []
        ranked.reserveCapacity(slots.count)
        for (index, slot) in slots.enumerated() {
            let score = query.score(product: scratch.products[index], scratch.blocks[index])
            ranked.append(Candidate(score: score, slot: slot))
        }
        ranked.sort()
        return ranked
    }

    /// Adds to `kept`, up to `limit` in all, the candidates that are spread out enough.
    ///
    /// - Parameter candidates: best first, scored for `node` by `rank` or by a walk.
    func select(from candidates: some Sequence<Candidate>, for node: Slot, into kept: inout [Slot], limit: Int) throws {
        scratch.clear()
        for slot in kept { scratch.append(try view.code(slot)) }
        let own = CodeLayout.bias(try view.code(node))
        for candidate in candidates {
            guard kept.count < limit else { return }
            let block = try view.code(candidate.slot)
            if try isSpread(block, likeness: candidate.score + own, among: kept.count) {
                kept.append(candidate.slot)
                scratch.append(block)
            }
        }
    }

    /// Whether the candidate is less like each of the kept than like the node.
    private func isSpread(_ block: UnsafeMutableRawPointer, likeness: Float, among count: Int) throws -> Bool {
        let metric = view.index.parameters.metric
        let query = queries.query(block, metric: metric)
        // A few at a time: the first of them are the ones that mostly decide.
        let step = 4
        for start in stride(from: 0, to: count, by: step) {
            let end = min(start + step, count)
            scratch.multiply(query, from: start, count: end - start, dimension: view.codeLayout.dimension)
            for index in start..<end {
                let other = scratch.blocks[index]
                let factor = CodeLayout.scale(other) * metric.productFactor
                let similarity = scratch.products[index] * CodeLayout.scale(block) * factor + CodeLayout.bias(block) + CodeLayout.bias(other)
                // A neighbour equal to the node is as like to every candidate: it rules out its own kind alone.
                if similarity > likeness || similarity == likeness && areEqual(block, other) { return false }
            }
        }
        return true
    }

    private func areEqual(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer) -> Bool {
        CodeLayout.scale(a) == CodeLayout.scale(b)
            && memcmp(CodeLayout.values(a), CodeLayout.values(b), view.codeLayout.kind.bytes(view.codeLayout.dimension)) == 0
    }

    /// Rows that products are taken with, and the products.
    private final class Scratch {
        private(set) var blocks: [UnsafeMutableRawPointer] = []
        private var rows: [UnsafeRawPointer?] = []
        private(set) var products: [Float] = []
        private var integers: [Int32] = []

        func clear() {
            blocks.removeAll(keepingCapacity: true)
            rows.removeAll(keepingCapacity: true)
        }
        func append(_ block: UnsafeMutableRawPointer) {
            blocks.append(block)
            rows.append(CodeLayout.values(block))
            if products.count < rows.count {
                products.append(0)
                integers.append(0)
            }
        }
        /// products[start..<(start + count)] of the query and the rows.
        func multiply(_ query: QueryCode, from start: Int, count: Int, dimension: Int) {
            guard count > 0, start + count <= rows.count else { return }
            rows.withUnsafeBufferPointer { rows in
                products.withUnsafeMutableBufferPointer { products in
                    integers.withUnsafeMutableBufferPointer { integers in
                        guard let from = rows.baseAddress, let to = products.baseAddress, let scratch = integers.baseAddress else { return }
                        query.multiply(from + start, rows: count, dimension: dimension, scratch: scratch + start, into: to + start)
                    }
                }
            }
        }
    }
}
