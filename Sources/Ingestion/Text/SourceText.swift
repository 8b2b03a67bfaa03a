/// The decoded text of a file as bytes with a table of line starts: valid UTF-8, lines ended by `\n`, no byte-order mark.
package struct SourceText: Sendable {
    package let bytes: [UInt8]
    /// Offset of the first byte of each line; never empty. A final `\n` does not open another line.
    package let lineStarts: [Int]
    private let budget: LoadBudget?

    /// - Parameters:
    ///   - bytes: valid UTF-8 without carriage returns, as `TextDecoder` makes it.
    ///   - budget: what reading it may cost; `nil` for no limit.
    package init(_ bytes: [UInt8], budget: LoadBudget? = nil) {
        self.bytes = bytes
        self.budget = budget
        var starts = [0]
        starts.reserveCapacity(bytes.count / 40 + 1)
        for (index, byte) in bytes.enumerated() where byte == Ascii.newline {
            starts.append(index + 1)
        }
        if starts.count > 1, starts[starts.count - 1] == bytes.count { starts.removeLast() }
        lineStarts = starts
    }

    package init(_ text: String) { self.init(Array(text.utf8)) }

    package var lineCount: Int { lineStarts.count }

    /// Whether reading may go on: ask at every step of a loop over the text, and leave it if not. What was made of the file
    /// is not used then.
    var hasTime: Bool { budget?.step() ?? true }

    /// The bytes of line `index` (from 0) without its line end.
    package func line(_ index: Int) -> Range<Int> {
        let start = lineStarts[index]
        guard index + 1 < lineStarts.count else {
            let end = bytes.count
            return start..<(end > start && bytes[end - 1] == Ascii.newline ? end - 1 : end)
        }
        return start..<(lineStarts[index + 1] - 1)
    }

    /// The line (from 1) that holds the byte at `offset`.
    package func lineNumber(at offset: Int) -> Int {
        var low = 0, high = lineStarts.count
        while low < high {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle + 1 } else { high = middle }
        }
        return max(low, 1)
    }

    /// The lines (from 1) that a non-empty range touches.
    package func lines(of range: Range<Int>) -> ClosedRange<Int> {
        let first = lineNumber(at: range.lowerBound)
        return first...max(first, lineNumber(at: max(range.lowerBound, range.upperBound - 1)))
    }

    package var string: String { String(decoding: bytes, as: UTF8.self) }

    package func string(_ range: Range<Int>) -> String {
        bytes.withUnsafeBufferPointer { String(decoding: $0[range], as: UTF8.self) }
    }

    /// `range` without white space at either end.
    package func trimmed(_ range: Range<Int>) -> Range<Int> {
        trimmedEnd(firstNonBlank(in: range)..<range.upperBound)
    }

    /// `range` without white space at its end.
    package func trimmedEnd(_ range: Range<Int>) -> Range<Int> {
        var end = range.upperBound
        while end > range.lowerBound, Ascii.isSpace(bytes[end - 1]) { end -= 1 }
        return range.lowerBound..<end
    }

    package func firstNonBlank(in range: Range<Int>) -> Int {
        var start = range.lowerBound
        while start < range.upperBound, Ascii.isSpace(bytes[start]) { start += 1 }
        return start
    }

    package func isBlank(_ range: Range<Int>) -> Bool { firstNonBlank(in: range) == range.upperBound }

    /// Whether the bytes from `offset` on are `prefix`, all before `end`.
    func has(_ prefix: StaticString, at offset: Int, before end: Int) -> Bool {
        let count = prefix.utf8CodeUnitCount
        guard offset >= 0, end <= bytes.count, offset + count <= end else { return false }
        return prefix.withUTF8Buffer { expected in
            for index in 0..<count where bytes[offset + index] != expected[index] { return false }
            return true
        }
    }
}

/// The ASCII bytes that the parsers look for, and their classes.
enum Ascii {
    static let tab = UInt8(ascii: "\t"), newline = UInt8(ascii: "\n"), space = UInt8(ascii: " ")
    static let backslash = UInt8(ascii: "\\"), quote = UInt8(ascii: "\""), apostrophe = UInt8(ascii: "'")
    static let backtick = UInt8(ascii: "`"), pipe = UInt8(ascii: "|"), hash = UInt8(ascii: "#")

    /// Space, tab, newline, vertical tab, form feed, carriage return.
    @inline(__always) static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
    @inline(__always) static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    @inline(__always) static func isUpper(_ byte: UInt8) -> Bool { byte >= 0x41 && byte <= 0x5A }
    @inline(__always) static func isLower(_ byte: UInt8) -> Bool { byte >= 0x61 && byte <= 0x7A }
    @inline(__always) static func isLetter(_ byte: UInt8) -> Bool { isUpper(byte) || isLower(byte) }
    @inline(__always) static func isAlphanumeric(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }
    /// Letters, digits, `_` and every byte of a character beyond ASCII: what may stand in an identifier.
    @inline(__always) static func isWord(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || byte == 0x5F || byte >= 0x80 }
    @inline(__always) static func isPunctuation(_ byte: UInt8) -> Bool {
        (byte >= 0x21 && byte <= 0x2F) || (byte >= 0x3A && byte <= 0x40) || (byte >= 0x5B && byte <= 0x60)
            || (byte >= 0x7B && byte <= 0x7E)
    }
    @inline(__always) static func lowercased(_ byte: UInt8) -> UInt8 { isUpper(byte) ? byte | 0x20 : byte }
    /// Whether `byte` continues a UTF-8 sequence.
    @inline(__always) static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
