/// What a model file says about its byte-pair tokenizer.
package struct BytePairVocabulary: Sendable {
    /// Role of a token, numbered as `tokenizer.ggml.token_type` in GGUF files.
    package enum Kind: Int32, Sendable {
        case normal = 1, unknown, control, userDefined, unused, byte
    }

    /// Spelling of each id: ordinary tokens in the byte alphabet, all others as they are.
    package var tokens: [String]
    package var kinds: [Kind]
    /// Pairs of tokens, the earliest rule first.
    package var merges: [(left: Substring, right: Substring)]
    package var preTokenizer: PreTokenizer
    /// A piece that is a token needs no merging.
    package var ignoresMerges: Bool
    package var beginning: Int32?
    package var end: Int32?
    package var unknown: Int32?
    package var padding: Int32?
    package var addsBeginning = false

    package init(
        tokens: [String], kinds: [Kind], merges: [(left: Substring, right: Substring)], preTokenizer: PreTokenizer,
        ignoresMerges: Bool
    ) {
        self.tokens = tokens
        self.kinds = kinds
        self.merges = merges
        self.preTokenizer = preTokenizer
        self.ignoresMerges = ignoresMerges
    }

    /// From the metadata of a GGUF file.
    ///
    /// - Parameters:
    ///   - tokens: `tokenizer.ggml.tokens`
    ///   - types: `tokenizer.ggml.token_type`; empty when the file has none.
    ///   - merges: `tokenizer.ggml.merges`, each `left right`.
    ///   - preTokenizer: `tokenizer.ggml.pre`
    ///   - addsBeginning: `tokenizer.ggml.add_bos_token`; `nil` leaves it to the family's habit.
    /// - Throws: `TokenizerError`.
    package init(
        ggufTokens tokens: [String], types: [Int32], merges: [String], preTokenizer name: String,
        beginning: Int32?, end: Int32?, unknown: Int32?, padding: Int32?, addsBeginning: Bool?
    ) throws(TokenizerError) {
        guard types.isEmpty || types.count == tokens.count else {
            throw .mismatchedCounts(tokens: tokens.count, types: types.count)
        }
        let rule = try PreTokenizer(ggufName: name)
        self.init(
            tokens: tokens, kinds: types.isEmpty ? tokens.map { _ in .normal } : types.map { Kind(rawValue: $0) ?? .normal },
            merges: try Self.pairs(merges), preTokenizer: rule, ignoresMerges: rule == .llama3)
        self.beginning = beginning
        self.end = end
        self.unknown = unknown
        self.padding = padding
        self.addsBeginning = (addsBeginning ?? (rule == .llama3)) && beginning != nil
        try markSpecial()
    }

    /// Splits `left right` at its first space.
    package static func pairs(_ merges: [String]) throws(TokenizerError) -> [(left: Substring, right: Substring)] {
        var pairs: [(left: Substring, right: Substring)] = []
        pairs.reserveCapacity(merges.count)
        for (rank, merge) in merges.enumerated() {
            guard let space = merge.utf8.firstIndex(of: UInt8(ascii: " ")) else { throw .malformedMerge(rank: rank, merge) }
            pairs.append((merge[..<space], merge[merge.utf8.index(after: space)...]))
        }
        return pairs
    }

    /// Ids with a role are special even where the file calls them ordinary.
    mutating func markSpecial() throws(TokenizerError) {
        for id in [beginning, end, unknown, padding].compactMap({ $0 }) {
            guard kinds.indices.contains(Int(id)) else { throw .identifierOutOfRange(Int(id), count: kinds.count) }
            if kinds[Int(id)] == .normal { kinds[Int(id)] = .control }
        }
    }

    /// Spellings by which models of many families end their turn.
    static let endOfTurn = [
        "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|endoftext|>", "<|end|>", "<|return|>",
        "<end_of_turn>", "<turn|>", "<end_of_utterance>", "</s>", "<EOT>", "<eos>",
    ]

    func specialTokens(find: (String) -> Int32?) throws(TokenizerError) -> SpecialTokens {
        var special = SpecialTokens()
        special.beginning = beginning
        special.end = end
        special.unknown = unknown
        special.padding = padding
        special.addsBeginning = addsBeginning
        special.endOfGeneration = Set(Self.endOfTurn.compactMap(find) + [end].compactMap { $0 })
        return special
    }
}
