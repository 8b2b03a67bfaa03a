/// A place in one line of Markdown that counts columns, since a tab stands for as many spaces as reach the next multiple
/// of four (CommonMark 2.2) and container marks may take only some of them.
struct MarkdownLine {
    let source: SourceText
    let range: Range<Int>
    private(set) var offset: Int
    private(set) var column = 0
    /// Spaces left of a tab that was taken in part.
    private(set) var pendingSpaces = 0

    init(source: SourceText, index: Int) {
        self.source = source
        range = source.line(index)
        offset = range.lowerBound
    }

    var end: Int { range.upperBound }
    /// From here to the end of the line.
    var rest: Range<Int> { offset..<end }
    var isBlank: Bool { source.isBlank(rest) }
    /// The offset of the first character that is neither space nor tab.
    var content: Int {
        var next = offset
        while next < end, source.bytes[next] == Ascii.space || source.bytes[next] == Ascii.tab { next += 1 }
        return next
    }

    /// Columns of white space before the content.
    var indent: Int {
        var next = offset, width = pendingSpaces, at = column + pendingSpaces
        while next < end {
            if source.bytes[next] == Ascii.space {
                width += 1
                at += 1
            } else if source.bytes[next] == Ascii.tab {
                let step = 4 - at % 4
                width += step
                at += step
            } else {
                break
            }
            next += 1
        }
        return width
    }

    var first: UInt8? {
        let at = content
        return at < end ? source.bytes[at] : nil
    }

    /// Takes up to `count` columns of white space.
    mutating func skipColumns(_ count: Int) {
        var left = count
        while left > 0 {
            if pendingSpaces > 0 {
                pendingSpaces -= 1
                column += 1
                left -= 1
            } else if offset < end, source.bytes[offset] == Ascii.space {
                offset += 1
                column += 1
                left -= 1
            } else if offset < end, source.bytes[offset] == Ascii.tab {
                pendingSpaces = 4 - column % 4
                offset += 1
            } else {
                return
            }
        }
    }

    /// Takes `count` bytes that are not white space.
    mutating func skipBytes(_ count: Int) {
        offset = min(end, offset + count)
        column += count
        pendingSpaces = 0
    }
}

// MARK: What a line can be

extension MarkdownLine {
    /// `#` to `######`: the level and the range of the heading's text.
    func atxHeading() -> (level: Int, text: Range<Int>)? {
        var next = content
        let start = next
        while next < end, source.bytes[next] == Ascii.hash { next += 1 }
        let level = next - start
        guard (1...6).contains(level), next == end || Ascii.isSpace(source.bytes[next]) else { return nil }
        var text = source.trimmed(next..<end)
        // A closing run of # counts if a space stands before it.
        var close = text.upperBound
        while close > text.lowerBound, source.bytes[close - 1] == Ascii.hash { close -= 1 }
        if close < text.upperBound, close == text.lowerBound || Ascii.isSpace(source.bytes[close - 1]) {
            text = source.trimmedEnd(text.lowerBound..<close)
        }
        return (level, text)
    }

    /// An opening code fence: its mark, its length and the first word after it.
    func fence() -> (mark: UInt8, length: Int, language: String?)? {
        let start = content
        guard start < end, source.bytes[start] == Ascii.backtick || source.bytes[start] == UInt8(ascii: "~") else { return nil }
        let mark = source.bytes[start]
        var next = start
        while next < end, source.bytes[next] == mark { next += 1 }
        guard next - start >= 3 else { return nil }
        let info = source.trimmed(next..<end)
        if mark == Ascii.backtick, info.contains(where: { source.bytes[$0] == Ascii.backtick }) { return nil }
        let word = source.string(info).prefix { !$0.isWhitespace && $0 != "{" && $0 != "," }
        return (mark, next - start, word.isEmpty ? nil : String(word))
    }

    func closesFence(mark: UInt8, length: Int) -> Bool {
        guard indent <= 3 else { return false }
        var next = content
        let start = next
        while next < end, source.bytes[next] == mark { next += 1 }
        return next - start >= length && source.isBlank(next..<end)
    }

    var isThematicBreak: Bool {
        guard let mark = first, mark == UInt8(ascii: "-") || mark == UInt8(ascii: "*") || mark == UInt8(ascii: "_") else { return false }
        var count = 0
        for index in content..<end {
            if source.bytes[index] == mark { count += 1 } else if !Ascii.isSpace(source.bytes[index]) { return false }
        }
        return count >= 3
    }

    /// The level of a setext underline.
    func setextLevel() -> Int? {
        guard let mark = first, mark == UInt8(ascii: "=") || mark == UInt8(ascii: "-") else { return nil }
        let text = source.trimmedEnd(content..<end)
        return text.allSatisfy { source.bytes[$0] == mark } ? (mark == UInt8(ascii: "=") ? 1 : 2) : nil
    }

    /// A list marker: its width in bytes, whether it is a bullet, and whether the list may interrupt a paragraph.
    func listMarker() -> (width: Int, isEmpty: Bool, mayInterrupt: Bool)? {
        let start = content
        guard start < end else { return nil }
        var next = start, startsAtOne = true
        switch source.bytes[start] {
        case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "*"): next += 1
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            while next < end, next - start < 10, Ascii.isDigit(source.bytes[next]) { next += 1 }
            guard next - start <= 9, next < end, source.bytes[next] == UInt8(ascii: ".") || source.bytes[next] == UInt8(ascii: ")")
            else { return nil }
            startsAtOne = next - start == 1 && source.bytes[start] == UInt8(ascii: "1")
            next += 1
        default: return nil
        }
        guard next == end || source.bytes[next] == Ascii.space || source.bytes[next] == Ascii.tab else { return nil }
        let isEmpty = source.isBlank(next..<end)
        return (next - start, isEmpty, !isEmpty && startsAtOne)
    }

    /// The number of cells in a table's delimiter row, such as `| --- | :-: |`.
    func delimiterCells() -> Int? {
        let text = source.trimmed(rest)
        guard let mark = text.first.map({ source.bytes[$0] }), "|:-".utf8.contains(mark), text.contains(where: { source.bytes[$0] == UInt8(ascii: "-") })
        else { return nil }
        var cells = 0, dashes = 0, hasPipe = false
        for index in text {
            switch source.bytes[index] {
            case UInt8(ascii: "-"): dashes += 1
            case Ascii.pipe:
                hasPipe = true
                if dashes > 0 { cells += 1 } else if index != text.lowerBound { return nil }
                dashes = 0
            case UInt8(ascii: ":"), Ascii.space, Ascii.tab: break
            default: return nil
            }
        }
        if dashes > 0 { cells += 1 }
        return hasPipe || source.bytes[text.lowerBound] == UInt8(ascii: ":") || cells == 1 ? cells : nil
    }

    /// The number of cells in a table row.
    static func cells(in range: Range<Int>, of source: SourceText) -> Int {
        let text = source.trimmed(range)
        guard !text.isEmpty else { return 0 }
        var pipes = 0, escaped = false, lastWasPipe = false
        for index in text {
            let byte = source.bytes[index]
            lastWasPipe = byte == Ascii.pipe && !escaped
            if lastWasPipe { pipes += 1 }
            escaped = byte == Ascii.backslash && !escaped
        }
        let opening = source.bytes[text.lowerBound] == Ascii.pipe ? 1 : 0
        let closing = lastWasPipe && text.count > 1 ? 1 : 0
        return pipes + 1 - opening - closing
    }
}
