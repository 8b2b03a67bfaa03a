/// Finds spellings of special tokens in trusted text, leftmost first and the longest of those.
struct SpecialTokenMatcher: Sendable {
    private var byFirstByte: [[(spelling: [UInt8], id: Int32)]] = Array(repeating: [], count: 256)

    init(_ tokens: [(spelling: [UInt8], id: Int32)]) {
        for token in tokens {
            if let first = token.spelling.first { byFirstByte[Int(first)].append(token) }
        }
        for byte in byFirstByte.indices { byFirstByte[byte].sort { $0.spelling.count > $1.spelling.count } }
    }

    /// Cuts `bytes` into plain stretches and special ids, in order.
    func forEachPart(_ bytes: [UInt8], plain: (ArraySlice<UInt8>) -> Void, special: (Int32) -> Void) {
        var start = 0
        var position = 0
        while position < bytes.count {
            let rest = bytes[position...]
            guard let match = byFirstByte[Int(bytes[position])].first(where: { rest.starts(with: $0.spelling) }) else {
                position += 1
                continue
            }
            if start < position { plain(bytes[start..<position]) }
            special(match.id)
            position += match.spelling.count
            start = position
        }
        if start < bytes.count { plain(bytes[start...]) }
    }
}
