import Foundation
import Testing
import Tokenizers

/// SentencePiece models against SentencePiece itself; see `make_sentencepiece.py`.
@Suite struct SentencePieceTests {
    private struct Golden: Decodable {
        struct Model: Decodable {
            let pieces: [String]
            let scores: [Float]
            let types: [Int32]
            let map: String
            let ids: [[Int32]]
        }

        let texts: [String]
        let bpe: Model
        let unigram: Model
    }

    private let golden: Golden

    init() throws {
        let url = Bundle.module.bundleURL.appendingPathComponent("Fixtures/sentencepiece.json")
        golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    }

    private func vocabulary(_ model: Golden.Model) -> SentencePieceVocabulary {
        var vocabulary = SentencePieceVocabulary(
            tokens: model.pieces, scores: model.scores,
            kinds: model.types.map { BytePairVocabulary.Kind(rawValue: $0) ?? .normal })
        vocabulary.beginning = 1
        vocabulary.end = 2
        vocabulary.unknown = 0
        let digits = Array(model.map.utf8)
        vocabulary.characterMap = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
        return vocabulary
    }

    private var unigram: SentencePieceVocabulary {
        var vocabulary = vocabulary(golden.unigram)
        vocabulary.removesExtraSpaces = true
        return vocabulary
    }

    @Test func bytePairs() throws {
        var vocabulary = vocabulary(golden.bpe)
        vocabulary.characterMap = []
        let tokenizer = try SentencePieceTokenizer(vocabulary)
        for (text, ids) in zip(golden.texts, golden.bpe.ids) where !text.contains("\u{2581}") {
            #expect(tokenizer.encode(text) == ids, "\(text.debugDescription)")
            #expect(tokenizer.decode(ids) == text, "\(text.debugDescription)")
        }
    }

    @Test func unigrams() throws {
        let tokenizer = try UnigramTokenizer(unigram)
        for (text, ids) in zip(golden.texts, golden.unigram.ids) {
            #expect(tokenizer.encode(text) == ids, "\(text.debugDescription)")
        }
    }

    @Test func streamsWholeCharacters() throws {
        let tokenizer = try SentencePieceTokenizer(vocabulary(golden.bpe))
        var decoder = StreamingDecoder(tokenizer)
        // Without a token of its own, the character comes as four bytes.
        let ids = tokenizer.encode("a\u{1F980}b")
        let parts = ids.map { decoder.append($0) }
        #expect(ids.count >= 6)
        #expect(parts.allSatisfy { !$0.contains("\u{FFFD}") })
        #expect(parts.joined() + decoder.finish() == " a\u{1F980}b")
    }

    @Test func textNeverBecomesASpecialToken() throws {
        let tokenizer = try SentencePieceTokenizer(vocabulary(golden.bpe))
        #expect(!tokenizer.encode("<s></s><unk><0x41>").contains { $0 < 3 })
        #expect(tokenizer.encodePrompt([.template("<s>"), .text("</s>"), .template("</s>")]).filter { $0 < 3 } == [1, 2])
    }

    @Test func contradictionsAreNamed() throws {
        var broken = vocabulary(golden.bpe)
        broken.tokens[500] = broken.tokens[501]
        #expect(throws: TokenizerError.duplicateToken(broken.tokens[500], first: 500, second: 501)) {
            try SentencePieceTokenizer(broken)
        }
        broken = vocabulary(golden.bpe)
        broken.scores.removeLast()
        #expect(throws: TokenizerError.self) { try SentencePieceTokenizer(broken) }
        broken = vocabulary(golden.bpe)
        broken.end = 700
        #expect(throws: TokenizerError.identifierOutOfRange(700, count: 700)) { try SentencePieceTokenizer(broken) }
        broken = unigram
        broken.unknown = nil
        #expect(throws: TokenizerError.missingToken("<unk>")) { try UnigramTokenizer(broken) }
        broken = unigram
        broken.characterMap = [255, 255, 255, 255, 0]
        #expect(throws: TokenizerError.self) { try UnigramTokenizer(broken) }
        #expect(throws: TokenizerError.vocabularySize(0)) {
            try SentencePieceTokenizer(SentencePieceVocabulary(tokens: [], scores: [], kinds: []))
        }
    }

    /// Damaged character maps end in other ids, never in a crash.
    @Test func damagedCharacterMaps() throws {
        let whole = unigram
        for index in stride(from: 4, to: whole.characterMap.count, by: 3) {
            var broken = whole
            broken.characterMap[index] ^= 0xFF
            guard let tokenizer = try? UnigramTokenizer(broken) else { continue }
            _ = tokenizer.encode("ﬁne ½ café")
        }
    }
}
