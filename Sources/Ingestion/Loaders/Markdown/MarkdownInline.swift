/// Plain text of Markdown inline markup, for headings and titles: emphasis, code, links, images, escapes, entities and
/// tags are removed and their text kept.
enum MarkdownInline {
    static func plainText(_ markup: String) -> String {
        var output: [UInt8] = []
        let bytes = Array(markup.utf8.prefix(4096))
        var index = 0
        while index < bytes.count { index = step(bytes, index, &output) }
        return String(decoding: output, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// Handles what stands at `index` and returns where to go on.
    private static func step(_ bytes: [UInt8], _ index: Int, _ output: inout [UInt8]) -> Int {
        let byte = bytes[index]
        switch byte {
        case Ascii.backslash where index + 1 < bytes.count && Ascii.isPunctuation(bytes[index + 1]):
            output.append(bytes[index + 1])
            return index + 2
        case Ascii.backtick:
            return code(bytes, index, &output)
        case UInt8(ascii: "!") where index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "["):
            return index + 1
        case UInt8(ascii: "["):
            return link(bytes, index, &output)
        case UInt8(ascii: "<"):
            return tag(bytes, index, &output)
        case UInt8(ascii: "&"):
            return entity(bytes, index, &output)
        case UInt8(ascii: "*"), UInt8(ascii: "~"):
            return isDelimiter(bytes, index) ? index + 1 : keep(byte, index, &output)
        case UInt8(ascii: "_"):
            let before = index > 0 && Ascii.isWord(bytes[index - 1]) && bytes[index - 1] != byte
            let after = index + 1 < bytes.count && Ascii.isWord(bytes[index + 1]) && bytes[index + 1] != byte
            return before == after ? keep(byte, index, &output) : index + 1
        default:
            return keep(byte, index, &output)
        }
    }

    private static func keep(_ byte: UInt8, _ index: Int, _ output: inout [UInt8]) -> Int {
        output.append(byte)
        return index + 1
    }

    /// An emphasis mark touches text on one side at least; `2 * 3` holds none. A lone `~` is a tilde.
    private static func isDelimiter(_ bytes: [UInt8], _ index: Int) -> Bool {
        let spaceBefore = index == 0 || Ascii.isSpace(bytes[index - 1])
        let spaceAfter = index + 1 == bytes.count || Ascii.isSpace(bytes[index + 1])
        if spaceBefore && spaceAfter { return false }
        guard bytes[index] == UInt8(ascii: "~") else { return true }
        return (index > 0 && bytes[index - 1] == bytes[index]) || (index + 1 < bytes.count && bytes[index + 1] == bytes[index])
    }

    private static func code(_ bytes: [UInt8], _ start: Int, _ output: inout [UInt8]) -> Int {
        var next = start
        while next < bytes.count, bytes[next] == Ascii.backtick { next += 1 }
        let length = next - start, content = next
        while next < bytes.count {
            guard bytes[next] == Ascii.backtick else { next += 1; continue }
            let run = next
            while next < bytes.count, bytes[next] == Ascii.backtick { next += 1 }
            if next - run == length {
                output.append(contentsOf: bytes[content..<run])
                return next
            }
        }
        output.append(contentsOf: bytes[start..<content])
        return content
    }

    /// `[text](target)`, `[text][label]` and `[text]`: the text.
    private static func link(_ bytes: [UInt8], _ start: Int, _ output: inout [UInt8]) -> Int {
        guard let close = closing(bytes, from: start, open: UInt8(ascii: "["), close: UInt8(ascii: "]")) else { return keep(bytes[start], start, &output) }
        var after = close + 1
        var isLink = false
        if after < bytes.count, bytes[after] == UInt8(ascii: "("), let end = closing(bytes, from: after, open: UInt8(ascii: "("), close: UInt8(ascii: ")")) {
            after = end + 1
            isLink = true
        } else if after < bytes.count, bytes[after] == UInt8(ascii: "["), let end = closing(bytes, from: after, open: UInt8(ascii: "["), close: UInt8(ascii: "]")) {
            after = end + 1
            isLink = true
        }
        guard isLink else { return keep(bytes[start], start, &output) }
        output.append(contentsOf: plainText(String(decoding: bytes[(start + 1)..<close], as: UTF8.self)).utf8)
        return after
    }

    private static func closing(_ bytes: [UInt8], from start: Int, open: UInt8, close: UInt8) -> Int? {
        var depth = 0, index = start
        // Far enough for any heading; a bound keeps a line of brackets from costing its square.
        while index < min(bytes.count, start + 512) {
            if bytes[index] == Ascii.backslash {
                index += 1
            } else if bytes[index] == open {
                depth += 1
                if depth > 16 { return nil }
            } else if bytes[index] == close {
                depth -= 1
                if depth == 0 { return index }
            }
            index += 1
        }
        return nil
    }

    /// `<https://…>` keeps its address, other tags vanish.
    private static func tag(_ bytes: [UInt8], _ start: Int, _ output: inout [UInt8]) -> Int {
        let limit = min(bytes.count, start + 512)
        guard start + 1 < limit, Ascii.isLetter(bytes[start + 1]) || bytes[start + 1] == UInt8(ascii: "/") || bytes[start + 1] == UInt8(ascii: "!"),
            let end = bytes[start..<limit].firstIndex(of: UInt8(ascii: ">")) else { return keep(bytes[start], start, &output) }
        let content = bytes[(start + 1)..<end]
        let isAddress = content.contains(UInt8(ascii: ":")) || content.contains(UInt8(ascii: "@"))
        if isAddress, !content.contains(Ascii.space) { output.append(contentsOf: content) }
        return end + 1
    }

    private static let entities: [String: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "copy": "©", "reg": "®", "trade": "™",
        "mdash": "—", "ndash": "–", "hellip": "…", "rarr": "→", "larr": "←", "times": "×", "auml": "ä", "ouml": "ö",
        "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß", "eacute": "é",
    ]

    private static func entity(_ bytes: [UInt8], _ start: Int, _ output: inout [UInt8]) -> Int {
        let limit = min(bytes.count, start + 12)
        guard let end = bytes[start..<limit].firstIndex(of: UInt8(ascii: ";")) else { return keep(bytes[start], start, &output) }
        let name = String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
        if let text = entities[name] {
            output.append(contentsOf: text.utf8)
        } else if name.hasPrefix("#"), let scalar = number(name.dropFirst()) {
            output.append(contentsOf: String(scalar).utf8)
        } else {
            return keep(bytes[start], start, &output)
        }
        return end + 1
    }

    private static func number(_ digits: Substring) -> Unicode.Scalar? {
        let value = digits.lowercased().hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return value.flatMap { $0 == 0 ? "\u{FFFD}" : Unicode.Scalar($0) }
    }
}
