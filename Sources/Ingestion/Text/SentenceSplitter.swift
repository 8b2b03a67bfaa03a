/// Splits text into sentences: English, German and other alphabetic scripts, Chinese, Japanese, and mixtures of them.
///
/// Works on UTF-8 bytes in one pass, by rules: a terminator, what closes around it (quotation marks, brackets, a
/// citation such as `[3]`), and what follows. Abbreviations, initials, decimals, ordinals, version numbers, code spans
/// and list numbers do not end a sentence. A blank line always does; a single line end only before a list item, a
/// heading, a table row or a code fence. A fenced code block is one sentence.
package struct SentenceSplitter: Sendable {
    package init() {}

    /// The sentences of `text` as ascending UTF-8 ranges. They do not overlap, neither begin nor end with white space,
    /// and hold every character that is not white space. Linear in the length of `text`.
    package func ranges(in text: String) -> [Range<Int>] {
        var text = text
        return text.withUTF8 { ranges(in: $0, within: 0..<$0.count) }
    }

    /// The sentences within a part of a text, as offsets into the whole of `bytes`.
    package func ranges(in bytes: UnsafeBufferPointer<UInt8>, within part: Range<Int>) -> [Range<Int>] {
        var scanner = SentenceScanner(bytes: bytes, part: part.clamped(to: 0..<bytes.count))
        return scanner.scan()
    }
}

/// One pass over a text. `start` is where the open sentence begins, `position` the next byte to look at.
struct SentenceScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    let end: Int
    private(set) var start: Int
    private(set) var position: Int
    /// Where the content of the current line begins.
    private(set) var lineContent: Int
    private var sentences: [Range<Int>] = []

    /// Bytes at which the scanner must stop and think.
    private static let stops: [Bool] = (0..<256).map { byte in
        switch UInt8(byte) {
        case Ascii.newline, UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "?"), Ascii.backtick: true
        case 0xD6, 0xD8, 0xDB, 0xE0, 0xE1, 0xE2, 0xE3, 0xEF: true
        default: false
        }
    }

    init(bytes: UnsafeBufferPointer<UInt8>, part: Range<Int>) {
        self.bytes = bytes
        end = part.upperBound
        start = part.lowerBound
        position = part.lowerBound
        lineContent = part.lowerBound
    }

    mutating func scan() -> [Range<Int>] {
        begin(at: start)
        Self.stops.withUnsafeBufferPointer { stops in
            while position < end {
                guard stops[Int(bytes[position])] else { position += 1; continue }
                switch bytes[position] {
                case Ascii.newline: newline()
                case Ascii.backtick: codeSpan()
                case UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "?"): terminator()
                default: wide()
                }
            }
        }
        emit(upTo: end)
        return sentences
    }

    // MARK: Boundaries

    private mutating func emit(upTo boundary: Int) {
        var last = boundary
        while last > start {
            let length = trailingSpace(before: last)
            guard length > 0 else { break }
            last -= length
        }
        if last > start { sentences.append(start..<last) }
        start = boundary
    }

    /// Opens a sentence at the next character that is not white space; takes code fences whole.
    private mutating func begin(at offset: Int) {
        var next = offset
        while true {
            var isLineStart = next == 0 || bytes[next - 1] == Ascii.newline
            while next < end {
                let length = space(at: next)
                guard length > 0 else { break }
                if bytes[next] == Ascii.newline { isLineStart = true }
                next += length
            }
            start = next
            position = next
            guard isLineStart else { return }
            lineContent = next
            guard let fenceEnd = fence(at: next) else { return }
            emit(upTo: fenceEnd)
            next = fenceEnd
        }
    }

    private mutating func close(at boundary: Int) {
        emit(upTo: boundary)
        begin(at: boundary)
    }

    // MARK: Lines

    private mutating func newline() {
        var next = position + 1
        while next < end, bytes[next] == Ascii.space || bytes[next] == Ascii.tab { next += 1 }
        if next >= end || bytes[next] == Ascii.newline || standsAlone(lineAt: lineContent) || standsAlone(lineAt: next)
            || isListMarker(at: next) {
            close(at: position)
        } else {
            position = next
            lineContent = next
        }
    }

    /// Headings, table rows and fences: lines that are never continued on the next.
    private func standsAlone(lineAt offset: Int) -> Bool {
        guard offset < end else { return false }
        switch bytes[offset] {
        case Ascii.pipe: return true
        case Ascii.hash:
            var next = offset
            while next < end, bytes[next] == Ascii.hash { next += 1 }
            return next - offset <= 6 && next < end && bytes[next] == Ascii.space
        case Ascii.backtick, UInt8(ascii: "~"): return fenceLength(at: offset) >= 3
        default: return false
        }
    }

    private func isListMarker(at offset: Int) -> Bool {
        var next = offset
        switch bytes[next] {
        case UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "+"): next += 1
        case 0xE2:
            guard next + 2 < end, bytes[next + 1] == 0x80, bytes[next + 2] == 0xA2 else { return false }  // •
            return true
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            while next < end, next - offset < 9, Ascii.isDigit(bytes[next]) { next += 1 }
            guard next < end, bytes[next] == UInt8(ascii: ".") || bytes[next] == UInt8(ascii: ")") else { return false }
            next += 1
        default: return false
        }
        return next < end && bytes[next] == Ascii.space
    }

    private func fenceLength(at offset: Int) -> Int {
        var next = offset
        while next < end, bytes[next] == bytes[offset] { next += 1 }
        return next - offset
    }

    /// The end of the fenced code block that opens at `offset`, if one does; the end of the text if nothing closes it.
    private func fence(at offset: Int) -> Int? {
        guard offset < end, bytes[offset] == Ascii.backtick || bytes[offset] == UInt8(ascii: "~") else { return nil }
        let length = fenceLength(at: offset)
        guard length >= 3 else { return nil }
        var next = offset + length
        while next < end, bytes[next] != Ascii.newline {
            if bytes[next] == Ascii.backtick, bytes[offset] == Ascii.backtick { return nil }
            next += 1
        }
        while next < end {
            while next < end, bytes[next] != Ascii.newline { next += 1 }
            next += 1
            var content = next
            while content < end, bytes[content] == Ascii.space { content += 1 }
            if content < end, bytes[content] == bytes[offset], fenceLength(at: content) >= length {
                return content + fenceLength(at: content)
            }
        }
        return end
    }

    /// Steps over `code`, whose full stops end nothing. A span that is not closed nearby is no span.
    private mutating func codeSpan() {
        let length = fenceLength(at: position)
        let limit = min(end, position + length + 200)
        var next = position + length
        while next < limit {
            guard bytes[next] == Ascii.backtick else {
                if bytes[next] == Ascii.newline, next + 1 < end, bytes[next + 1] == Ascii.newline { break }
                next += 1
                continue
            }
            let closing = fenceLength(at: next)
            next += closing
            if closing == length { position = next; return }
        }
        position += length
    }

    // MARK: Terminators

    private mutating func terminator() {
        let first = position
        var next = first
        while next < end, isAsciiTerminator(bytes[next]) { next += 1 }
        let isLoneStop = next - first == 1 && bytes[first] == UInt8(ascii: ".")
        let afterRun = next
        next = skipCitations(from: skipClosers(from: next))
        guard next < end else { position = next; return }
        guard space(at: next) > 0 else {
            // Without a space only a CJK character opens a sentence: "好吗?好".
            let opensCJK = bytes[first] != UInt8(ascii: ".") && bytes[next] >= 0xE3 && bytes[next] <= 0xE9
            if opensCJK { close(at: next) } else { position = max(afterRun, first + 1) }
            return
        }
        var following = next
        while following < end, space(at: following) > 0, bytes[following] != Ascii.newline { following += space(at: following) }
        if following < end, bytes[following] == Ascii.newline {
            var content = following + 1
            while content < end, bytes[content] == Ascii.space || bytes[content] == Ascii.tab { content += 1 }
            guard content < end, bytes[content] != Ascii.newline else { position = following; return }
            if standsAlone(lineAt: content) || isListMarker(at: content) { position = following; return }
            following = content
        }
        guard following < end else { position = following; return }
        let ends = canOpenSentence(at: following) && (!isLoneStop || stopEndsSentence(at: first, before: following))
        if ends { close(at: next) } else { position = next }
    }

    private mutating func wide() {
        var length = wideTerminator(at: position)
        guard length > 0 else {
            if isEllipsis(at: position) { ellipsis() } else { position += 1 }
            return
        }
        if isNumberInside(at: position, length: length) { position += length; return }
        var next = position
        while next < end, length > 0 {
            next += length
            length = next < end && isAsciiTerminator(bytes[next]) ? 1 : wideTerminator(at: next)
        }
        let beforeClosers = next
        next = skipCitations(from: skipClosers(from: next))
        if next > beforeClosers, continuesQuotation(at: next) { position = next } else { close(at: next) }
    }

    /// "…" ends a sentence only where "..." would: before a space and an opening.
    private mutating func ellipsis() {
        var next = position
        while next < end, isEllipsis(at: next) { next += 3 }
        next = skipClosers(from: next)
        var following = next
        while following < end, space(at: following) > 0 { following += space(at: following) }
        if following > next, following < end, canOpenSentence(at: following) { close(at: next) } else { position = next }
    }
}
