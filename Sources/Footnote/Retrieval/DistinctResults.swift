/// Results without repetitions: of passages that say the same, the fullest is shown, at the place of the best.
struct DistinctResults {
    private(set) var results: [SearchResult] = []
    private var read: [Repetition] = []

    /// - Parameter result: not better than those before it.
    mutating func add(_ result: SearchResult) {
        let repetition = Repetition(result.text)
        if let fuller = read.firstIndex(where: { repetition.isContained(in: $0) }) {
            results[fuller].addPlaces([ResultPlace(result)])
            return
        }
        let poorer = read.indices.filter { read[$0].isContained(in: repetition) }
        guard let place = poorer.first else {
            results.append(result)
            read.append(repetition)
            return
        }
        var result = result
        result.addPlaces(poorer.flatMap { [ResultPlace(results[$0])] + results[$0].alsoAt })
        results[place] = result
        read[place] = repetition
        for index in poorer.dropFirst().reversed() {
            results.remove(at: index)
            read.remove(at: index)
        }
    }
}

extension SearchResult {
    /// Other places that say the same. Passages that overlap, as windows around sentences do, are one place.
    fileprivate mutating func addPlaces(_ places: [ResultPlace]) {
        for place in places where !([ResultPlace(self)] + alsoAt).contains(where: { $0.overlaps(place) }) {
            alsoAt.append(place)
        }
    }
}

extension ResultPlace {
    fileprivate func overlaps(_ other: ResultPlace) -> Bool {
        document.id == other.document.id && range.lowerBound < other.range.upperBound
            && other.range.lowerBound < range.upperBound
    }
}
