/// Results without repetitions: of passages that say the same, the fullest is shown, at the place of the best; of those
/// that were recognised as near-duplicates when they were indexed, the best.
struct DistinctResults {
    private(set) var results: [SearchResult] = []
    private var read: [Repetition] = []
    /// Group of near-duplicates of each result.
    private(set) var groups: [Int64?] = []

    /// - Parameters:
    ///   - result: not better than those before it.
    ///   - group: its group of near-duplicates.
    mutating func add(_ result: SearchResult, group: Int64? = nil) {
        // All of a group's places are listed with the one that is shown.
        if let group, groups.contains(group) { return }
        let repetition = Repetition(result.text)
        if let fuller = read.firstIndex(where: { repetition.isContained(in: $0) }) {
            results[fuller].addPlaces([ResultPlace(result, differsFrom: results[fuller].text)])
            return
        }
        let poorer = read.indices.filter { read[$0].isContained(in: repetition) }
        guard let place = poorer.first else {
            results.append(result)
            read.append(repetition)
            groups.append(group)
            return
        }
        var result = result
        result.addPlaces(poorer.flatMap { index in
            [ResultPlace(results[index], differsFrom: result.text)] + results[index].alsoAt.map { place in
                var place = place
                place.differs = true
                return place
            }
        })
        results[place] = result
        read[place] = repetition
        groups[place] = group
        for index in poorer.dropFirst().reversed() {
            results.remove(at: index)
            read.remove(at: index)
            groups.remove(at: index)
        }
    }
}

extension SearchResult {
    /// Other places that say the same. Passages that overlap, as windows around sentences do, are one place.
    mutating func addPlaces(_ places: [ResultPlace]) {
        let own = ResultPlace(self, differsFrom: text)
        // Places by document, so that a thousand copies are not compared with each other.
        var known = Dictionary(grouping: [own] + alsoAt, by: \.document.id)
        for place in places where !(known[place.document.id] ?? []).contains(where: { $0.overlaps(place) }) {
            alsoAt.append(place)
            known[place.document.id, default: []].append(place)
        }
    }
}

extension ResultPlace {
    fileprivate func overlaps(_ other: ResultPlace) -> Bool {
        document.id == other.document.id && range.lowerBound < other.range.upperBound
            && other.range.lowerBound < range.upperBound
    }
}
