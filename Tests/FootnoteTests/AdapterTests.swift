import Foundation
import Testing

import Footnote

/// Low-rank adapters beside a language model that is a published folder.
@Suite struct AdapterTests {
    let folder: TemporaryFolder
    private let tokens: [Int32] = [5, 9, 33, 12, 7]

    init() throws { folder = try TemporaryFolder() }

    /// A tiny random Llama; see `make_families.py`.
    private var llama: URL {
        (0..<2).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
            .appendingPathComponent("TransformerCoreTests/Fixtures/Families/llama3")
    }

    /// An adapter of rank 2 as PEFT saves it, for one weight.
    private func adapter(_ name: String, weight: String, outputs: Int, inputs: Int) throws -> URL {
        var state: UInt64 = 7
        func random(_ count: Int) -> [Float] {
            (0..<count).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23) * 0.5
            }
        }
        let (a, b) = (random(2 * inputs), random(outputs * 2))
        let stem = "base_model.model.\(weight)"
        let header = """
            {"\(stem).lora_A.weight": {"dtype": "F32", "shape": [2, \(inputs)], "data_offsets": [0, \(8 * inputs)]}, \
            "\(stem).lora_B.weight": {"dtype": "F32", "shape": [\(outputs), 2], \
            "data_offsets": [\(8 * inputs), \(8 * inputs + 8 * outputs)]}}
            """
        var data = Data()
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { data.append(contentsOf: $0) }
        data.append(contentsOf: header.utf8)
        (a + b).withUnsafeBytes { data.append(contentsOf: $0) }
        try folder.write("\(name)/adapter_config.json", #"{"peft_type": "LORA", "lora_alpha": 4, "r": 2}"#)
        let url = folder.url.appendingPathComponent(name)
        try data.write(to: url.appendingPathComponent("adapter_model.safetensors"))
        return url
    }

    private func difference(_ a: [[Float]], _ b: [[Float]]) -> Float {
        zip(a.joined(), b.joined()).map { abs($0 - $1) }.max() ?? .infinity
    }

    @Test func scalesAddUp() async throws {
        let inspection = try ModelInspection(named: llama.path)
        let url = try adapter("one", weight: "model.layers.0.self_attn.q_proj", outputs: 64, inputs: 32)
        let other = try adapter("two", weight: "model.layers.1.mlp.down_proj", outputs: 32, inputs: 48)
        func logits(_ adapters: LanguageModelAdapter...) async throws -> [[Float]] {
            try await inspection.logits(after: tokens, exact: true, adapters: adapters)
        }
        let (plain, whole) = (try await logits(), try await logits(.init(url)))
        #expect(plain.count == tokens.count)
        #expect(difference(plain, whole) > 0.01)
        #expect(try await difference(logits(.init(url, scale: 0)), plain) < 1e-5)
        #expect(try await difference(logits(.init(url, scale: 0.25), .init(url, scale: 0.75)), whole) < 1e-4)
        #expect(try await difference(logits(.init(url), .init(other)), whole) > 0.01)
    }

    @Test func ofAnotherModelIsRefused() async throws {
        let url = try adapter("wrong", weight: "model.layers.0.self_attn.q_proj", outputs: 64, inputs: 31)
        let missing = folder.url.appendingPathComponent("absent.gguf")
        for adapter in [url, missing] {
            await #expect(throws: (any Error).self) {
                try await ModelInspection(named: llama.path).logits(after: tokens, exact: true, adapters: [.init(adapter)])
            }
        }
    }

    /// A published folder writes text, with and without an adapter, and says in its digest which.
    @Test func languageModelsOfFolders() async throws {
        let source = Bundle.module.bundleURL.appendingPathComponent("Fixtures/EmbeddingModels/tiny-qwen3-embedding")
        let model = folder.url.appendingPathComponent("tiny")
        try FileManager.default.copyItem(at: source, to: model)
        try folder.write("tiny/chat_template.jinja", "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:")
        let store = ModelStore(folder: folder.url)
        var options = LanguageModelOptions()
        let plain = try store.languageModel("tiny", options: options)
        let url = try adapter("qwen", weight: "model.layers.0.self_attn.q_proj", outputs: 64, inputs: 32)
        options.adapters = [LanguageModelAdapter(url, scale: 8)]
        let adapted = try store.languageModel("tiny", options: options)
        let texts = try await (text(plain), text(adapted))
        #expect(try await text(plain) == texts.0)
        #expect(texts.0 != texts.1)
        #expect(plain.identity.name == adapted.identity.name)
        #expect(plain.identity.digest != adapted.identity.digest)
    }

    private func text(_ model: any LanguageModel) async throws -> String {
        let request = GenerationRequest(messages: [ChatMessage(role: .user, content: "Name a river.")], maximumTokens: 12)
        var result = ""
        for try await case .text(let text) in model.generate(request) { result += text }
        return result
    }
}
