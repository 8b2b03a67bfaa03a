/// Splits a slice that is too large for a chunk, at the best boundaries that make the pieces small enough.
struct BlockSplitter {
    /// Where to split, best first.
    enum Level: Int, CaseIterable {
        case blankLines, sentences, lines, words, characters
    }

    let bytes: UnsafeBufferPointer<UInt8>
    let measure: TextMeasure

    static func levels(for kind: Block.Kind) -> [Level] {
        switch kind {
        case .heading, .paragraph, .listItem: [.sentences, .lines, .words, .characters]
        case .tableRow: [.sentences, .words, .characters]
        case .code: [.blankLines, .lines, .words, .characters]
        case .record: [.lines, .words, .characters]
        }
    }

    /// The pieces of `range` in order, each with its tokens. They leave out nothing but white space.
    func pieces(of range: Range<Int>, levels: ArraySlice<Level>) -> [(range: Range<Int>, tokens: Int)] {
        guard let level = levels.first else { return [(range, measure.tokens(range))] }
        var result: [(range: Range<Int>, tokens: Int)] = []
        for segment in segments(of: range, level) {
            let tokens = measure.tokens(segment)
            if tokens <= measure.maximum || (level == .characters && segment.count <= 4) {
                result.append((segment, tokens))
            } else if level == .characters {
                result += halves(of: segment)
            } else {
                result += pieces(of: segment, levels: levels.dropFirst())
            }
        }
        return result
    }

    private func segments(of range: Range<Int>, _ level: Level) -> [Range<Int>] {
        switch level {
        case .blankLines: lines(of: range, betweenBlankLines: true)
        case .sentences: SentenceSplitter().ranges(in: bytes, within: range)
        case .lines: lines(of: range, betweenBlankLines: false)
        case .words: words(of: range)
        case .characters: characterRuns(of: range)
        }
    }

    /// Lines, or runs of lines between blank ones, with their indentation and without trailing white space.
    private func lines(of range: Range<Int>, betweenBlankLines: Bool) -> [Range<Int>] {
        var result: [Range<Int>] = [], start = range.lowerBound, lineStart = start, end = start
        func flush() {
            if end > start { result.append(start..<end) }
        }
        while lineStart < range.upperBound {
            let lineEnd = bytes[lineStart..<range.upperBound].firstIndex(of: Ascii.newline) ?? range.upperBound
            var last = lineEnd
            while last > lineStart, Ascii.isSpace(bytes[last - 1]) { last -= 1 }
            if last == lineStart || !betweenBlankLines {
                flush()
                start = last == lineStart ? min(lineEnd + 1, range.upperBound) : lineStart
                end = start
            }
            if last > lineStart { end = last }
            lineStart = lineEnd + 1
        }
        flush()
        return result
    }

    /// Words between white space; text without any is cut after commas, semicolons and closing brackets too, so that
    /// minified JSON breaks between its members.
    private func words(of range: Range<Int>) -> [Range<Int>] {
        var result: [Range<Int>] = [], start = range.lowerBound
        for index in range {
            let byte = bytes[index]
            if Ascii.isSpace(byte) {
                if index > start { result.append(start..<index) }
                start = index + 1
            } else if byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]"), index > start {
                result.append(start..<(index + 1))
                start = index + 1
            }
        }
        if range.upperBound > start { result.append(start..<range.upperBound) }
        return result
    }

    /// Runs of whole characters of some 48 bytes, in tokens never more than a fraction of a chunk.
    private func characterRuns(of range: Range<Int>) -> [Range<Int>] {
        var result: [Range<Int>] = [], start = range.lowerBound, next = start
        let size = max(4, min(48, measure.maximum))
        for character in measure.slice(range) {
            let width = character.utf8.count
            if next - start + width > size, next > start {
                result.append(start..<next)
                start = next
            }
            next += width
        }
        if next > start { result.append(start..<next) }
        return result
    }

    /// Halves at a scalar boundary until the parts fit or are single scalars.
    private func halves(of range: Range<Int>) -> [(range: Range<Int>, tokens: Int)] {
        var middle = range.lowerBound + range.count / 2
        while middle > range.lowerBound, Ascii.isContinuation(bytes[middle]) { middle -= 1 }
        if middle == range.lowerBound {
            middle = range.lowerBound + 1
            while middle < range.upperBound, Ascii.isContinuation(bytes[middle]) { middle += 1 }
        }
        guard middle < range.upperBound else { return [(range, measure.tokens(range))] }
        return [range.lowerBound..<middle, middle..<range.upperBound].flatMap { half in
            let tokens = measure.tokens(half)
            return tokens <= measure.maximum ? [(half, tokens)] : halves(of: half)
        }
    }
}
