/// Strict UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF.
enum UTF8Repair {
    /// The length of the valid sequence at `offset`, 0 if the bytes there are not UTF-8.
    @inline(__always)
    static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int) -> Int {
        let first = bytes[offset], left = bytes.count - offset
        if first < 0x80 { return 1 }
        guard first >= 0xC2, left >= 2 else { return 0 }
        let second = bytes[offset + 1]
        if first < 0xE0 { return second & 0xC0 == 0x80 ? 2 : 0 }
        guard left >= 3 else { return 0 }
        if first < 0xF0 {
            let low: UInt8 = first == 0xE0 ? 0xA0 : 0x80, high: UInt8 = first == 0xED ? 0x9F : 0xBF
            return second >= low && second <= high && bytes[offset + 2] & 0xC0 == 0x80 ? 3 : 0
        }
        guard first <= 0xF4, left >= 4 else { return 0 }
        let low: UInt8 = first == 0xF0 ? 0x90 : 0x80, high: UInt8 = first == 0xF4 ? 0x8F : 0xBF
        return second >= low && second <= high && bytes[offset + 2] & 0xC0 == 0x80 && bytes[offset + 3] & 0xC0 == 0x80 ? 4 : 0
    }

    /// The offset of the first byte that is not part of valid UTF-8; `nil` if all of it is valid.
    static func firstInvalid(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var offset = 0
        let base = UnsafeRawBufferPointer(bytes)
        while offset < bytes.count {
            if offset + 8 <= bytes.count, base.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & 0x8080_8080_8080_8080 == 0 {
                offset += 8
                continue
            }
            let length = sequenceLength(bytes, at: offset)
            if length == 0 { return offset }
            offset += length
        }
        return nil
    }

    /// A copy with each byte that is not UTF-8 replaced by U+FFFD (adjacent ones by a single U+FFFD), and their number.
    static func repaired(_ bytes: UnsafeBufferPointer<UInt8>) -> (bytes: [UInt8], replaced: Int) {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 16)
        var offset = 0, replaced = 0, wasBad = false
        while offset < bytes.count {
            let length = sequenceLength(bytes, at: offset)
            if length > 0 {
                result.append(contentsOf: bytes[offset..<(offset + length)])
                offset += length
                wasBad = false
            } else {
                if !wasBad { result.append(contentsOf: [0xEF, 0xBF, 0xBD]) }
                replaced += 1
                offset += 1
                wasBad = true
            }
        }
        return (result, replaced)
    }
}
