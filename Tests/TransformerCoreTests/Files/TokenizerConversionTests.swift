import Testing
import Tokenizers

import TransformerCore

/// Published tokenizers in GGUF metadata, and what is refused.
@Suite struct TokenizerConversionTests {
    private let special = #"[{"id": 0, "content": "<unk>", "special": true}, {"id": 1, "content": "<s>", "special": true}]"#
    private let pieces = #"["<unk>", 0], ["<s>", 0], ["▁", -2], ["a", -3], ["▁a", -1.5], ["b", -4]"#

    private func converted(_ json: String, options: String? = nil) throws -> GGUFFile {
        var writer = GGUFWriter()
        writer.set("general.architecture", .string("llama"))
        try TokenizerConversion(
            tokenizer: Array(json.utf8), options: options.map { Array($0.utf8) }, template: Array("{{ x }}".utf8),
            vocabularyCount: 8
        ).add(to: &writer)
        return try GGUFFile(converting: writer, folder: "test")
    }

    @Test func unigramKeepsItsPiecesAndIsFilledUp() throws {
        let file = try converted(
            #"{"model": {"type": "Unigram", "unk_id": 0, "vocab": [\#(pieces)]}, "added_tokens": \#(special)}"#,
            options: #"{"bos_token": "<s>", "chat_template": "{{ y }}"}"#)
        let tokens = try #require(file.metadata["tokenizer.ggml.tokens"]?.array?.strings)
        #expect(tokens == ["<unk>", "<s>", "▁", "a", "▁a", "b", "[PAD6]", "[PAD7]"])
        #expect(file.metadata["tokenizer.ggml.bos_token_id"]?.int == 1)
        #expect(file.metadata["tokenizer.chat_template"]?.string == "{{ y }}")
        #expect(try file.promptTokenizer().encode("a b") == [4, 2, 5])
    }

    @Test(arguments: [
        "", "[", "[]", "{}", #"{"model": 1}"#, #"{"model": {"type": "Unigram"}}"#,
        #"{"model": {"type": "Unigram", "vocab": [["a"]]}}"#, #"{"model": {"type": "Unigram", "vocab": [["a", "b"]]}}"#,
        #"{"model": {"type": "Unigram", "vocab": []}, "added_tokens": [{"id": 5, "content": "x"}]}"#,
        #"{"model": {"type": "BPE", "byte_fallback": true, "vocab": {"a": 0}, "merges": ["a"]}}"#,
        #"{"model": {"type": "BPE", "byte_fallback": true, "vocab": {"a": 0, "b": 0}, "merges": []}}"#,
        #"{"model": {"type": "WordPiece", "vocab": {"a": -1}}}"#, #"{"model": {"type": "Other", "vocab": {}}}"#,
        #"{"model": {"type": "WordPiece", "vocab": {"a": 0}}, "post_processor": {"type": "BertProcessing", "cls": ["a", -1]}}"#,
        #"{"model": {"type": "WordPiece", "vocab": {"a": 0}}, "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x"}}]}}"#,
    ]) func refusesWhatIsNoTokenizer(json: String) {
        #expect(throws: (any Error).self) { try converted(json) }
    }
}
