/// The tokenizer of BERT-family encoders: basic cleaning and splitting, then greedy longest-match-first word pieces
/// (Devlin et al. 2018, arXiv 1810.04805; Wu et al. 2016, arXiv 1609.08144, section 4.1).
package struct WordPieceTokenizer: Tokenizer {
    /// How text is normalised before it is cut into words; the names are those of Hugging Face's `BertNormalizer`.
    package struct Options: Sendable, Equatable {
        /// Remove control characters.
        package var cleanText = true
        /// Make every CJK ideograph a word.
        package var handleChinese = true
        /// Remove nonspacing marks after canonical decomposition; `nil` follows `lowercase`.
        package var stripAccents: Bool?
        package var lowercase = true
        /// Words of more scalars than this become the unknown token.
        package var maximumWordLength = 100
        /// What marks a token that continues a word.
        package var continuationPrefix = "##"
        package var unknownToken = "[UNK]"

        package init() {}

        var stripsAccents: Bool { stripAccents ?? lowercase }
    }

    /// A token and the UTF-8 offsets of the text it stands for; what was removed or replaced inside is included.
    package struct Token: Sendable, Equatable {
        package var id: Int32
        package var range: Range<Int>
    }

    package let options: Options
    package let specialTokens: SpecialTokens
    package var vocabularyCount: Int { spellings.count }

    let starts: ByteStringTable
    let continuations: ByteStringTable
    let unknown: Int32
    let asciiKinds: [ASCIIKind]
    private let spellings: [String]
    private let specialIds: [String: Int32]

    /// - Parameter vocabulary: the spelling of each id.
    /// - Throws: `TokenizerError` for an empty vocabulary, a repeated token, or one without the unknown token.
    package init(vocabulary: [String], options: Options = Options()) throws(TokenizerError) {
        guard (1...Self.longestWordLimit).contains(options.maximumWordLength) else {
            throw .unsupported(component: "word length", name: "\(options.maximumWordLength)")
        }
        guard !vocabulary.isEmpty, vocabulary.count <= Self.maximumVocabulary else {
            throw .vocabularySize(vocabulary.count)
        }
        var starts = ByteStringTable(capacity: vocabulary.count)
        var continuations = ByteStringTable(capacity: vocabulary.count)
        var special = SpecialTokens()
        var specialIds: [String: Int32] = [:]
        let prefix = Array(options.continuationPrefix.utf8)
        for (index, token) in vocabulary.enumerated() {
            let id = Int32(index)
            if Self.assign(token, id, to: &special, options) {
                if let first = specialIds.updateValue(id, forKey: token) {
                    throw .duplicateToken(token, first: Int(first), second: index)
                }
                continue
            }
            let isContinuation = !prefix.isEmpty && token.utf8.starts(with: prefix)
            let earlier = isContinuation
                ? continuations.insert(token.utf8.dropFirst(prefix.count), id: id)
                : starts.insert(token.utf8, id: id)
            if let earlier { throw .duplicateToken(token, first: Int(earlier), second: index) }
        }
        guard let unknown = special.unknown else { throw .missingToken(options.unknownToken) }
        self.options = options
        self.asciiKinds = Self.asciiKinds(options)
        self.starts = starts
        self.continuations = continuations
        self.unknown = unknown
        self.specialTokens = special
        self.specialIds = specialIds
        self.spellings = vocabulary
    }

    private static let maximumVocabulary = 1 << 24
    private static let longestWordLimit = 10_000

    /// Special tokens are kept out of the tables, so that no text can become one.
    private static func assign(_ token: String, _ id: Int32, to special: inout SpecialTokens, _ options: Options) -> Bool {
        switch token {
        case options.unknownToken: special.unknown = id
        case "[CLS]": special.classification = id
        case "[SEP]": special.separator = id
        case "[PAD]": special.padding = id
        case "[MASK]": special.mask = id
        default: return false
        }
        return true
    }

    package func encode(_ text: String) -> [Int32] {
        var ids: [Int32] = []
        ids.reserveCapacity(text.utf8.count / 4 + 8)
        forEachToken(text) { id, _, _ in ids.append(id) }
        return ids
    }

    package func count(_ text: String) -> Int {
        var count = 0
        forEachToken(text) { _, _, _ in count += 1 }
        return count
    }

    /// Ids of plain text, each with the range of UTF-8 offsets it covers. Ranges ascend and do not overlap, except
    /// where one scalar decomposes into several tokens.
    package func encodeWithOffsets(_ text: String) -> [Token] {
        var tokens: [Token] = []
        tokens.reserveCapacity(text.utf8.count / 4 + 8)
        forEachToken(text) { id, start, end in tokens.append(Token(id: id, range: start..<end)) }
        return tokens
    }

    /// `[CLS]` ids `[SEP]`, the ids cut so that no more than `maximumTokens` result. Vocabularies without the two
    /// special tokens frame with what they have.
    package func framed(_ ids: [Int32], maximumTokens: Int) -> [Int32] {
        let front = specialTokens.classification.map { [$0] } ?? []
        let back = specialTokens.separator.map { [$0] } ?? []
        let room = max(0, maximumTokens - front.count - back.count)
        return front + ids.prefix(room) + back
    }

    package func id(of token: String) -> Int32? {
        if let id = specialIds[token] { return id }
        let prefix = Array(options.continuationPrefix.utf8)
        let bytes = Array(token.utf8)
        return !prefix.isEmpty && bytes.starts(with: prefix)
            ? continuations.find(Array(bytes.dropFirst(prefix.count))) : starts.find(bytes)
    }

    /// The characters of a token without the continuation mark.
    package func bytes(of id: Int32) -> [UInt8] {
        guard let spelling = spelling(of: id) else { return [] }
        return Array(spelling.text.utf8)
    }

    /// Words joined by single spaces: the spaces and the case of the original are not in the ids.
    package func decode(_ ids: [Int32]) -> String {
        var text = ""
        for id in ids {
            guard let spelling = spelling(of: id) else { continue }
            if !spelling.continues, !text.isEmpty { text += " " }
            text += spelling.text
        }
        return text
    }

    private func spelling(of id: Int32) -> (text: Substring, continues: Bool)? {
        guard id >= 0, Int(id) < spellings.count else { return nil }
        let spelling = spellings[Int(id)]
        guard specialIds[spelling] == nil else { return nil }
        let prefix = options.continuationPrefix
        let continues = !prefix.isEmpty && spelling.utf8.starts(with: prefix.utf8)
        return (continues ? Substring(spelling.utf8.dropFirst(prefix.utf8.count)) : spelling[...], continues)
    }
}
