import Foundation
import Testing
import Tokenizers

@Suite("WordPiece equals the reference", .enabled(if: ModelFolder.hasMiniLM))
struct WordPieceParityTests {
    @Test func idsEqualTheReference() throws {
        let tokenizer = try WordPieceTokenizer(modelFolder: ModelFolder.miniLM)
        try Golden.compare("minilm.golden") { tokenizer.encode($0).map(Int.init) }
    }

    @Test func offsetsEqualTheReference() throws {
        let tokenizer = try WordPieceTokenizer(modelFolder: ModelFolder.miniLM)
        try Golden.compare("minilm.offsets.golden") { text in
            tokenizer.encodeWithOffsets(text).flatMap { [$0.range.lowerBound, $0.range.upperBound] }
        }
    }

    @Test func countAndOffsetsAgreeWithIds() throws {
        let tokenizer = try WordPieceTokenizer(modelFolder: ModelFolder.miniLM)
        for text in Golden.strings {
            let ids = tokenizer.encode(text)
            let tokens = tokenizer.encodeWithOffsets(text)
            #expect(tokens.map(\.id) == ids)
            #expect(tokenizer.count(text) == ids.count)
            #expect(tokens.allSatisfy { 0 <= $0.range.lowerBound && !$0.range.isEmpty && $0.range.upperBound <= text.utf8.count })
        }
    }

    @Test func vocabularyListGivesTheSameTokenizer() throws {
        let list = try Data(contentsOf: ModelFolder.miniLM.appendingPathComponent("vocab.txt"))
        let fromList = try WordPieceTokenizer(vocabularyList: Array(list))
        let fromJSON = try WordPieceTokenizer(modelFolder: ModelFolder.miniLM)
        #expect(fromList.specialTokens == fromJSON.specialTokens)
        #expect(fromList.vocabularyCount == 30522)
        for text in Golden.strings.prefix(1000) { #expect(fromList.encode(text) == fromJSON.encode(text)) }
    }
}
