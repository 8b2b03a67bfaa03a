/// A strict JSON parser (RFC 8259) that builds nothing: it checks the text and tells where values and members stand.
/// Nesting is followed on a stack of its own, so that depth costs no recursion.
struct JSONScanner {
    struct Failure: Error, Equatable {
        var offset: Int
        var reason: String
    }

    /// A value that is an element or member of the outermost container.
    struct Entry: Equatable {
        /// The member's name without quotation marks and escapes, for objects.
        var key: String?
        /// The value with its key.
        var range: Range<Int>
    }

    static let maximumDepth = 512

    let bytes: [UInt8]
    let end: Int
    private let budget: LoadBudget?
    private(set) var position: Int

    /// - Parameter budget: when its time is up, scanning ends with a failure.
    init(bytes: [UInt8], range: Range<Int>, budget: LoadBudget? = nil) {
        self.bytes = bytes
        self.budget = budget
        position = range.lowerBound
        end = range.upperBound
    }

    /// Checks the whole range as one value.
    /// - Returns: the entries of the outermost array or object; `nil` if the value is neither.
    mutating func scan() throws(Failure) -> [Entry]? {
        skipSpace()
        let opening = position < end ? bytes[position] : 0
        guard opening == UInt8(ascii: "[") || opening == UInt8(ascii: "{") else {
            try value()
            try finish()
            return nil
        }
        position += 1
        let entries = try entries(isObject: opening == UInt8(ascii: "{"))
        try finish()
        return entries
    }

    private mutating func finish() throws(Failure) {
        skipSpace()
        if position < end { throw failure("text after the value") }
    }

    private mutating func entries(isObject: Bool) throws(Failure) -> [Entry] {
        let closing = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
        var entries: [Entry] = []
        skipSpace()
        if try take(closing) { return [] }
        while true {
            skipSpace()
            let start = position
            var key: String?
            if isObject { key = try name() }
            try value()
            entries.append(Entry(key: key, range: start..<position))
            skipSpace()
            if try take(closing) { return entries }
            try expect(UInt8(ascii: ","), "a comma or the end of the container")
        }
    }

    // MARK: Values

    /// Steps over one value of any depth.
    private mutating func value() throws(Failure) {
        // Whether each open container is an object.
        var open: [Bool] = []
        repeat {
            skipSpace()
            guard position < end else { throw failure("a value is missing") }
            if let budget, !budget.step() { throw failure("there was no time left") }
            switch bytes[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                let isObject = bytes[position] == UInt8(ascii: "{")
                position += 1
                skipSpace()
                if try take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) { break }
                guard open.count < Self.maximumDepth else { throw failure("nested deeper than \(Self.maximumDepth)") }
                open.append(isObject)
                if isObject { _ = try name() }
                continue
            case Ascii.quote: _ = try string()
            default: try scalar()
            }
            try closeContainers(&open)
        } while !open.isEmpty
    }

    /// After a value: a comma and the next member, or the end of one container or several.
    private mutating func closeContainers(_ open: inout [Bool]) throws(Failure) {
        while let isObject = open.last {
            skipSpace()
            if try take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                open.removeLast()
                continue
            }
            try expect(UInt8(ascii: ","), "a comma or the end of the container")
            if isObject {
                skipSpace()
                _ = try name()
            }
            return
        }
    }

    private mutating func name() throws(Failure) -> String {
        skipSpace()
        let range = try string()
        skipSpace()
        try expect(UInt8(ascii: ":"), "a colon")
        return JSONText.unescaped(bytes[range])
    }

    /// Steps over a string; returns what stands between the quotation marks.
    private mutating func string() throws(Failure) -> Range<Int> {
        try expect(Ascii.quote, "a string")
        let start = position
        while position < end {
            let byte = bytes[position]
            if byte == Ascii.quote {
                position += 1
                return start..<(position - 1)
            }
            if byte == Ascii.backslash {
                try escape()
            } else {
                guard byte >= 0x20 else { throw failure("a control character in a string") }
                position += 1
            }
        }
        throw failure("a string is not closed")
    }

    private mutating func escape() throws(Failure) {
        guard position + 1 < end else { throw failure("a string is not closed") }
        let kind = bytes[position + 1]
        position += 2
        if kind == UInt8(ascii: "u") {
            for _ in 0..<4 {
                guard position < end, JSONText.hexValue(bytes[position]) != nil else { throw failure("four hexadecimal digits are needed") }
                position += 1
            }
        } else if !"\"\\/bfnrt".utf8.contains(kind) {
            throw failure("an unknown escape")
        }
    }

    private mutating func scalar() throws(Failure) {
        for word in ["true", "false", "null"] where bytes[position..<end].starts(with: word.utf8) {
            position += word.utf8.count
            return
        }
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        if position < end, bytes[position] == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if position < end, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if position < end, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < end, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
    }

    private mutating func digits() throws(Failure) {
        let start = position
        while position < end, Ascii.isDigit(bytes[position]) { position += 1 }
        if position == start { throw failure("a value is missing") }
    }

    // MARK: Bytes

    private mutating func skipSpace() {
        while position < end, bytes[position] == Ascii.space || bytes[position] == Ascii.newline || bytes[position] == Ascii.tab || bytes[position] == 0x0D {
            position += 1
        }
    }

    private mutating func take(_ byte: UInt8) throws(Failure) -> Bool {
        guard position < end else { throw failure("the text ends too early") }
        guard bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8, _ what: String) throws(Failure) {
        guard position < end, bytes[position] == byte else { throw failure("expected \(what)") }
        position += 1
    }

    private func failure(_ reason: String) -> Failure { Failure(offset: min(position, end), reason: reason) }
}

/// The characters behind JSON string escapes.
enum JSONText {
    static func hexValue(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - 0x30)
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - 0x57)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - 0x37)
        default: nil
        }
    }

    /// The text of a checked string; lone surrogates become U+FFFD.
    static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
        guard bytes.contains(Ascii.backslash) else { return String(decoding: bytes, as: UTF8.self) }
        var units: [UInt16] = [], index = bytes.startIndex, plain = index
        func flush(to end: Int) { units.append(contentsOf: String(decoding: bytes[plain..<end], as: UTF8.self).utf16) }
        while index + 1 < bytes.endIndex {
            guard bytes[index] == Ascii.backslash else { index += 1; continue }
            flush(to: index)
            switch bytes[index + 1] {
            case UInt8(ascii: "u"):
                units.append(bytes[min(index + 2, bytes.endIndex)..<min(index + 6, bytes.endIndex)].reduce(0) { $0 << 4 | (hexValue($1) ?? 0) })
                index += 4
            case UInt8(ascii: "n"): units.append(0x0A)
            case UInt8(ascii: "t"): units.append(0x09)
            case UInt8(ascii: "r"): units.append(0x0D)
            case UInt8(ascii: "b"): units.append(0x08)
            case UInt8(ascii: "f"): units.append(0x0C)
            case let other: units.append(UInt16(other))
            }
            index = min(index + 2, bytes.endIndex)
            plain = index
        }
        flush(to: bytes.endIndex)
        return String(decoding: units, as: UTF16.self)
    }
}
