/// A fixed map from byte strings to ids: open addressing over one block of bytes, so that a slice of a text is looked
/// up without making a `String` of it.
struct ByteStringTable: Sendable {
    /// FNV-1a, which can be continued byte by byte: the hash of every prefix costs one step.
    struct Hash {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325

        @inline(__always)
        mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }

    /// Length in bytes of the longest key.
    private(set) var maximumLength = 0
    private var blob: [UInt8] = []
    /// Per entry: id and where its bytes begin; one more to close the last.
    private var entries: [(id: Int32, start: UInt32)] = []
    /// Tag in the upper half, entry + 1 in the lower, 0 when free.
    private var slots: [UInt64]
    private let mask: Int

    /// - Parameter capacity: the largest number of entries that will be inserted.
    init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = [UInt64](repeating: 0, count: size)
        mask = size - 1
    }

    var count: Int { entries.count }

    /// Adds a key; returns the id that holds it already, if any, and changes nothing then.
    mutating func insert(_ key: some Collection<UInt8>, id: Int32) -> Int32? {
        let bytes = Array(key)
        if let present = find(bytes) { return present }
        var hash = Hash()
        for byte in bytes { hash.add(byte) }
        var slot = Self.slot(hash) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        entries.append((id, UInt32(blob.count)))
        slots[slot] = Self.tag(hash) << 32 | UInt64(entries.count)
        blob.append(contentsOf: bytes)
        maximumLength = max(maximumLength, bytes.count)
        return nil
    }

    func find(_ key: [UInt8]) -> Int32? {
        var hash = Hash()
        for byte in key { hash.add(byte) }
        return key.withUnsafeBufferPointer { find($0, hash) }
    }

    /// - Parameter hash: that of all bytes of `key`.
    @inline(__always)
    func find(_ key: UnsafeBufferPointer<UInt8>, _ hash: Hash) -> Int32? {
        let tag = Self.tag(hash)
        var slot = Self.slot(hash) & mask
        while true {
            let value = slots[slot]
            if value == 0 { return nil }
            if value >> 32 == tag {
                let entry = Int(truncatingIfNeeded: value & 0xFFFF_FFFF) - 1
                if matches(key, entry) { return entries[entry].id }
            }
            slot = (slot + 1) & mask
        }
    }

    @inline(__always)
    private func matches(_ key: UnsafeBufferPointer<UInt8>, _ entry: Int) -> Bool {
        let start = Int(entries[entry].start)
        let end = entry + 1 < entries.count ? Int(entries[entry + 1].start) : blob.count
        guard end - start == key.count else { return false }
        for index in 0..<key.count where blob[start + index] != key[index] { return false }
        return true
    }

    @inline(__always)
    private static func tag(_ hash: Hash) -> UInt64 { hash.value >> 32 }

    @inline(__always)
    private static func slot(_ hash: Hash) -> Int {
        Int(truncatingIfNeeded: (hash.value ^ hash.value >> 29) & 0x7FFF_FFFF)
    }
}
