/// The spelling of bytes as printable characters in byte-level vocabularies: visible Latin-1 characters stand for
/// themselves, the other 68 bytes for U+0100 onwards (Radford et al. 2019, the GPT-2 encoder).
enum ByteAlphabet {
    private static let bytes: [UInt32: UInt8] = {
        var map: [UInt32: UInt8] = [:]
        var next: UInt32 = 0x100
        for byte in UInt32(0)..<256 {
            let isVisible = (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte)
            map[isVisible ? byte : next] = UInt8(byte)
            if !isVisible { next += 1 }
        }
        return map
    }()
    /// By scalar value; -1 outside of the alphabet.
    private static let table: [Int16] = (0..<0x144).map { bytes[$0].map { Int16($0) } ?? -1 }

    /// Bytes that a spelling stands for; `nil` when it holds a character outside of the alphabet.
    static func decode(_ spelling: some Collection<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(spelling.count)
        var lead: UInt32 = 0
        for byte in spelling {
            let scalar: UInt32
            switch byte {
            case 0..<0x80: scalar = UInt32(byte)
            case 0xC2...0xC5: lead = UInt32(byte & 0x1F) << 6; continue
            case 0x80..<0xC0 where lead != 0: scalar = lead | UInt32(byte & 0x3F)
            default: return nil
            }
            lead = 0
            guard Int(scalar) < table.count, table[Int(scalar)] >= 0 else { return nil }
            output.append(UInt8(table[Int(scalar)]))
        }
        return output
    }
}
