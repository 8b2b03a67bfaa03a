import Foundation
import Testing
import Tokenizers

@Suite("Byte pairs equal the reference")
struct BytePairParityTests {
    static let rules: [(String, PreTokenizer)] = [("gpt2", .gpt2), ("smollm", .smollm), ("llama3", .llama3), ("qwen2", .qwen2)]

    @Test("pieces", arguments: rules)
    func pieces(_ name: String, _ rule: PreTokenizer) throws {
        try Golden.compare("\(name).splits.golden") { text in
            var bounds: [Int] = []
            var position = 0
            for piece in rule.split(text) {
                let end = position + piece.unicodeScalars.count
                bounds += [position, end]
                position = end
            }
            return bounds
        }
    }

    @Test("ids", arguments: rules)
    func ids(_ name: String, _ rule: PreTokenizer) throws {
        let tokenizer = try Self.tokenizer(name)
        #expect(tokenizer.preTokenizer == rule)
        try Golden.compare("\(name).golden") { tokenizer.encode($0).map(Int.init) }
    }

    @Test("decoding gives the text back", arguments: rules)
    func decoding(_ name: String, _ rule: PreTokenizer) throws {
        let tokenizer = try Self.tokenizer(name)
        for text in Golden.strings where text.utf8.count < 500 {
            let decoded = tokenizer.decode(tokenizer.encode(text))
            // Byte for byte, but for the family that composes characters first; equality of strings is canonical.
            #expect(rule == .qwen2 ? decoded == text : decoded.utf8.elementsEqual(text.utf8))
        }
    }

    static func tokenizer(_ name: String) throws -> BytePairTokenizer {
        try BytePairTokenizer(tokenizerFile: Golden.url("\(name).tokenizer.json"))
    }
}
