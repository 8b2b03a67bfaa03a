/// Damages bytes the way transfers, tools and attackers do.
func mutated(_ original: [UInt8], using random: inout TestRandom) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
        let position = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[position] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.removeSubrange(position...)
        case 3: bytes.insert(UInt8.random(in: 0...255, using: &random), at: position)
        case 4: bytes.remove(at: position)
        case 5: overwrite(&bytes, at: position, with: littleEndian(interesting.randomElement(using: &random) ?? 0))
        default:
            let source = Int.random(in: 0..<bytes.count, using: &random)
            overwrite(&bytes, at: position, with: Array(bytes[source..<min(source + 16, bytes.count)]))
        }
    }
    return bytes
}

private let interesting: [UInt64] = [
    0, 1, 7, 255, 65_536, 1 << 31, 1 << 32, 1 << 62, 1 << 63, UInt64(Int64.max), .max, .max - 31, 0x7FF8_0000_0000_0000,
]

private func overwrite(_ bytes: inout [UInt8], at position: Int, with new: [UInt8]) {
    for (index, byte) in new.enumerated() where position + index < bytes.count { bytes[position + index] = byte }
}
