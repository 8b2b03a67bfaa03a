import Testing
import Tokenizers

@Suite("WordPiece")
struct WordPieceTests {
    let tokenizer: WordPieceTokenizer

    init() throws {
        tokenizer = try WordPieceTokenizer(vocabulary: [
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "word", "é", "e", "中", "!", "[", "]", "cl", "##s",
        ])
    }

    @Test func takesTheLongestPieces() {
        #expect(tokenizer.encode("Unaffable WORD!") == [5, 6, 7, 8, 12])
        #expect(tokenizer.encode("unword") == [1])
        #expect(tokenizer.encode("") == [])
        #expect(tokenizer.decode([2, 5, 6, 7, 8, 3]) == "unaffable word")
    }

    @Test func specialSpellingsStayText() {
        #expect(tokenizer.encode("[CLS]") == [13, 15, 16, 14])
        #expect(tokenizer.id(of: "[CLS]") == 2 && tokenizer.id(of: "##able") == 7 && tokenizer.id(of: "able") == nil)
        #expect(tokenizer.bytes(of: 2).isEmpty && tokenizer.bytes(of: 7) == Array("able".utf8) && tokenizer.bytes(of: 99).isEmpty)
    }

    @Test func offsetsCountBytesOfTheOriginal() {
        let text = "É 中中 UNAFF\u{0}able x"
        let tokens = tokenizer.encodeWithOffsets(text)
        #expect(tokens.map(\.id) == [10, 11, 11, 5, 6, 7, 1])
        #expect(tokens.map(\.range) == [0..<2, 3..<6, 6..<9, 10..<12, 12..<15, 16..<20, 21..<22])
    }

    @Test func optionsChangeTheNormalisation() throws {
        var options = WordPieceTokenizer.Options()
        options.lowercase = false
        let cased = try WordPieceTokenizer(vocabulary: ["[UNK]", "É", "é", "中中"], options: options)
        #expect(cased.encode("É é") == [1, 2])
        #expect(cased.encode("中中") == [0, 0])
        options.handleChinese = false
        let joined = try WordPieceTokenizer(vocabulary: ["[UNK]", "中中"], options: options)
        #expect(joined.encode("中中") == [1])
        options.maximumWordLength = 0
        #expect(throws: TokenizerError.self) { try WordPieceTokenizer(vocabulary: ["[UNK]"], options: options) }
    }

    @Test func framingKeepsTheLimit() {
        #expect(tokenizer.framed([5, 6, 7], maximumTokens: 10) == [2, 5, 6, 7, 3])
        #expect(tokenizer.framed([5, 6, 7], maximumTokens: 4) == [2, 5, 6, 3])
        #expect(tokenizer.framed([5], maximumTokens: 0) == [2, 3])
    }
}
