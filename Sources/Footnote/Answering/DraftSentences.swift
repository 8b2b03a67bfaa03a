internal import Ingestion

/// Cuts a growing draft into sentences and reads the source markers out of them.
package struct DraftSentences {
    package struct Sentence: Equatable {
        /// Without markers.
        package var text: String
        /// Source numbers the model wrote, in order; not yet checked.
        package var markers: [Int]

        package init(text: String, markers: [Int]) {
            self.text = text
            self.markers = markers
        }
    }

    private var buffer = ""

    package init() {}

    /// Adds generated text and returns the sentences that are complete: a further one has begun behind them.
    package mutating func append(_ text: String) -> [Sentence] {
        buffer += text
        return take(all: false)
    }

    /// The rest, when generation has ended.
    package mutating func finish() -> [Sentence] { take(all: true) }

    private mutating func take(all: Bool) -> [Sentence] {
        var ranges = SentenceSplitter().ranges(in: buffer)
        if !all {
            // A marker behind the full stop belongs to the sentence before: wait until real text follows it.
            guard ranges.count > 1, hasWords(ranges[ranges.count - 1]) else { return [] }
            ranges.removeLast()
        }
        guard let end = ranges.last?.upperBound else { return [] }
        var sentences: [Sentence] = []
        for range in ranges {
            guard let slice = buffer[SourceRange(range)] else { continue }
            let (leading, words) = Self.leadingMarkers(slice)
            if !sentences.isEmpty { sentences[sentences.count - 1].markers += leading }
            let sentence = Self.parse(String(words))
            if !sentence.text.isEmpty { sentences.append(sentence) }
        }
        let (leading, rest) = Self.leadingMarkers(buffer[SourceRange(end..<buffer.utf8.count)] ?? "")
        if !sentences.isEmpty { sentences[sentences.count - 1].markers += leading }
        buffer = String(rest)
        return sentences
    }

    /// Markers at the beginning stand behind the full stop of the sentence before and belong to it.
    private static func leadingMarkers(_ text: Substring) -> (markers: [Int], rest: Substring) {
        var markers: [Int] = []
        var rest = text.drop(while: \.isWhitespace)
        while rest.first == "[", let close = rest.firstIndex(of: "]"),
            let found = numbers(rest[rest.index(after: rest.startIndex)..<close])
        {
            markers += found
            rest = rest[rest.index(after: close)...].drop(while: \.isWhitespace)
        }
        return (markers, rest)
    }

    private func hasWords(_ range: Range<Int>) -> Bool {
        guard let slice = buffer[SourceRange(range)] else { return false }
        // Letters, not digits: `[1` may become a marker.
        return Self.parse(String(slice)).text.contains(where: \.isLetter)
    }

    /// Separates `[1]`, `[1, 2]` and `[1][2]` from the words.
    package static func parse(_ raw: String) -> Sentence {
        var text = ""
        var markers: [Int] = []
        var rest = Substring(raw)
        while let open = rest.firstIndex(of: "[") {
            text += rest[..<open]
            let inner = rest[rest.index(after: open)...]
            if let close = inner.firstIndex(of: "]"), let numbers = numbers(inner[..<close]) {
                markers += numbers
                if text.hasSuffix(" ") { text.removeLast() }
                rest = inner[inner.index(after: close)...]
            } else {
                text.append("[")
                rest = inner
            }
        }
        text += rest
        return Sentence(text: text.split(whereSeparator: \.isWhitespace).joined(separator: " "), markers: markers)
    }

    private static func numbers(_ text: Substring) -> [Int]? {
        let parts = text.split(separator: ",").map { part in part.filter { !$0.isWhitespace } }
        let numbers = parts.compactMap { $0.utf8.count <= 4 ? Int($0) : nil }
        return !parts.isEmpty && numbers.count == parts.count ? numbers : nil
    }
}
