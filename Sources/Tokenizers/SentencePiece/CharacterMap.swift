/// SentencePiece's compiled normaliser: a double-array trie of what is replaced, and the replacements. The longest match
/// at each place counts.
struct CharacterMap: Sendable {
    private let units: [UInt32]
    private let replacements: [UInt8]

    /// Throws `TokenizerError` for bytes that are no such map. Empty bytes replace nothing.
    init(_ bytes: [UInt8]) throws(TokenizerError) {
        guard !bytes.isEmpty else {
            (units, replacements) = ([], [])
            return
        }
        func word(_ offset: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) }
        }
        guard bytes.count >= 4 else { throw .missingField("precompiled_charsmap") }
        let size = Int(word(0))
        guard size.isMultiple(of: 4), size <= bytes.count - 4 else { throw .missingField("precompiled_charsmap") }
        units = (0..<size / 4).map { word(4 + 4 * $0) }
        replacements = Array(bytes[(4 + size)...])
    }

    /// The text with everything replaced. Valid UTF-8 goes in; what the map makes of it may be anything.
    func normalized(_ text: [UInt8]) -> [UInt8] {
        guard !units.isEmpty else { return text }
        var output: [UInt8] = []
        output.reserveCapacity(text.count + text.count / 4)
        var position = 0
        while position < text.count {
            if let match = longestMatch(text, position) {
                var offset = match.replacement
                while offset < replacements.count, replacements[offset] != 0 {
                    output.append(replacements[offset])
                    offset += 1
                }
                position += match.length
            } else {
                let length = text.withUnsafeBufferPointer { decodeScalar($0, at: position).length }
                output += text[position..<min(text.count, position + length)]
                position += length
            }
        }
        return output
    }

    private func longestMatch(_ text: [UInt8], _ start: Int) -> (length: Int, replacement: Int)? {
        var best: (length: Int, replacement: Int)?
        var node = Self.base(units[0])
        for position in start..<text.count where text[position] != 0 {
            node ^= Int(text[position])
            guard node < units.count, units[node] & 0x8000_00FF == UInt32(text[position]) else { break }
            let unit = units[node]
            node ^= Self.base(unit)
            guard node < units.count else { break }
            if unit >> 8 & 1 == 1 { best = (position - start + 1, Int(units[node] & 0x7FFF_FFFF)) }
        }
        return best
    }

    /// Where a unit's children lie, relative to it.
    private static func base(_ unit: UInt32) -> Int { Int(unit >> 10) << (unit & 0x200 != 0 ? 8 : 0) }
}
