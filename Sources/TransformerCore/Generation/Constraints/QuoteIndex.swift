/// All quotes that the sources allow, as a sorted array of the suffixes that may begin one (Manber and Myers 1993,
/// doi:10.1137/0222058, over the places where a quote may begin): what begins with the same bytes lies side by side, so
/// a quote in progress is a range of it.
struct QuoteIndex: Sendable {
    /// Where a quote may begin, and the last place where it may end, before a mark or the end of the source: short of
    /// it, every quote can be brought to an end.
    private struct Suffix {
        let start: Int
        let limit: Int
    }

    /// A quote in progress: the suffixes that begin with it, and its length in bytes.
    struct Match: Hashable, Sendable {
        var suffixes: Range<Int>
        var length = 0

        var isEmpty: Bool { suffixes.isEmpty }
    }

    private let minimumWords: Int32
    private var bytes: [UInt8] = []
    /// For each byte: a quote may end before it. Two sources meet at an end that is the first one's.
    private var canEnd: [Bool] = [false]
    private var words: [Int32] = [0]
    private var suffixes: [Suffix] = []

    /// - Parameters:
    ///   - mark: quotes do not reach over its closing form.
    ///   - minimumWords: places from which fewer words are left are no beginning, so that a quote can always be ended.
    init(_ sources: [QuotableText], mark: QuotationMark, minimumWords: Int) {
        self.minimumWords = Int32(clamping: max(1, minimumWords))
        for source in sources { append(source, mark: mark) }
        let order = bytes.withUnsafeBufferPointer { bytes in
            suffixes.sorted { Self.precedes($0, $1, bytes) }
        }
        suffixes = order
    }

    private mutating func append(_ source: QuotableText, mark: QuotationMark) {
        let (base, firstWord) = (bytes.count, words[words.count - 1])
        bytes += source.bytes
        canEnd += source.canEnd.dropFirst()
        words += source.words.dropFirst().map { firstWord + $0 }
        var limit = source.lastEnd(upTo: source.bytes.count)
        for start in source.bytes.indices.reversed() {
            if !mark.closing.isEmpty, source.bytes[start...].starts(with: mark.closing) {
                limit = source.lastEnd(upTo: start)
            }
            guard source.canStart[start], start < limit, source.words[limit] - source.words[start] >= minimumWords
            else { continue }
            suffixes.append(Suffix(start: base + start, limit: base + limit))
        }
    }

    private static func precedes(_ a: Suffix, _ b: Suffix, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let common = min(a.limit - a.start, b.limit - b.start)
        for index in 0..<common where bytes[a.start + index] != bytes[b.start + index] {
            return bytes[a.start + index] < bytes[b.start + index]
        }
        return (a.limit - a.start, a.start) < (b.limit - b.start, b.start)
    }

    /// A quote that has just been opened; empty when the sources have nothing to quote.
    var start: Match { Match(suffixes: suffixes.indices) }

    /// Whether a quote may end here.
    func canEnd(_ match: Match) -> Bool {
        guard let first = match.suffixes.first, match.length > 0 else { return false }
        let start = suffixes[first].start
        guard words[start + match.length] - words[start] >= minimumWords else { return false }
        return match.suffixes.contains { canEnd[suffixes[$0].start + match.length] }
    }

    /// The quotes that go on with a byte.
    func extend(_ match: Match, by byte: UInt8) -> Match {
        let low = firstIndex(match) { $0 >= Int(byte) }
        let high = firstIndex(Match(suffixes: low..<match.suffixes.upperBound, length: match.length)) { $0 > Int(byte) }
        return Match(suffixes: low..<high, length: match.length + 1)
    }

    /// The byte after a match in the first of its suffixes that goes on, and the suffixes that go on with it.
    func firstExtension(_ match: Match) -> (byte: UInt8, match: Match)? {
        let low = firstIndex(match) { $0 >= 0 }
        guard low < match.suffixes.upperBound else { return nil }
        let byte = bytes[suffixes[low].start + match.length]
        let rest = Match(suffixes: low..<match.suffixes.upperBound, length: match.length)
        let high = firstIndex(rest) { $0 > Int(byte) }
        return (byte, Match(suffixes: low..<high, length: match.length + 1))
    }

    /// The first suffix of a match whose next byte (-1 at its end) passes a test that all those after it pass, too.
    private func firstIndex(_ match: Match, where passes: (Int) -> Bool) -> Int {
        var (low, high) = (match.suffixes.lowerBound, match.suffixes.upperBound)
        while low < high {
            let middle = (low + high) / 2
            let place = suffixes[middle].start + match.length
            if passes(place < suffixes[middle].limit ? Int(bytes[place]) : -1) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
