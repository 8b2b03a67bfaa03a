/// A piece of a passage that the language model is given.
struct EvidenceExcerpt: Sendable, Hashable {
    /// Index of its passage among the results.
    var resultIndex: Int
    /// UTF-8 offsets into the document's text.
    var range: SourceRange
    var text: String
}

/// The sentences that bear on a question with just enough around them.
///
/// A small model that reads ten passages answers from any of them, and slowly; one that reads the four sentences that
/// matter has less to confuse.
struct EvidenceExcerpts {
    private let material: Material
    /// Sentences below this share of the best one's chance are left out, but for the first few.
    private static let share = 0.05, always = 2, most = 6

    init(_ material: Material) { self.material = material }

    /// Best first. Sentences that stand beside each other are one excerpt.
    func list() -> [EvidenceExcerpt] {
        guard let best = material.units.first else { return [] }
        var ranges: [(resultIndex: Int, range: Range<Int>)] = []
        for (place, unit) in material.units.prefix(Self.most).enumerated()
        where place < Self.always || unit.score >= Self.share * best.score {
            let range = withContext(unit)
            if let index = ranges.firstIndex(where: { touches($0, unit.resultIndex, range) }) {
                let other = ranges[index].range
                ranges[index].range = min(other.lowerBound, range.lowerBound)..<max(other.upperBound, range.upperBound)
            } else {
                ranges.append((unit.resultIndex, range))
            }
        }
        return ranges.compactMap { item in
            material.text(of: item.resultIndex, at: SourceRange(item.range)).map {
                EvidenceExcerpt(resultIndex: item.resultIndex, range: SourceRange(item.range), text: $0)
            }
        }
    }

    /// The unit, with the sentence before it when it refers back ("It lasts 90 days.").
    private func withContext(_ unit: EvidenceUnit) -> Range<Int> {
        let own = unit.range.range
        guard refersBack(unit.text) else { return own }
        let before = material.units.filter { $0.resultIndex == unit.resultIndex && $0.range.upperBound <= own.lowerBound }
            .max { $0.range.upperBound < $1.range.upperBound }
        guard let before, own.lowerBound - before.range.upperBound <= 2 else { return own }
        return before.range.lowerBound..<own.upperBound
    }

    private func refersBack(_ text: String) -> Bool {
        let first = text.lowercased().split { !$0.isLetter }.first.map(String.init) ?? ""
        return Self.references.contains(first) || Self.chineseReferences.contains { text.hasPrefix($0) }
    }

    private func touches(_ item: (resultIndex: Int, range: Range<Int>), _ resultIndex: Int, _ range: Range<Int>) -> Bool {
        item.resultIndex == resultIndex && item.range.lowerBound <= range.upperBound + 1 && range.lowerBound <= item.range.upperBound + 1
    }

    private static let references: Set = [
        "it", "he", "she", "they", "this", "that", "these", "those", "his", "her", "its", "their", "there", "such", "both",
        "however", "then", "also", "thus", "therefore", "instead", "otherwise",
    ]
    private static let chineseReferences = ["它", "他", "她", "这", "那", "该", "其", "此"]
}
