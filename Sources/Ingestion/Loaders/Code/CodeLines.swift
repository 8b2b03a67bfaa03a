/// One line of source code as the segmenter sees it.
struct CodeLine {
    /// Open brackets of any kind at the end of the line.
    var depth: Int
    /// Columns of white space before the first character.
    var indent: Int
    var isBlank: Bool
    /// Nothing but a comment, or within one.
    var isComment: Bool
    /// The line begins inside a string that holds line ends, or inside a comment.
    var isInside: Bool
}

/// Reads a source file once and notes for each line how deep it is, stepping over strings and comments. Light-weight: a
/// wrong count, as after an odd regular expression literal, ends at the next closing brace in the first column.
struct CodeLexer {
    private let source: SourceText
    private let language: ProgrammingLanguage
    private var depth = 0
    /// What closes the string or comment that is open across lines.
    private var closing: StaticString?
    private var isInComment = false

    init(source: SourceText, language: ProgrammingLanguage) {
        self.source = source
        self.language = language
    }

    /// All lines, or fewer when the time is up.
    mutating func lines() -> [CodeLine] {
        var lines: [CodeLine] = []
        lines.reserveCapacity(source.lineCount)
        for index in 0..<source.lineCount where source.hasTime { lines.append(line(source.line(index))) }
        return lines
    }

    private mutating func line(_ range: Range<Int>) -> CodeLine {
        let start = source.firstNonBlank(in: range), isInside = closing != nil, wasComment = isInComment
        let indent = (range.lowerBound..<start).reduce(0) { $0 + (source.bytes[$1] == Ascii.tab ? 4 : 1) }
        let isBlank = start == range.upperBound
        let beginsComment = !isInside && isCommentStart(start, range.upperBound)
        if !isInside, language.structure == .braces, start == range.lowerBound, !isBlank, source.bytes[start] == UInt8(ascii: "}") { depth = 1 }
        scan(start, range.upperBound)
        return CodeLine(depth: depth, indent: indent, isBlank: isBlank, isComment: beginsComment || (isInside && wasComment), isInside: isInside)
    }

    private func isCommentStart(_ offset: Int, _ end: Int) -> Bool {
        if language.lineComments.contains(where: { source.has($0, at: offset, before: end) }) { return true }
        return language.blockComment.map { source.has($0.open, at: offset, before: end) } ?? false
    }

    private mutating func scan(_ start: Int, _ end: Int) {
        var next = start
        while next < end {
            if let close = closing {
                next = skip(to: close, from: next, end)
                continue
            }
            let byte = source.bytes[next]
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "("), UInt8(ascii: "["):
                depth += 1
                next += 1
            case UInt8(ascii: "}"), UInt8(ascii: ")"), UInt8(ascii: "]"):
                depth = max(0, depth - 1)
                next += 1
            default:
                if Ascii.isWord(byte) || byte == Ascii.space { next += 1 } else { next = special(next, end) }
            }
        }
    }

    /// Steps over a comment or string that begins here, or one byte.
    private mutating func special(_ offset: Int, _ end: Int) -> Int {
        if let block = language.blockComment, source.has(block.open, at: offset, before: end) {
            closing = block.close
            isInComment = true
            return offset + block.open.utf8CodeUnitCount
        }
        if language.lineComments.contains(where: { source.has($0, at: offset, before: end) }) { return end }
        for mark in language.longStrings where source.has(mark, at: offset, before: end) {
            closing = mark
            isInComment = false
            return offset + mark.utf8CodeUnitCount
        }
        switch source.bytes[offset] {
        case Ascii.quote: return shortString(offset, end)
        case Ascii.apostrophe where language.apostrophe == .string: return shortString(offset, end)
        case Ascii.apostrophe where language.apostrophe == .character:
            // A lifetime or a digit separator has no closing mark nearby.
            let limit = min(end, offset + 8)
            let string = shortString(offset, limit)
            return string < limit || (string <= end && source.bytes[string - 1] == Ascii.apostrophe && string - offset > 2) ? string : offset + 1
        default: return offset + 1
        }
    }

    private func shortString(_ offset: Int, _ end: Int) -> Int {
        var next = offset + 1
        while next < end {
            if source.bytes[next] == Ascii.backslash { next += 2; continue }
            if source.bytes[next] == source.bytes[offset] { return next + 1 }
            next += 1
        }
        return end
    }

    private mutating func skip(to close: StaticString, from offset: Int, _ end: Int) -> Int {
        var next = offset
        while next < end {
            if !isInComment, source.bytes[next] == Ascii.backslash {
                next += 2
            } else if source.has(close, at: next, before: end) {
                closing = nil
                isInComment = false
                return next + close.utf8CodeUnitCount
            } else {
                next += 1
            }
        }
        return end
    }
}
