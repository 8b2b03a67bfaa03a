/// A message or a part of one (RFC 5322, RFC 2045): header fields and the bytes of the body.
struct MIMEMessage {
    /// In the order of the file, names in lower case, folded lines joined, encoded words decoded.
    private(set) var fields: [(name: String, value: String)] = []
    /// Of `bytes`.
    private(set) var body: Range<Int>
    let bytes: [UInt8]

    init(_ bytes: [UInt8], in range: Range<Int>? = nil) {
        self.bytes = bytes
        var offset = range?.lowerBound ?? 0
        let limit = range?.upperBound ?? bytes.count
        var open: [UInt8] = []
        var raw: [[UInt8]] = []
        while offset < limit, raw.count < 1000 {
            let end = bytes[offset..<limit].firstIndex(of: Ascii.newline) ?? limit
            var line = bytes[offset..<end]
            if line.last == 0x0D { line.removeLast() }
            if line.isEmpty {
                offset = min(end + 1, limit)
                break
            }
            if Ascii.isSpace(line[line.startIndex]), !open.isEmpty {
                if open.count < 1 << 16 { open += line }
            } else if line.contains(UInt8(ascii: ":")) {
                if !open.isEmpty { raw.append(open) }
                open = Array(line)
            } else if !(raw.isEmpty && open.isEmpty) {
                // No field: the body begins without an empty line.
                break
            }
            offset = min(end + 1, limit)
        }
        if !open.isEmpty { raw.append(open) }
        body = offset..<limit
        for line in raw {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased().filter { !$0.isWhitespace }
            let value = TextDecoder.decode(Array(line[(colon + 1)...])).bytes
            fields.append((name, HeaderText.decode(PlainLine.tidied(String(decoding: value, as: UTF8.self), keepsLines: false))))
        }
    }

    subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// `text/plain` and the like, in lower case.
    var mediaType: String {
        let type = self["content-type"]?.prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace } ?? ""
        return type.contains("/") ? type : "text/plain"
    }

    /// A parameter of a field, also in the form with language and continuations (RFC 2231).
    func parameter(_ name: String, of field: String) -> String? {
        guard let value = self[field] else { return nil }
        var parts: [Int: (text: String, isEncoded: Bool)] = [:]
        for (key, text) in HeaderText.parameters(value) {
            if key == name { return text }
            guard key.hasPrefix(name + "*") else { continue }
            let rest = key.dropFirst(name.count + 1)
            parts[Int(rest.filter(\.isNumber)) ?? 0] = (text, rest.isEmpty || rest.hasSuffix("*"))
        }
        guard !parts.isEmpty else { return nil }
        let whole = parts.sorted { $0.key < $1.key }.map(\.value)
        let joined = whole.map { $0.isEncoded ? PercentEncoding.decode($0.text) : $0.text }.joined()
        let pieces = joined.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        return whole[0].isEncoded && pieces.count == 3 ? String(pieces[2]) : joined
    }

    /// The body without its transfer encoding.
    func content(budget: LoadBudget) throws(IngestionError) -> [UInt8] {
        let encoded = bytes[body]
        try budget.expand(by: encoded.count)
        switch self["content-transfer-encoding"]?.lowercased() {
        case "base64": return TransferEncoding.base64(encoded)
        case "quoted-printable": return TransferEncoding.quotedPrintable(encoded)
        default: return Array(encoded)
        }
    }

    /// The parts of a multipart body.
    func parts() -> [MIMEMessage] {
        guard let boundary = parameter("boundary", of: "content-type"), !boundary.isEmpty, boundary.utf8.count <= 200 else { return [] }
        let mark = Array("--\(boundary)".utf8)
        var parts: [MIMEMessage] = [], start: Int?, offset = body.lowerBound
        while offset < body.upperBound, parts.count < 10_000 {
            let end = bytes[offset..<body.upperBound].firstIndex(of: Ascii.newline) ?? body.upperBound
            if bytes[offset] == mark[0], end - offset >= mark.count, bytes[offset..<(offset + mark.count)].elementsEqual(mark) {
                if let from = start, from < offset { parts.append(MIMEMessage(bytes, in: from..<offset)) }
                let isLast = end - offset >= mark.count + 2 && bytes[(offset + mark.count)..<(offset + mark.count + 2)].elementsEqual([0x2D, 0x2D])
                start = isLast ? nil : min(end + 1, body.upperBound)
                if isLast { return parts }
            }
            offset = end + 1
        }
        if let from = start, from < body.upperBound { parts.append(MIMEMessage(bytes, in: from..<body.upperBound)) }
        return parts
    }
}

/// Encoded words and parameters of header fields.
enum HeaderText {
    /// Decodes `=?charset?B?…?=` and `=?charset?Q?…?=` (RFC 2047).
    static func decode(_ value: String) -> String {
        guard value.contains("=?") else { return value }
        var output = "", rest = Substring(value), wasEncoded = false
        while let mark = rest.firstRange(of: "=?") {
            let before = rest[..<mark.lowerBound]
            let parts = rest[mark.upperBound...].split(separator: "?", maxSplits: 3, omittingEmptySubsequences: false)
            guard parts.count == 4, parts[3].hasPrefix("="), let text = word(charset: parts[0], kind: parts[1], text: parts[2]) else {
                output += rest[..<mark.upperBound]
                rest = rest[mark.upperBound...]
                wasEncoded = false
                continue
            }
            // White space between two encoded words is not shown.
            if !(wasEncoded && before.allSatisfy(\.isWhitespace)) { output += before }
            output += text
            rest = parts[3].dropFirst()
            wasEncoded = true
        }
        return output + rest
    }

    private static func word(charset: Substring, kind: Substring, text: Substring) -> String? {
        let bytes: [UInt8]
        switch kind.lowercased() {
        case "b": bytes = TransferEncoding.base64(Array(text.utf8)[...])
        case "q": bytes = TransferEncoding.quotedPrintable(Array(text.replacing("_", with: " ").utf8)[...])
        default: return nil
        }
        return String(decoding: TextDecoder.decode(bytes, declared: String(charset.prefix { $0 != "*" })).bytes, as: UTF8.self)
    }

    /// `; name="value"; …`, names in lower case.
    static func parameters(_ value: String) -> [(String, String)] {
        var result: [(String, String)] = [], rest = value.drop { $0 != ";" }
        while !rest.isEmpty, result.count < 64 {
            rest = rest.drop { $0 == ";" || $0.isWhitespace }
            guard let equals = rest.firstIndex(of: "=") else { break }
            let name = rest[..<equals].lowercased().filter { !$0.isWhitespace }
            rest = rest[rest.index(after: equals)...].drop { $0.isWhitespace }
            var text = ""
            if rest.first == "\"" {
                rest = rest.dropFirst()
                while let character = rest.first, character != "\"" {
                    rest = rest.dropFirst()
                    if character == "\\", let next = rest.first { text.append(next); rest = rest.dropFirst() } else { text.append(character) }
                }
                rest = rest.dropFirst().drop { $0 != ";" }
            } else {
                text = String(rest.prefix { $0 != ";" }).trimmingSpaces()
                rest = rest.drop { $0 != ";" }
            }
            result.append((name, text))
        }
        return result
    }
}

extension String {
    fileprivate func trimmingSpaces() -> String { String(Substring(self).trimmingSpaces()) }
}

enum TransferEncoding {
    /// Characters that are not base64 are passed over, as RFC 2045 asks.
    static func base64(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = [], bits: UInt32 = 0, count = 0
        output.reserveCapacity(text.count * 3 / 4)
        for byte in text {
            let value: UInt8
            switch byte {
            case 0x41...0x5A: value = byte - 0x41
            case 0x61...0x7A: value = byte - 0x47
            case 0x30...0x39: value = byte + 4
            case 0x2B: value = 62
            case 0x2F: value = 63
            case 0x3D: (bits, count) = (0, 0); continue
            default: continue
            }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                output.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                bits &= (1 << UInt32(count)) - 1
            }
        }
        return output
    }

    static func quotedPrintable(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = [], index = text.startIndex
        output.reserveCapacity(text.count)
        while index < text.endIndex {
            let byte = text[index]
            guard byte == UInt8(ascii: "=") else {
                output.append(byte)
                index += 1
                continue
            }
            var next = index + 1
            if next + 1 < text.endIndex, let high = HexDigit.value(text[next]), let low = HexDigit.value(text[next + 1]) {
                output.append(high << 4 | low)
                index += 3
                continue
            }
            while next < text.endIndex, text[next] == 0x20 || text[next] == 0x09 || text[next] == 0x0D { next += 1 }
            if next >= text.endIndex || text[next] == Ascii.newline {
                index = next + 1
            } else {
                output.append(byte)
                index += 1
            }
        }
        return output
    }
}
