/// Reads TAR archives (POSIX ustar and pax, GNU long names) from memory.
enum TarArchive {
    struct Member {
        var name: String
        var range: Range<Int>
        /// `0` for a file, `5` for a folder, others for links and devices.
        var kind: UInt8
    }

    static func isArchive(_ bytes: [UInt8]) -> Bool {
        bytes.count >= 512 && (bytes[257..<262].elementsEqual("ustar".utf8) || (bytes[0] != 0 && hasChecksum(bytes, 0)))
    }

    /// - Throws: `IngestionError.malformed` when not even the first header is sound.
    static func members(_ bytes: [UInt8], limit: Int) throws(IngestionError) -> (members: [Member], isCutOff: Bool) {
        var result: [Member] = [], offset = 0, longName: String?
        while offset + 512 <= bytes.count, result.count <= limit {
            if bytes[offset..<(offset + 512)].allSatisfy({ $0 == 0 }) { return (result, false) }
            guard hasChecksum(bytes, offset), let size = size(bytes, offset), size >= 0 else {
                if result.isEmpty { throw .malformed(format: "a TAR archive", reason: "its first header is damaged") }
                return (result, true)
            }
            let start = offset + 512
            guard size <= bytes.count - start else { return (result, true) }
            let kind = bytes[offset + 156], content = start..<(start + size)
            switch kind {
            case UInt8(ascii: "L"): longName = text(bytes[content])
            case UInt8(ascii: "x"): longName = paxPath(bytes[content]) ?? longName
            case UInt8(ascii: "g"), UInt8(ascii: "K"): break
            default:
                var name = text(bytes[offset..<(offset + 100)])
                if bytes[(offset + 257)..<(offset + 262)].elementsEqual("ustar".utf8), bytes[offset + 263] == 0x30 {
                    let prefix = text(bytes[(offset + 345)..<(offset + 500)])
                    if !prefix.isEmpty { name = prefix + "/" + name }
                }
                result.append(Member(name: longName ?? name, range: content, kind: kind == 0 ? UInt8(ascii: "0") : kind))
                longName = nil
            }
            offset = start + (size + 511) / 512 * 512
        }
        return (result, false)
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: TextDecoder.decode(Array(bytes.prefix { $0 != 0 })).bytes, as: UTF8.self)
    }

    private static func size(_ bytes: [UInt8], _ offset: Int) -> Int? {
        let field = bytes[(offset + 124)..<(offset + 136)]
        if field.first == 0x80 {
            // A number too large for octal digits.
            return field.dropFirst(4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }.magnitude <= UInt64(Int.max) ? Int(field.dropFirst(4).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }) : nil
        }
        return octal(field)
    }

    private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = field.drop { $0 == Ascii.space }.prefix { (0x30...0x37).contains($0) }
        guard digits.count <= 20 else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: 8) ?? (digits.isEmpty ? 0 : nil)
    }

    /// The sum of the header's bytes, its own field taken as spaces.
    private static func hasChecksum(_ bytes: [UInt8], _ offset: Int) -> Bool {
        guard offset + 512 <= bytes.count, let stated = octal(bytes[(offset + 148)..<(offset + 156)]) else { return false }
        var sum = 0
        for index in 0..<512 { sum += (148..<156).contains(index) ? 32 : Int(bytes[offset + index]) }
        return sum == stated
    }

    /// `path` of a pax header: records of `length key=value`.
    private static func paxPath(_ bytes: ArraySlice<UInt8>) -> String? {
        for line in bytes.split(separator: Ascii.newline) {
            let record = String(decoding: line, as: UTF8.self).drop { $0 != " " }.dropFirst()
            if record.hasPrefix("path=") { return String(record.dropFirst(5)) }
        }
        return nil
    }
}
