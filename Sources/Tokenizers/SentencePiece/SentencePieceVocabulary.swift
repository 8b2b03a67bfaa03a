/// What a model file says about a SentencePiece tokenizer (Kudo and Richardson 2018, arXiv:1808.06226).
package struct SentencePieceVocabulary: Sendable {
    /// Spelling of each id, with U+2581 for spaces.
    package var tokens: [String]
    package var scores: [Float]
    package var kinds: [BytePairVocabulary.Kind]
    package var beginning: Int32?
    package var end: Int32?
    package var unknown: Int32?
    package var padding: Int32?
    package var separator: Int32?
    package var classification: Int32?
    package var mask: Int32?
    package var addsBeginning = false
    /// Whether a space is put in front of a text.
    package var addsSpacePrefix = true
    /// Whether runs of spaces become one and those at the ends go.
    package var removesExtraSpaces = false
    /// Pairs that are joined, the earliest first, for vocabularies that say which; empty where scores decide.
    package var merges: [(left: Substring, right: Substring)] = []
    /// SentencePiece's compiled normaliser; empty when text is taken as it is.
    package var characterMap: [UInt8] = []

    package init(tokens: [String], scores: [Float], kinds: [BytePairVocabulary.Kind]) {
        self.tokens = tokens
        self.scores = scores
        self.kinds = kinds
    }
}

/// Tables that both SentencePiece tokenizers look tokens up in.
struct SentencePieceIndex: Sendable {
    private static let maximumVocabulary = 1 << 24
    static let space = Array("\u{2581}".utf8)

    let vocabulary: SentencePieceVocabulary
    let special: SpecialTokens
    /// Tokens that plain text may become, by spelling.
    private(set) var pieces: ByteStringTable
    private(set) var others: ByteStringTable
    /// The token of each byte, negative where there is none.
    private(set) var byteIds = [Int32](repeating: -1, count: 256)
    /// What trusted text may spell.
    let matcher: SpecialTokenMatcher
    /// What is taken whole from any text, before anything is merged: runs of spaces and line breaks.
    let wholes: SpecialTokenMatcher
    /// The rank of each pair that is joined; nil where scores decide.
    private(set) var merges: MergeTable?

    /// Throws `TokenizerError` when the vocabulary contradicts itself.
    init(_ vocabulary: SentencePieceVocabulary) throws(TokenizerError) {
        let count = vocabulary.tokens.count
        guard count > 0, count <= Self.maximumVocabulary else { throw .vocabularySize(count) }
        guard vocabulary.scores.count == count else {
            throw .mismatchedCounts(tokens: count, types: vocabulary.scores.count)
        }
        guard vocabulary.kinds.count == count else {
            throw .mismatchedCounts(tokens: count, types: vocabulary.kinds.count)
        }
        pieces = ByteStringTable(capacity: count)
        others = ByteStringTable(capacity: count)
        var matched: [(spelling: [UInt8], id: Int32)] = []
        var wholes: [(spelling: [UInt8], id: Int32)] = []
        for (index, token) in vocabulary.tokens.enumerated() {
            let (id, spelling) = (Int32(index), Array(token.utf8))
            let present: Int32?
            switch vocabulary.kinds[index] {
            case .normal: present = pieces.insert(spelling, id: id)
            case .byte:
                guard let byte = Self.byte(spelling) else { throw .missingToken(token) }
                present = others.insert(spelling, id: id)
                byteIds[Int(byte)] = id
            case .userDefined where Self.isPlain(spelling):
                present = pieces.insert(spelling, id: id)
                wholes.append((spelling, id))
            case .control, .userDefined, .unknown:
                present = others.insert(spelling, id: id)
                matched.append((spelling, id))
            // Ids without a use are often all spelled alike.
            case .unused: present = nil
            }
            if let present { throw .duplicateToken(token, first: Int(present), second: index) }
        }
        self.vocabulary = vocabulary
        matcher = SpecialTokenMatcher(matched)
        self.wholes = SpecialTokenMatcher(wholes)
        special = try Self.special(vocabulary, others: others)
        if !vocabulary.merges.isEmpty { merges = try mergeTable(vocabulary.merges) }
    }

    private func mergeTable(_ pairs: [(left: Substring, right: Substring)]) throws(TokenizerError) -> MergeTable {
        guard pairs.count <= Self.maximumVocabulary else { throw .vocabularySize(pairs.count) }
        var table = MergeTable(capacity: pairs.count)
        for (rank, pair) in pairs.enumerated() {
            let spelling = Array(pair.left.utf8) + pair.right.utf8
            guard let left = pieces.find(Array(pair.left.utf8)), let right = pieces.find(Array(pair.right.utf8)),
                let merged = pieces.find(spelling)
            else {
                // Text never becomes a special token.
                if others.find(spelling) != nil { continue }
                throw .malformedMerge(rank: rank, "\(pair.left) \(pair.right)")
            }
            // Of a pair that is named twice the earlier rank holds.
            _ = table.insert(left, right, rank: rank, merged: merged)
        }
        return table
    }

    /// Whether a token that users defined is text, not a mark that steers the model.
    private static func isPlain(_ spelling: [UInt8]) -> Bool {
        guard let first = spelling.first else { return false }
        return first != UInt8(ascii: "<") && first != UInt8(ascii: "[")
    }

    /// The byte of `<0x41>`.
    static func byte(_ spelling: [UInt8]) -> UInt8? {
        guard spelling.count == 6, spelling.starts(with: "<0x".utf8), spelling[5] == UInt8(ascii: ">") else { return nil }
        return UInt8(String(decoding: spelling[3..<5], as: UTF8.self), radix: 16)
    }

    private static func special(
        _ vocabulary: SentencePieceVocabulary, others: ByteStringTable
    ) throws(TokenizerError) -> SpecialTokens {
        var special = SpecialTokens()
        special.beginning = vocabulary.beginning
        special.end = vocabulary.end
        special.unknown = vocabulary.unknown
        special.padding = vocabulary.padding
        special.separator = vocabulary.separator
        special.classification = vocabulary.classification
        special.mask = vocabulary.mask
        special.addsBeginning = vocabulary.addsBeginning && vocabulary.beginning != nil
        let ids = [
            special.beginning, special.end, special.unknown, special.padding, special.separator,
            special.classification, special.mask,
        ]
        for id in ids.compactMap({ $0 }) where !vocabulary.tokens.indices.contains(Int(id)) {
            throw .identifierOutOfRange(Int(id), count: vocabulary.tokens.count)
        }
        let endings = BytePairVocabulary.endOfTurn.compactMap { others.find(Array($0.utf8)) }
        special.endOfGeneration = Set(endings + [special.end].compactMap { $0 })
        return special
    }

    func id(of token: String) -> Int32? {
        let spelling = Array(token.utf8)
        return others.find(spelling) ?? pieces.find(spelling)
    }

    /// What an id stands for in running text.
    func bytes(of id: Int32) -> [UInt8] {
        guard id >= 0, Int(id) < vocabulary.tokens.count else { return [] }
        let token = vocabulary.tokens[Int(id)]
        switch vocabulary.kinds[Int(id)] {
        case .control, .unknown, .unused: return []
        case .byte: return Self.byte(Array(token.utf8)).map { [$0] } ?? []
        case .normal, .userDefined: return Array(token.replacing("\u{2581}", with: " ").utf8)
        }
    }

    /// Text of ids. The space that was put in front of it goes again.
    func decode(_ ids: [Int32]) -> String {
        let text = String(decoding: ids.flatMap { bytes(of: $0) }, as: UTF8.self)
        return vocabulary.addsSpacePrefix && text.utf8.first == 0x20 ? String(text.unicodeScalars.dropFirst()) : text
    }

    /// Ids of a prompt: what templates spell is matched, all else is encoded by `encode`.
    func encodePrompt(_ parts: [PromptPiece], encode: ([UInt8]) -> [Int32]) -> [Int32] {
        var ids: [Int32] = []
        var plain: [UInt8] = []
        func flush() {
            if !plain.isEmpty { ids += encode(plain) }
            plain = []
        }
        var trusted: [UInt8] = []
        func flushTrusted() {
            matcher.forEachPart(trusted, plain: { plain += $0 }, special: { id in
                flush()
                ids.append(id)
            })
            trusted = []
        }
        for part in parts {
            switch part {
            case .template(let text): trusted += text.utf8
            case .text(let text):
                if text.isEmpty { continue }
                flushTrusted()
                plain += text.utf8
            }
        }
        flushTrusted()
        flush()
        return ids
    }
}
