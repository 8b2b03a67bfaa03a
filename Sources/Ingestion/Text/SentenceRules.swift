/// What the scanner asks about the characters around a terminator.
extension SentenceScanner {
    @inline(__always) func isAsciiTerminator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?")
    }

    /// The length of the white space character at `offset`, 0 if there is none. Counts U+00A0 and U+3000.
    @inline(__always) func space(at offset: Int) -> Int {
        let byte = bytes[offset]
        if Ascii.isSpace(byte) { return 1 }
        if byte == 0xC2, offset + 1 < end, bytes[offset + 1] == 0xA0 { return 2 }
        if byte == 0xE3, offset + 2 < end, bytes[offset + 1] == 0x80, bytes[offset + 2] == 0x80 { return 3 }
        return 0
    }

    func trailingSpace(before offset: Int) -> Int {
        if Ascii.isSpace(bytes[offset - 1]) { return 1 }
        if offset - start >= 2, bytes[offset - 2] == 0xC2, bytes[offset - 1] == 0xA0 { return 2 }
        if offset - start >= 3, bytes[offset - 3] == 0xE3, bytes[offset - 2] == 0x80, bytes[offset - 1] == 0x80 { return 3 }
        return 0
    }

    /// The length of the terminator of another script at `offset`, 0 if there is none:
    /// 。 ｡ ！ ？ ． and the Arabic, Urdu, Devanagari, Ethiopic, Khmer, Burmese and Armenian stops.
    func wideTerminator(at offset: Int) -> Int {
        guard offset + 1 < end else { return 0 }
        let second = bytes[offset + 1]
        switch bytes[offset] {
        case 0xD6: return second == 0x89 ? 2 : 0
        case 0xD8: return second == 0x9F ? 2 : 0
        case 0xDB: return second == 0x94 ? 2 : 0
        default: break
        }
        guard offset + 2 < end else { return 0 }
        let third = bytes[offset + 2]
        let found = switch (bytes[offset], second) {
        case (0xE3, 0x80): third == 0x82
        case (0xEF, 0xBC): third == 0x81 || third == 0x9F || third == 0x8E
        case (0xEF, 0xBD): third == 0xA1
        case (0xE0, 0xA5): third == 0xA4 || third == 0xA5
        case (0xE1, 0x8D): third == 0xA2 || third == 0xA7
        case (0xE1, 0x9F): third == 0x94
        case (0xE1, 0x81): third == 0x8B
        case (0xE2, 0x80): third == 0xBC || third == 0xBD
        case (0xE2, 0x81): third >= 0x87 && third <= 0x89
        default: false
        }
        return found ? 3 : 0
    }

    func isEllipsis(at offset: Int) -> Bool {
        offset + 2 < end && bytes[offset] == 0xE2 && bytes[offset + 1] == 0x80 && bytes[offset + 2] == 0xA6
    }

    /// Whether a full-width stop stands between digits: "３．１４".
    func isNumberInside(at offset: Int, length: Int) -> Bool {
        guard length == 3, bytes[offset] == 0xEF, bytes[offset + 2] == 0x8E, offset + length < end, offset > start
        else { return false }
        func isDigit(_ at: Int) -> Bool {
            Ascii.isDigit(bytes[at])
                || (at + 2 < end && bytes[at] == 0xEF && bytes[at + 1] == 0xBC && (0x90...0x99).contains(bytes[at + 2]))
        }
        return isDigit(offset + length) && (isDigit(offset - 1) || (offset - start >= 3 && isDigit(offset - 3)))
    }

    /// Steps over quotation marks, brackets and emphasis marks that close after a terminator.
    func skipClosers(from offset: Int) -> Int {
        var next = offset
        while next < end {
            switch bytes[next] {
            case Ascii.quote, Ascii.apostrophe, UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "*"),
                UInt8(ascii: "_"), Ascii.backtick:
                next += 1
            case 0xC2 where next + 1 < end && bytes[next + 1] == 0xBB: next += 2  // »
            case 0xE2, 0xE3, 0xEF:
                guard isWideCloser(at: next) else { return next }
                next += 3
            default: return next
            }
        }
        return next
    }

    private func isWideCloser(at offset: Int) -> Bool {
        guard offset + 2 < end else { return false }
        let third = bytes[offset + 2]
        switch (bytes[offset], bytes[offset + 1]) {
        case (0xE2, 0x80): return third == 0x99 || third == 0x9D || third == 0xBA  // ’ ” ›
        case (0xE3, 0x80): return [0x8D, 0x8F, 0x8B, 0x89, 0x91, 0x95, 0x9E, 0x9F].contains(third)  // 」』》〉】〕〞〟
        case (0xEF, 0xBC): return third == 0x89 || third == 0xBD  // ）］
        case (0xEF, 0xBD): return third == 0x9D || third == 0xA3  // ｝｣
        default: return false
        }
    }

    /// Steps over citations such as `[3]`, ` [1, 2]`, which belong to the sentence before them unless the text's own
    /// sentences begin with such a mark.
    func skipCitations(from offset: Int) -> Int {
        guard start < end, bytes[start] != UInt8(ascii: "[") else { return offset }
        var next = offset
        while true {
            var mark = next
            while mark < end, mark - next < 2, bytes[mark] == Ascii.space { mark += 1 }
            guard mark < end, bytes[mark] == UInt8(ascii: "[") else { return next }
            mark += 1
            let digits = mark
            while mark < end, mark - digits < 24,
                Ascii.isDigit(bytes[mark]) || bytes[mark] == UInt8(ascii: ",") || bytes[mark] == Ascii.space
                    || bytes[mark] == UInt8(ascii: "-") || bytes[mark] == UInt8(ascii: "^") { mark += 1 }
            guard mark > digits, mark < end, bytes[mark] == UInt8(ascii: "]") else { return next }
            // A link text or task box is no citation.
            guard mark + 1 >= end || bytes[mark + 1] != UInt8(ascii: "("), bytes[mark - 1] != Ascii.space else { return next }
            next = mark + 1
        }
    }

    /// 「行く。」と言った: after the closing mark a particle carries the sentence on.
    func continuesQuotation(at offset: Int) -> Bool {
        guard offset + 2 < end, bytes[offset] == 0xE3 else { return bytes.indices.contains(offset) && isComma(at: offset) }
        let second = bytes[offset + 1], third = bytes[offset + 2]
        if second == 0x80 { return third == 0x81 }  // 、
        // っ と の は を が に で も
        return (second == 0x81 && [0xA3, 0xA8, 0xAE, 0xAF, 0x8C, 0xAB, 0xA7].contains(third)) || (second == 0x82 && [0x82, 0x92].contains(third))
    }

    private func isComma(at offset: Int) -> Bool {
        offset < end && (bytes[offset] == UInt8(ascii: ",") || (offset + 2 < end && bytes[offset] == 0xEF && bytes[offset + 1] == 0xBC && bytes[offset + 2] == 0x8C))
    }

    /// Whether a sentence may begin with the character at `offset`: anything but a small letter, unless the word is
    /// an identifier (`sqlite3_open`, `makeIterator()`).
    func canOpenSentence(at offset: Int) -> Bool {
        let byte = bytes[offset]
        if byte < 0x80 {
            if byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";") || byte == UInt8(ascii: ")") { return false }
            return !Ascii.isLower(byte) || isIdentifier(at: offset)
        }
        return !isLowercaseScalar(at: offset)
    }

    private func isIdentifier(at offset: Int) -> Bool {
        var next = offset
        while next < end, next - offset < 40 {
            let byte = bytes[next]
            if byte == UInt8(ascii: "_") || byte == UInt8(ascii: "(") || Ascii.isDigit(byte) || Ascii.isUpper(byte) { return true }
            guard Ascii.isLower(byte) else { return false }
            next += 1
        }
        return false
    }

    private func isLowercaseScalar(at offset: Int) -> Bool {
        let length = bytes[offset] >= 0xF0 ? 4 : bytes[offset] >= 0xE0 ? 3 : 2
        guard length < 4, offset + length <= end else { return false }
        let tail = bytes[(offset + 1)..<(offset + length)]
        let lead = UInt32(bytes[offset]) & (length == 2 ? 0x1F : 0x0F)
        let value = tail.reduce(lead) { $0 << 6 | UInt32($1 & 0x3F) }
        return Unicode.Scalar(value)?.properties.isLowercase ?? false
    }

    /// Whether the lone full stop at `stop` ends its sentence, given the word before and the text at `following`.
    func stopEndsSentence(at stop: Int, before following: Int) -> Bool {
        var first = stop
        while first > start, stop - first < 24, Ascii.isWord(bytes[first - 1]) || bytes[first - 1] == UInt8(ascii: ".") { first -= 1 }
        guard first < stop else { return true }
        let isLineStart = first == lineContent || first == start
        let word = bytes[first..<stop]
        if word.allSatisfy({ Ascii.isDigit($0) || $0 == UInt8(ascii: ".") }) {
            if isLineStart { return false }
            return !(word.count <= 2 && SentenceAbbreviations.afterOrdinal.contains(self.word(at: following)))
        }
        if word.count == 1 {
            guard Ascii.isLetter(bytes[first]) else { return true }
            if SentenceAbbreviations.beforeNumber.contains(lowercased(word)) { return !Ascii.isDigit(bytes[following]) && opens(following) }
            return bytes[first] == UInt8(ascii: "I") || opens(following)
        }
        guard word.count <= 15 else { return true }
        let key = lowercased(word)
        if SentenceAbbreviations.neverLast.contains(key) { return false }
        if SentenceAbbreviations.maybeLast.contains(key) || isDottedLetters(word) { return opens(following) }
        if SentenceAbbreviations.beforeNumber.contains(key) { return !Ascii.isDigit(bytes[following]) }
        return true
    }

    private func opens(_ offset: Int) -> Bool { SentenceAbbreviations.openers.contains(word(at: offset)) }

    /// "U.S", "N.A.S.A": single letters between full stops.
    private func isDottedLetters(_ word: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard word.count % 2 == 1, word.count >= 3 else { return false }
        return word.indices.allSatisfy { index in
            (index - word.startIndex) % 2 == 0 ? Ascii.isLetter(word[index]) : word[index] == UInt8(ascii: ".")
        }
    }

    private func word(at offset: Int) -> String {
        var next = offset
        while next < end, next - offset < 16, Ascii.isLetter(bytes[next]) || bytes[next] >= 0x80 { next += 1 }
        return String(decoding: bytes[offset..<next], as: UTF8.self)
    }

    private func lowercased(_ word: Slice<UnsafeBufferPointer<UInt8>>) -> String {
        String(unsafeUninitializedCapacity: word.count) { buffer in
            for (index, byte) in word.enumerated() { buffer[index] = Ascii.lowercased(byte) }
            return word.count
        }
    }
}
