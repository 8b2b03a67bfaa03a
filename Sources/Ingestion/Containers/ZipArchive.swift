/// Reads ZIP archives (PKWARE APPNOTE 6.3.10) from memory: stored and deflated members, ZIP64 sizes.
struct ZipArchive {
    struct Member {
        var name: String
        var method: UInt16
        var packedSize: Int
        var size: Int
        var isEncrypted: Bool
        /// Where the local header stands.
        var offset: Int
        var isFolder: Bool { name.hasSuffix("/") }
    }

    /// More entries than this are not listed.
    static let maximumMembers = 100_000

    let bytes: [UInt8]
    private(set) var members: [Member] = []
    private var byName: [String: Int] = [:]

    /// - Throws: `IngestionError.malformed` when there is no directory of members.
    init(_ bytes: [UInt8]) throws(IngestionError) {
        self.bytes = bytes
        guard let end = Self.endRecord(bytes) else { throw Self.malformed("it has no directory, so it was cut off or is not one") }
        var offset = Int(bytes.number(end + 16, 4) ?? 0), count = Int(bytes.number(end + 10, 2) ?? 0)
        if let wide = Self.wideEnd(bytes, before: end) { (offset, count) = wide }
        // A program may stand before the archive: then every offset is off by its length.
        let size = Int(bytes.number(end + 12, 4) ?? 0)
        var shift = 0
        if bytes.number(offset, 4) != 0x0201_4B50, end >= size, bytes.number(end - size, 4) == 0x0201_4B50 {
            shift = end - size - offset
            offset = end - size
        }
        guard count <= Self.maximumMembers else { throw .tooManyMembers(limit: Self.maximumMembers) }
        for _ in 0..<count {
            guard let (member, next) = directoryEntry(at: offset, shift: shift) else { break }
            if byName[member.name] == nil { byName[member.name] = members.count }
            members.append(member)
            offset = next
        }
        guard count == 0 || !members.isEmpty else { throw Self.malformed("its directory is damaged") }
    }

    /// The member of that name.
    subscript(name: String) -> Member? { byName[name].map { members[$0] } }

    /// Unpacks a member.
    func read(_ member: Member, budget: LoadBudget) throws(IngestionError) -> [UInt8] {
        guard !member.isEncrypted else { throw .encrypted(format: "archive") }
        guard bytes.number(member.offset, 4) == 0x0403_4B50, let name = bytes.number(member.offset + 26, 2), let extra = bytes.number(member.offset + 28, 2)
        else { throw Self.malformed("\(member.name) is not where the directory says") }
        let start = member.offset + 30 + Int(name) + Int(extra)
        guard start <= bytes.count, member.packedSize <= bytes.count - start else { throw Self.malformed("\(member.name) is cut off") }
        let packed = bytes[start..<(start + member.packedSize)]
        switch member.method {
        case 0:
            try budget.expand(by: packed.count)
            return Array(packed)
        case 8: return try Inflater.inflate(packed, .none, expected: member.size, budget: budget).bytes
        default: throw Self.malformed("\(member.name) is packed by method \(member.method), which is not supported")
        }
    }

    /// Unpacks the member of that name, if it is there.
    func read(_ name: String, budget: LoadBudget) throws(IngestionError) -> [UInt8]? {
        guard let member = self[name] else { return nil }
        return try read(member, budget: budget)
    }

    // MARK: The directory

    private static func malformed(_ reason: String) -> IngestionError { .malformed(format: "a ZIP archive", reason: reason) }

    private static func endRecord(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 22 else { return nil }
        var offset = bytes.count - 22
        let limit = max(0, offset - 65_535)
        while offset >= limit {
            if bytes[offset] == 0x50, bytes.number(offset, 4) == 0x0605_4B50 { return offset }
            offset -= 1
        }
        return nil
    }

    private static func wideEnd(_ bytes: [UInt8], before end: Int) -> (offset: Int, count: Int)? {
        guard bytes.number(end - 20, 4) == 0x0706_4B50, let at = bytes.number(end - 12, 8).flatMap({ Int(exactly: $0) }),
            bytes.number(at, 4) == 0x0606_4B50, let count = bytes.number(at + 32, 8).flatMap({ Int(exactly: $0) }),
            let offset = bytes.number(at + 48, 8).flatMap({ Int(exactly: $0) }) else { return nil }
        return (offset, count)
    }

    private func directoryEntry(at offset: Int, shift: Int) -> (Member, next: Int)? {
        guard bytes.number(offset, 4) == 0x0201_4B50, let flags = bytes.number(offset + 8, 2), let method = bytes.number(offset + 10, 2),
            let packed = bytes.number(offset + 20, 4), let size = bytes.number(offset + 24, 4), let nameLength = bytes.number(offset + 28, 2),
            let extraLength = bytes.number(offset + 30, 2), let commentLength = bytes.number(offset + 32, 2), let local = bytes.number(offset + 42, 4)
        else { return nil }
        let nameStart = offset + 46, extraStart = nameStart + Int(nameLength), extraEnd = extraStart + Int(extraLength)
        guard extraEnd <= bytes.count else { return nil }
        var sizes = [size, packed, local]
        widen(&sizes, extraStart..<extraEnd)
        guard let wideSize = Int(exactly: sizes[0]), let widePacked = Int(exactly: sizes[1]), let start = Int(exactly: sizes[2]), start <= bytes.count else { return nil }
        let member = Member(
            name: Self.name(bytes[nameStart..<extraStart]), method: UInt16(method), packedSize: widePacked, size: wideSize,
            isEncrypted: flags & 1 != 0, offset: start + shift)
        return (member, extraEnd + Int(commentLength))
    }

    /// Takes sizes that do not fit 32 bits from the ZIP64 field.
    private func widen(_ sizes: inout [UInt64], _ extra: Range<Int>) {
        var offset = extra.lowerBound
        while let kind = bytes.number(offset, 2), let length = bytes.number(offset + 2, 2), offset + 4 + Int(length) <= extra.upperBound {
            if kind == 1 {
                var at = offset + 4
                for index in sizes.indices where sizes[index] == 0xFFFF_FFFF && at + 8 <= offset + 4 + Int(length) {
                    sizes[index] = bytes.number(at, 8) ?? sizes[index]
                    at += 8
                }
            }
            offset += 4 + Int(length)
        }
    }

    private static func name(_ bytes: ArraySlice<UInt8>) -> String {
        let raw = String(validating: bytes, as: UTF8.self)
            ?? CharacterSet.convert(Array(bytes), from: "CP437").map { String(decoding: $0.bytes, as: UTF8.self) } ?? String(decoding: bytes, as: UTF8.self)
        return raw.contains("\\") ? String(raw.map { $0 == "\\" ? "/" : $0 }) : raw
    }
}

extension [UInt8] {
    /// A little-endian number of `count` bytes; `nil` where it does not fit.
    func number(_ offset: Int, _ count: Int) -> UInt64? {
        guard offset >= 0, count <= 8, offset <= self.count - count else { return nil }
        var value: UInt64 = 0
        for index in 0..<count { value |= UInt64(self[offset + index]) << (8 * UInt64(index)) }
        return value
    }
}
