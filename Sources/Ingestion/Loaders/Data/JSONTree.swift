/// A JSON text as a tree (RFC 8259), for formats that are JSON; bounded in depth.
indirect enum JSONTree {
    case null, bool(Bool), number(String), string(String), array([JSONTree]), object([(key: String, value: JSONTree)])

    static let maximumDepth = 200

    /// - Returns: `nil` when the bytes are not JSON.
    static func parse(_ bytes: [UInt8]) -> JSONTree? {
        var parser = Parser(bytes: bytes)
        return parser.whole()
    }

    subscript(_ key: String) -> JSONTree? {
        if case .object(let members) = self { members.first { $0.key == key }?.value } else { nil }
    }

    var string: String? { if case .string(let text) = self { text } else { nil } }
    var array: [JSONTree]? { if case .array(let items) = self { items } else { nil } }

    /// A string, or an array of strings put together, as notebooks hold texts.
    var joinedText: String? {
        switch self {
        case .string(let text): text
        case .array(let items): items.compactMap(\.string).joined()
        default: nil
        }
    }

    private struct Parser {
        let bytes: [UInt8]
        var offset = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func whole() -> JSONTree? {
            guard let value = value(depth: 0) else { return nil }
            skipSpace()
            return offset == bytes.count ? value : nil
        }

        private mutating func skipSpace() { while offset < bytes.count, Ascii.isSpace(bytes[offset]) { offset += 1 } }

        private mutating func take(_ byte: UInt8) -> Bool {
            skipSpace()
            guard offset < bytes.count, bytes[offset] == byte else { return false }
            offset += 1
            return true
        }

        private mutating func value(depth: Int) -> JSONTree? {
            skipSpace()
            guard depth < JSONTree.maximumDepth, offset < bytes.count else { return nil }
            switch bytes[offset] {
            case UInt8(ascii: "{"): return object(depth)
            case UInt8(ascii: "["): return array(depth)
            case Ascii.quote: return text().map(JSONTree.string)
            default: return word()
            }
        }

        private mutating func object(_ depth: Int) -> JSONTree? {
            offset += 1
            var members: [(key: String, value: JSONTree)] = []
            if take(UInt8(ascii: "}")) { return .object([]) }
            repeat {
                skipSpace()
                guard offset < bytes.count, bytes[offset] == Ascii.quote, let key = text(), take(UInt8(ascii: ":")), let value = value(depth: depth + 1) else { return nil }
                members.append((key, value))
            } while take(UInt8(ascii: ","))
            return take(UInt8(ascii: "}")) ? .object(members) : nil
        }

        private mutating func array(_ depth: Int) -> JSONTree? {
            offset += 1
            var items: [JSONTree] = []
            if take(UInt8(ascii: "]")) { return .array([]) }
            repeat {
                guard let item = value(depth: depth + 1) else { return nil }
                items.append(item)
            } while take(UInt8(ascii: ","))
            return take(UInt8(ascii: "]")) ? .array(items) : nil
        }

        private mutating func text() -> String? {
            let start = offset + 1
            offset = start
            while offset < bytes.count, bytes[offset] != Ascii.quote { offset += bytes[offset] == Ascii.backslash ? 2 : 1 }
            guard offset < bytes.count else { return nil }
            defer { offset += 1 }
            return JSONText.unescaped(bytes[start..<offset])
        }

        private mutating func word() -> JSONTree? {
            let start = offset
            while offset < bytes.count, Ascii.isAlphanumeric(bytes[offset]) || "+-.".utf8.contains(bytes[offset]) { offset += 1 }
            switch String(decoding: bytes[start..<offset], as: UTF8.self) {
            case "": return nil
            case "null": return .null
            case "true": return .bool(true)
            case "false": return .bool(false)
            case let number: return Double(number) == nil ? nil : .number(number)
            }
        }
    }
}
