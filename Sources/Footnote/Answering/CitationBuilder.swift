/// Turns evidence units into numbered citations whose quotes are cut from the stored document itself.
package struct CitationBuilder {
    private let results: [SearchResult]
    private let texts: [Int64: String]
    private let places: [Int64: DocumentPlaces]
    private var numbers: [Key: Int] = [:]
    /// In order of their numbers.
    package private(set) var citations: [Citation] = []

    private struct Key: Hashable {
        var document: Int64
        var range: SourceRange
    }

    /// - Parameters:
    ///   - texts: normalised text of each document among the results, by document id.
    ///   - places: where the blocks of these documents stand.
    init(results: [SearchResult], texts: [Int64: String], places: [Int64: DocumentPlaces]) {
        self.results = results
        self.texts = texts
        self.places = places
    }

    /// The citation of a unit, numbered at its first use; `nil` when the document no longer holds this text.
    package mutating func cite(_ unit: EvidenceUnit) -> Citation? {
        let result = results[unit.resultIndex]
        let key = Key(document: result.document.id, range: unit.range)
        if let number = numbers[key] { return citations[number - 1] }
        guard let text = texts[result.document.id], let quote = text[unit.range], quote == unit.text else { return nil }
        let isWithin = result.range.lowerBound <= unit.range.lowerBound && unit.range.upperBound <= result.range.upperBound
        let citation = Citation(
            number: citations.count + 1, document: result.document, headingPath: result.headingPath,
            location: location(of: unit, in: text, result: result), range: unit.range,
            characterRange: characterRange(unit.range, in: text), quote: String(quote),
            alsoAt: isWithin ? result.alsoAt : [])
        citations.append(citation)
        numbers[key] = citation.number
        return citation
    }

    private func characterRange(_ range: SourceRange, in text: String) -> Range<Int> {
        let lower = scalarCount(text.utf8.prefix(range.lowerBound))
        return lower..<lower + scalarCount(text.utf8.dropFirst(range.lowerBound).prefix(range.count))
    }

    /// Unicode scalars in valid UTF-8: every byte but the continuations begins one.
    private func scalarCount(_ bytes: Substring.UTF8View.SubSequence) -> Int {
        bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    }

    /// The lines of the quote itself where the stored text has the file's lines, else those of its chunk. A quote may
    /// reach beyond its chunk: a whole list, for example.
    private func location(of unit: EvidenceUnit, in text: String, result: SearchResult) -> SourceLocation {
        let place = places[result.document.id]?.place(of: unit.range.range)
        let chunkLine = 1 + newlines(in: text.utf8.prefix(result.range.lowerBound))
        let chunkLines = newlines(in: text.utf8.dropFirst(result.range.lowerBound).prefix(result.range.count))
        guard chunkLine == result.location.firstLine, chunkLine + chunkLines == result.location.lastLine
        else { return SourceLocation(lines: result.location.firstLine...result.location.lastLine, place: place) }
        let first = 1 + newlines(in: text.utf8.prefix(unit.range.lowerBound))
        let last = first + newlines(in: text.utf8.dropFirst(unit.range.lowerBound).prefix(unit.range.count))
        return SourceLocation(lines: first...last, place: place)
    }

    private func newlines(in bytes: Substring.UTF8View.SubSequence) -> Int {
        bytes.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    }
}
