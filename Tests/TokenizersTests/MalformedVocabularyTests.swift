import Testing
import Tokenizers

@Suite("Damaged vocabularies")
struct MalformedVocabularyTests {
    @Test func wordPieceRefusesContradictions() {
        #expect(throws: TokenizerError.vocabularySize(0)) { try WordPieceTokenizer(vocabulary: []) }
        #expect(throws: TokenizerError.missingToken("[UNK]")) { try WordPieceTokenizer(vocabulary: ["a"]) }
        #expect(throws: TokenizerError.duplicateToken("a", first: 1, second: 2)) {
            try WordPieceTokenizer(vocabulary: ["[UNK]", "a", "a"])
        }
        #expect(throws: TokenizerError.duplicateToken("[CLS]", first: 1, second: 2)) {
            try WordPieceTokenizer(vocabulary: ["[UNK]", "[CLS]", "[CLS]"])
        }
        #expect(throws: TokenizerError.vocabularySize(0)) { try WordPieceTokenizer(vocabularyList: []) }
    }

    @Test("tokenizer.json", arguments: [
        (#"{"#, TokenizerError.malformedJSON(offset: 1, reason: "a member needs a name")),
        (#"{} x"#, .malformedJSON(offset: 3, reason: "text after the end")),
        (#"{}"#, .missingField("model")),
        (#"{"model":{"type":"Unigram"}}"#, .unsupported(component: "tokenizer model", name: "Unigram")),
        (bert(#"{"[UNK]":0,"a":2}"#), .identifierOutOfRange(2, count: 2)),
        (bert(#"{"[UNK]":1,"a":1}"#), .duplicateIdentifier(1, first: "[UNK]", second: "a")),
        (bert(#"{"[UNK]":0,"a":-1}"#), .identifierOutOfRange(-1, count: 2)),
        (bert(#"{"[UNK]":0,"a":1e99}"#), .missingField("model.vocab.a")),
        (bert(#"{"[UNK]":0,"a":0.5}"#), .missingField("model.vocab.a")),
        (bert(#"{"[UNK]":0,"a":2}"#, added: #"[{"id":3,"content":"b"}]"#), .identifierOutOfRange(3, count: 3)),
        (bert(#"{"[UNK]":0,"a":3}"#, added: #"[{"id":1,"content":"b"},{"id":1,"content":"b"}]"#), .missingIdentifier(2)),
    ])
    func json(_ text: String, _ error: TokenizerError) {
        #expect(throws: error) { try WordPieceTokenizer(tokenizerJSON: Array(text.utf8)) }
    }

    private func pieces(_ tokens: [String], kinds: [BytePairVocabulary.Kind]? = nil) -> SentencePieceVocabulary {
        var kinds = kinds ?? tokens.map { _ in .normal }
        if tokens.first == "<unk>", kinds.first == .normal { kinds[0] = .unknown }
        var vocabulary = SentencePieceVocabulary(tokens: tokens, scores: tokens.map { _ in 0 }, kinds: kinds)
        vocabulary.unknown = 0
        return vocabulary
    }

    @Test func sentencePieceRefusesContradictions() {
        #expect(throws: TokenizerError.vocabularySize(0)) { try SentencePieceTokenizer(pieces([])) }
        #expect(throws: TokenizerError.duplicateToken("a", first: 1, second: 2)) {
            try SentencePieceTokenizer(pieces(["<unk>", "a", "a"]))
        }
        #expect(throws: TokenizerError.mismatchedCounts(tokens: 2, types: 1)) {
            try SentencePieceTokenizer(pieces(["<unk>", "a"], kinds: [.unknown]))
        }
        #expect(throws: TokenizerError.missingToken("<0xG1>")) {
            try SentencePieceTokenizer(pieces(["<unk>", "<0xG1>"], kinds: [.unknown, .byte]))
        }
        #expect(throws: TokenizerError.identifierOutOfRange(9, count: 1)) {
            var vocabulary = pieces(["<unk>"])
            vocabulary.end = 9
            return try SentencePieceTokenizer(vocabulary)
        }
        #expect(throws: TokenizerError.missingToken("<unk>")) {
            var vocabulary = pieces(["a"])
            vocabulary.unknown = nil
            return try UnigramTokenizer(vocabulary)
        }
        #expect(throws: TokenizerError.missingField("precompiled_charsmap")) {
            var vocabulary = pieces(["<unk>"])
            vocabulary.characterMap = [255, 255, 255, 255, 0]
            return try UnigramTokenizer(vocabulary)
        }
        #expect(throws: TokenizerError.malformedMerge(rank: 0, "a c")) {
            var vocabulary = pieces(["<unk>", "a", "b", "ab"])
            vocabulary.merges = [("a", "c")]
            return try SentencePieceTokenizer(vocabulary)
        }
    }

    /// Where a vocabulary says which pairs join, nothing else does, and the earlier pair comes first.
    @Test func rankedMergesDecide() throws {
        var vocabulary = pieces(["<unk>", "a", "b", "c", "ab", "bc", "abc"])
        vocabulary.addsSpacePrefix = false
        vocabulary.merges = [("b", "c"), ("a", "b")]
        #expect(try SentencePieceTokenizer(vocabulary).encode("abcab") == [1, 5, 4])
        vocabulary.merges.append(("a", "bc"))
        #expect(try SentencePieceTokenizer(vocabulary).encode("abcab") == [6, 4])
    }

    @Test func deepNestingIsRefused() {
        let text = String(repeating: "[", count: 1_000_000)
        #expect(throws: TokenizerError.malformedJSON(offset: 64, reason: "nested too deeply")) {
            try WordPieceTokenizer(tokenizerJSON: Array(text.utf8))
        }
    }

    static func bert(_ vocabulary: String, added: String = "[]") -> String {
        """
        {"model":{"type":"WordPiece","vocab":\(vocabulary)},"normalizer":{"type":"BertNormalizer"},
        "pre_tokenizer":{"type":"BertPreTokenizer"},"added_tokens":\(added)}
        """
    }

    private func bytePair(
        _ tokens: [String], types: [Int32] = [], merges: [String] = [], pre: String = "gpt-2", end: Int32? = nil
    ) throws -> BytePairTokenizer {
        try BytePairTokenizer(BytePairVocabulary(
            ggufTokens: tokens, types: types, merges: merges, preTokenizer: pre, beginning: nil, end: end, unknown: nil,
            padding: nil, addsBeginning: nil))
    }

    @Test func bytePairRefusesContradictions() {
        #expect(throws: TokenizerError.vocabularySize(0)) { try bytePair([]) }
        #expect(throws: TokenizerError.mismatchedCounts(tokens: 1, types: 2)) { try bytePair(["a"], types: [1, 1]) }
        #expect(throws: TokenizerError.duplicateToken("a", first: 0, second: 1)) { try bytePair(["a", "a"]) }
        #expect(throws: TokenizerError.malformedMerge(rank: 0, "ab")) { try bytePair(["a", "b"], merges: ["ab"]) }
        #expect(throws: TokenizerError.malformedMerge(rank: 0, "")) { try bytePair(["a", "b"], merges: [" a"]) }
        #expect(throws: TokenizerError.unknownMergeToken(rank: 0, "c")) { try bytePair(["a", "b"], merges: ["a c"]) }
        #expect(throws: TokenizerError.unknownMergeToken(rank: 0, "ab")) { try bytePair(["a", "b"], merges: ["a b"]) }
        #expect(throws: TokenizerError.duplicateMerge(rank: 1, "a b")) {
            try bytePair(["a", "b", "ab"], merges: ["a b", "a b"])
        }
        #expect(throws: TokenizerError.identifierOutOfRange(9, count: 1)) { try bytePair(["a"], end: 9) }
        #expect(throws: TokenizerError.identifierOutOfRange(-1, count: 1)) { try bytePair(["a"], end: -1) }
        #expect(throws: TokenizerError.unsupported(component: "pre-tokenizer", name: "bloom")) {
            try bytePair(["a"], pre: "bloom")
        }
    }

    @Test func bytesWithoutTokenAreLeftOut() throws {
        let tokenizer = try bytePair(["a", "b", "ab"], merges: ["a b"])
        #expect(tokenizer.encode("aé") == [0])
        #expect(tokenizer.encode("aéb") == [2])  // as the reference: what is left out does not separate
        #expect(tokenizer.encode("ab!ab") == [2, 2])
        #expect(tokenizer.bytes(of: 3).isEmpty && tokenizer.bytes(of: -1).isEmpty)
        #expect(tokenizer.id(of: "ab") == 2 && tokenizer.id(of: "ba") == nil)
    }
}
