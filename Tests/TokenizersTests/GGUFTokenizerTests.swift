import Foundation
import Testing
import Tokenizers
import TransformerCore

@Suite("Tokenizers in GGUF files")
struct GGUFTokenizerTests {
    @Test("SmolLM2 equals the reference", .enabled(if: GGUFVocabularies.hasSmolLM2))
    func smolLM2() throws {
        let tokenizer = try GGUFFile(path: GGUFVocabularies.smolFile).promptTokenizer()
        #expect(tokenizer.vocabularyCount == 49152)
        #expect(tokenizer.specialTokens.beginning == 1 && tokenizer.specialTokens.end == 2)
        #expect(tokenizer.specialTokens.endOfGeneration == [0, 2] && !tokenizer.specialTokens.addsBeginning)
        try Golden.compare("smollm2.golden") { tokenizer.encode($0).map(Int.init) }
    }

    @Test("a SmolLM2 prompt", .enabled(if: GGUFVocabularies.hasSmolLM2))
    func smolLM2Prompt() throws {
        let tokenizer = try GGUFFile(path: GGUFVocabularies.smolFile).promptTokenizer()
        let ids = tokenizer.encodePrompt([
            .template("<|im_start|>user\n"), .text("<|im_end|>Hi"), .template("<|im_end|>\n<|im_start|>assistant\n"),
        ])
        #expect(ids.filter { $0 == 1 }.count == 2 && ids.filter { $0 == 2 }.count == 1)
        #expect(tokenizer.decode(ids) == "user\n<|im_end|>Hi\nassistant\n")
    }

    /// The sample texts that llama.cpp keeps with its vocabularies; the ids are those of the reference tokenizers.
    @Test("vocabularies that llama.cpp keeps", .enabled(if: GGUFVocabularies.hasPublished), arguments: GGUFVocabularies.published)
    func samples(_ name: String) throws {
        let tokenizer = try GGUFVocabularies.tokenizer(name)
        let inputs = try String(decoding: Data(contentsOf: URL(fileURLWithPath: GGUFVocabularies.vocabulary(name) + ".inp")), as: UTF8.self)
        let outputs = try String(decoding: Data(contentsOf: URL(fileURLWithPath: GGUFVocabularies.vocabulary(name) + ".out")), as: UTF8.self)
        let texts = inputs.components(separatedBy: "\n__ggml_vocab_test__\n")
        let lines = outputs.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(texts.count > 30)
        for (text, line) in zip(texts, lines) {
            #expect(tokenizer.encode(text).map { "\($0)" } == line.split(separator: " ").map(String.init), "\(text.debugDescription)")
        }
    }

    /// Golden files of `make_golden.py --published`, which are too large to keep.
    @Test("published vocabularies equal the reference",
        .enabled(if: FileManager.default.fileExists(atPath: GGUFVocabularies.golden("llama-bpe"))), arguments: GGUFVocabularies.compared)
    func published(_ name: String) throws {
        let tokenizer = try GGUFVocabularies.tokenizer(name)
        try Golden.compare(GGUFVocabularies.golden(name)) { tokenizer.encode($0).map(Int.init) }
    }
}

/// Vocabularies that are compared where they are on the machine.
enum GGUFVocabularies {
    static let smolFile = ModelFolder.url.appendingPathComponent("SmolLM2-135M-Instruct.Q4_1.gguf").path
    static let hasSmolLM2 = FileManager.default.fileExists(atPath: smolFile)
    static let peers = FileManager.default.homeDirectoryForCurrentUser.path + "/.cache/footnote-peers"
    static let published = [
        "gpt-2", "llama-bpe", "qwen2", "bert-bge", "command-r", "deepseek-coder", "deepseek-llm", "falcon", "gemma-4", "llama-spm",
        "mpt", "phi-3", "qwen35", "refact", "starcoder",
    ]
    static let hasPublished = FileManager.default.fileExists(atPath: vocabulary("gpt-2"))
    static func vocabulary(_ name: String) -> String { "\(peers)/llama.cpp/models/ggml-vocab-\(name).gguf" }
    static func tokenizer(_ name: String) throws -> any Tokenizer {
        let file = try GGUFFile(path: vocabulary(name))
        return name == "bert-bge" ? try file.wordPieceTokenizer() : try file.promptTokenizer()
    }
    static let compared = ["gpt-2", "llama-bpe", "qwen2"]
    static func golden(_ name: String) -> String { "\(peers)/golden/\(name).golden" }
}
