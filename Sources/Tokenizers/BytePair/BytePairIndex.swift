/// Builds the look-up tables of a `BytePairTokenizer`.
struct BytePairIndex {
    private static let maximumVocabulary = 1 << 24

    /// Ordinary tokens by the bytes they stand for.
    var pieces: ByteStringTable
    /// All other tokens by their spelling.
    var others: ByteStringTable
    /// Tokens that trusted text may spell.
    var matched: [(spelling: [UInt8], id: Int32)] = []
    /// Runs of spaces that users defined, which any text may become.
    var spaces: [(spelling: [UInt8], id: Int32)] = []
    var blob: [UInt8] = []
    var starts: [UInt32] = [0]

    init(capacity: Int) {
        pieces = ByteStringTable(capacity: min(capacity, Self.maximumVocabulary))
        others = ByteStringTable(capacity: min(capacity, Self.maximumVocabulary))
    }

    mutating func add(_ vocabulary: BytePairVocabulary) throws(TokenizerError) {
        let tokens = vocabulary.tokens
        guard !tokens.isEmpty, tokens.count <= Self.maximumVocabulary else { throw .vocabularySize(tokens.count) }
        guard vocabulary.kinds.count == tokens.count else {
            throw .mismatchedCounts(tokens: tokens.count, types: vocabulary.kinds.count)
        }
        for (index, token) in tokens.enumerated() {
            try add(token, vocabulary.kinds[index], Int32(index))
            guard blob.count < Int(UInt32.max) else { throw .vocabularySize(tokens.count) }
            starts.append(UInt32(blob.count))
        }
    }

    private mutating func add(_ token: String, _ kind: BytePairVocabulary.Kind, _ id: Int32) throws(TokenizerError) {
        let spelling = Array(token.utf8)
        let present: Int32?
        if kind == .normal, !spelling.isEmpty, let bytes = ByteAlphabet.decode(spelling) {
            present = pieces.insert(bytes, id: id)
            blob += bytes
        } else {
            present = others.insert(spelling, id: id)
            if kind == .control || kind == .userDefined || kind == .unknown { matched.append((spelling, id)) }
            if kind == .userDefined, !spelling.isEmpty, spelling.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) {
                spaces.append((spelling, id))
            }
            if kind != .control && kind != .unknown { blob += spelling }
        }
        if let present { throw .duplicateToken(token, first: Int(present), second: Int(id)) }
    }

    /// Rules whose result is a special token are left out: plain text never becomes one.
    func mergeTable(_ merges: [(left: Substring, right: Substring)]) throws(TokenizerError) -> MergeTable {
        guard merges.count <= Self.maximumVocabulary else { throw .vocabularySize(merges.count) }
        var table = MergeTable(capacity: merges.count)
        for (rank, merge) in merges.enumerated() {
            let left = try piece(merge.left, rank)
            let right = try piece(merge.right, rank)
            guard let merged = pieces.find(left.bytes + right.bytes) else {
                let spelling = merge.left + merge.right
                if others.find(Array(spelling.utf8)) != nil { continue }
                throw .unknownMergeToken(rank: rank, String(spelling))
            }
            guard table.insert(left.id, right.id, rank: rank, merged: merged) else {
                throw .duplicateMerge(rank: rank, "\(merge.left) \(merge.right)")
            }
        }
        return table
    }

    private func piece(_ spelling: Substring, _ rank: Int) throws(TokenizerError) -> (id: Int32, bytes: [UInt8]) {
        guard !spelling.isEmpty, let bytes = ByteAlphabet.decode(spelling.utf8) else {
            throw .malformedMerge(rank: rank, String(spelling))
        }
        guard let id = pieces.find(bytes) else { throw .unknownMergeToken(rank: rank, String(spelling)) }
        return (id, bytes)
    }
}
