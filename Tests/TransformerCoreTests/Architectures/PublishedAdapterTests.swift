import Foundation
import Testing

import TransformerCore

/// Adapters as PEFT saves them: the same as the GGUF form, whose query rows are in another order.
@Suite struct PublishedAdapterTests {
    @Test func equalsTheConvertedForm() throws {
        let converted = try FamilyFixture("llama3").converted(.type(.f32))
        let base = try GGUFFile(path: converted.path)
        let model = try ModelArchitecture.loadDecoder(base, precision: .exact)
        var random = TestRandom(seed: 3)
        var builder = GGUFBuilder()
        builder.add("general.architecture", .string("llama"))
        builder.add("general.type", .string("adapter"))
        builder.add("adapter.type", .string("lora"))
        builder.add("adapter.lora.alpha", .float32(4))
        var published = SafetensorsBuilder()
        let folder = try TemporaryFolder()
        // Four query heads of 16 elements, whose halves are turned together in the published form.
        for (target, source, heads) in [
            ("blk.0.attn_q.weight", "model.layers.0.self_attn.q_proj", 4), ("blk.1.ffn_up.weight", "model.layers.1.mlp.up_proj", 0),
        ] {
            let shape = try #require(base.tensors[target]?.shape)
            let a = (0..<2 * shape[1]).map { _ in random.float() * 0.3 }
            let b = (0..<shape[0] * 2).map { _ in random.float() * 0.3 }
            let size = heads > 0 ? shape[0] / heads : 0
            let order = (0..<shape[0]).map { row in
                heads > 0 ? row / size * size + row % size % 2 * (size / 2) + row % size / 2 : row
            }
            builder.add(target + ".lora_a", shape: [2, shape[1]], floats: a)
            builder.add(target + ".lora_b", shape: [shape[0], 2], floats: order.flatMap { Array(b[2 * $0..<2 * $0 + 2]) })
            published.tensors.append(("base_model.model.\(source).lora_A.weight", [2, shape[1]], a))
            published.tensors.append(("base_model.model.\(source).lora_B.weight", [shape[0], 2], b))
        }
        try Data(published.build()).write(to: folder.url.appendingPathComponent("adapter_model.safetensors"))
        try Data(#"{"peft_type": "LORA", "r": 2, "lora_alpha": 4}"#.utf8)
            .write(to: folder.url.appendingPathComponent("adapter_config.json"))
        let file = try TemporaryFile(builder.build(), name: "adapter", suffix: ".gguf")

        let logits = try [file.path, folder.url.path].map { path in
            let state = model.makeState(contextLimit: 8, cacheType: .f32)
            state.adapters = [AppliedAdapter(try RuntimeAdapter.load(path: path, base: base))]
            let tokens: [Int32] = [5, 9, 33]
            return withExtendedLifetime(state) {
                tokens.withUnsafeBufferPointer { Array(model.forward($0, state: state, rows: .all, pool: nil)) }
            }
        }
        #expect(relativeError(logits[1], logits[0]) < 1e-6)

        try Data(#"{"peft_type": "LOHA"}"#.utf8).write(to: folder.url.appendingPathComponent("adapter_config.json"))
        #expect(throws: ModelFileError.self) { try RuntimeAdapter.load(path: folder.url.path, base: base) }
    }

    /// Every tensor of every family is needed, and every shape is checked.
    @Test(arguments: FamilyFixture.decoders) func damagedFamilies(name: String) throws {
        let converted = try FamilyFixture(name).converted()
        let file = try GGUFFile(path: converted.path)
        let optional = [".bias", "output.weight", "attn_norm_2.", "rope_f", "attn_qkv", "attn_q_a."]
        for missing in file.tensorNames.sorted() where !optional.contains(where: missing.contains) {
            #expect(throws: (any Error).self, "\(name) without \(missing)") {
                let damaged = try Self.rewritten(file) { $0.removeAll { $0.name == missing } }
                _ = try ModelArchitecture.loadDecoder(GGUFFile(path: damaged.path))
            }
        }
    }

    private static func rewritten(
        _ file: GGUFFile, _ change: (inout [GGUFWriter.Entry]) -> Void
    ) throws -> TemporaryFile {
        var writer = GGUFWriter()
        for (key, value) in file.metadata {
            if let string = value.string { writer.set(key, .string(string)) }
            else if let flag = value.bool { writer.set(key, .bool(flag)) }
            else if let int = value.int { writer.set(key, .uint32(UInt32(int))) }
            else if let number = value.double { writer.set(key, .float32(Float(number))) }
            else if let flags = value.array?.bools { writer.set(key, .bools(flags)) }
        }
        writer.tensors = try file.tensorNames.sorted().map { name in
            let tensor = try file.tensor(name)
            return GGUFWriter.Entry(name: name, shape: tensor.shape, type: tensor.type) { tensor }
        }
        change(&writer.tensors)
        let result = try TemporaryFile([0], name: "damaged", suffix: ".gguf")
        try writer.write(to: result.path)
        return result
    }
}
