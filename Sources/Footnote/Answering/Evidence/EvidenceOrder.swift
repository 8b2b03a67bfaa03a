/// Passages and their sentences in the order in which they are used.
struct EvidenceOrder {
    /// Indices of the results that were found, best first.
    private(set) var passages: [Int]
    /// Best first; `resultIndex` counts in `passages`.
    private(set) var units: [EvidenceUnit]
    private let found: [SearchResult]

    /// - Parameter units: best first.
    init(_ found: [SearchResult], _ units: [EvidenceUnit]) {
        self.found = found
        self.units = units
        passages = Array(found.indices)
    }

    /// The passages with the best sentences, or those found first, and their sentences.
    func limited(to limit: Int, reranked: Bool) -> EvidenceOrder {
        var order: [Int] = []
        for index in (reranked ? units.map(\.resultIndex) : []) + found.indices where order.count < limit && !order.contains(index) {
            order.append(index)
        }
        let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        var limited = self
        limited.passages = order
        limited.units = units.compactMap { unit in
            guard let place = places[unit.resultIndex] else { return nil }
            var unit = unit
            unit.resultIndex = place
            return unit
        }
        return limited
    }
}
