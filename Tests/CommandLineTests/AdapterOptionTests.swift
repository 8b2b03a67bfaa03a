import Foundation
import Testing

/// `--lora`: an adapter as PEFT saves it, added to the language model with a strength.
@Suite struct AdapterOptionTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func text(_ adapters: String...) throws -> String {
        let options = adapters.flatMap { ["--lora", $0] }
        let result = try folder.process.run(
            ["generate", "--json", "--max-tokens", "12", "--temperature", "0", "Name three rivers of Europe."] + options)
        try #require(result.status == 0, "\(result.error)")
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
        return try #require((object as? [String: Any])?["text"] as? String)
    }

    @Test(.enabled(if: ModelFolder.hasLanguageModel)) func changesWhatIsWrittenByItsStrength() throws {
        try writeAdapter()
        let plain = try text(), changed = try text("adapter")
        #expect(changed != plain)
        #expect(try text("adapter:0") == plain)
        #expect(try text("adapter:0.5", "adapter:0.5") == changed)
        #expect(try text("adapter", "adapter:-1") == plain)
    }

    @Test(.enabled(if: ModelFolder.hasLanguageModel)) func aMissingAdapterIsNamed() throws {
        let result = try folder.process.run("generate", "--lora", "nowhere.gguf", "Hello")
        #expect(result.status == 1)
        #expect(result.output.isEmpty)
        #expect(result.error.contains("nowhere.gguf"))
    }

    @Test(arguments: ["", ":0.5", "adapter:nan", "adapter:inf"]) func aStrengthMustBeANumber(argument: String) throws {
        let result = try folder.process.run("generate", "--lora", argument, "Hello")
        #expect(result.status == 64)
        #expect(result.error.contains("--lora"))
    }

    /// One number after the other of a rank of 1 at the end of SmolLM2's last feed-forward part: large enough to change the
    /// first word.
    private func writeAdapter() throws {
        let (inputs, outputs) = (1536, 576), stem = "base_model.model.model.layers.29.mlp.down_proj.lora_"
        let a = (0..<inputs).map { Float($0 % 7 - 3) / 8 }, b = (0..<outputs).map { Float($0 % 11 - 5) }
        let header: [String: Any] = [
            stem + "A.weight": ["dtype": "F32", "shape": [1, inputs], "data_offsets": [0, 4 * inputs]],
            stem + "B.weight": ["dtype": "F32", "shape": [outputs, 1], "data_offsets": [4 * inputs, 4 * (inputs + outputs)]],
        ]
        let json = try JSONSerialization.data(withJSONObject: header)
        var file = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) } + json
        for value in a + b { withUnsafeBytes(of: value.bitPattern.littleEndian) { file.append(contentsOf: $0) } }
        try folder.write(#"{"peft_type": "LORA", "r": 1, "lora_alpha": 1}"#, to: "adapter/adapter_config.json")
        try file.write(to: folder.url.appendingPathComponent("adapter/adapter_model.safetensors"))
    }
}
