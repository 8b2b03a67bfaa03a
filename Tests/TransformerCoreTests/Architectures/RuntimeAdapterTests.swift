import Testing

import TransformerCore

/// Adapters while a model runs: the same as adding them to the weights.
@Suite struct RuntimeAdapterTests {
    private static let rank = 3
    private static let weights = ["blk.0.attn_q.weight", "blk.1.attn_v.weight", "blk.0.ffn_gate.weight", "blk.1.ffn_down.weight"]

    private let base: GGUFFile
    private let files: [TemporaryFile]

    init() throws {
        let converted = try FamilyFixture("llama3").converted(.type(.f32))
        base = try GGUFFile(path: converted.path)
        files = [converted]
    }

    private func adapter(seed: UInt64, weights: [String] = Self.weights, change: (inout GGUFBuilder) -> Void = { _ in }) throws -> TemporaryFile {
        var random = TestRandom(seed: seed)
        var builder = GGUFBuilder()
        builder.add("general.architecture", .string("llama"))
        builder.add("general.type", .string("adapter"))
        builder.add("adapter.type", .string("lora"))
        builder.add("adapter.lora.alpha", .float32(6))
        for name in weights {
            let shape = try #require(base.tensors[name]?.shape)
            builder.add(name + ".lora_a", shape: [Self.rank, shape[1]], floats: (0..<Self.rank * shape[1]).map { _ in random.float() * 0.3 })
            builder.add(name + ".lora_b", shape: [shape[0], Self.rank], floats: (0..<shape[0] * Self.rank).map { _ in random.float() * 0.3 })
        }
        change(&builder)
        return try TemporaryFile(builder.build(), name: "adapter", suffix: ".gguf")
    }

    /// The base model with adapters added to its weights.
    private func merged(_ paths: [String], strength: Float) throws -> any DecoderModel {
        var writer = GGUFWriter()
        writer.set("general.architecture", .string("llama"))
        try ModelConverter(folder: FamilyFixture("llama3").folder, includesTokenizer: false).writer.metadata
            .forEach { writer.set($0.key, $0.value) }
        let adapters = try paths.map {
            LowRankAdapters(try GGUFFile(path: $0), suffixes: .init(a: ".lora_a", b: ".lora_b"), scale: strength * 6 / Float(Self.rank))
        }
        for name in base.tensorNames.sorted() {
            var tensor = try base.tensor(name)
            for adapter in adapters { tensor = try adapter.merged(tensor, name: name) }
            let final = tensor
            writer.tensors.append(GGUFWriter.Entry(name: name, shape: final.shape, type: final.type) { final })
        }
        let file = try TemporaryFile([0], name: "merged", suffix: ".gguf")
        try writer.write(to: file.path)
        return try ModelArchitecture.loadDecoder(GGUFFile(path: file.path), precision: .exact)
    }

    private func logits(_ model: any DecoderModel, _ tokens: [Int32], _ adapters: [AppliedAdapter] = []) -> [Float] {
        let state = model.makeState(contextLimit: 40, cacheType: .f32)
        state.adapters = adapters
        // Logits lie in the state's memory.
        return withExtendedLifetime(state) {
            tokens.withUnsafeBufferPointer { Array(model.forward($0, state: state, rows: .all, pool: nil)) }
        }
    }

    @Test func equalsMergedWeights() throws {
        let tokens: [Int32] = [5, 9, 33, 12, 7]
        let model = try ModelArchitecture.loadDecoder(base, precision: .exact)
        let (first, second) = (try adapter(seed: 1), try adapter(seed: 2))
        let loaded = try [first, second].map { try RuntimeAdapter.load(path: $0.path, base: base) }
        #expect(loaded[0].weights == Self.weights.sorted())
        let plain = logits(model, tokens)
        for strength in [Float(1), 0.5] {
            let expected = logits(try merged([first.path], strength: strength), tokens)
            let actual = logits(model, tokens, [AppliedAdapter(loaded[0], strength: strength)])
            #expect(relativeError(actual, expected) < 1e-4)
            #expect(relativeError(actual, plain) > 0.01)
        }
        let both = logits(model, tokens, loaded.map { AppliedAdapter($0) })
        #expect(relativeError(both, logits(try merged([first.path, second.path], strength: 1), tokens)) < 1e-4)
    }

    /// Sequences with different adapters in one batch.
    @Test func eachSequenceHasItsOwn() throws {
        let model = try ModelArchitecture.loadDecoder(base, precision: .exact)
        let loaded = try [UInt64(1), 2].map { seed in
            let file = try adapter(seed: seed)
            return try RuntimeAdapter.load(path: file.path, base: base)
        }
        let sets = [[], [AppliedAdapter(loaded[0])], [AppliedAdapter(loaded[1], strength: 2)]]
        let tokens: [Int32] = [5, 9, 33]
        let segments = sets.map { set in
            let state = model.makeState(contextLimit: 8, cacheType: .f32)
            state.adapters = set
            return DecoderSegment(state: state, tokens: tokens, rows: .all)
        }
        let workspace = DecoderWorkspace()
        let together = withExtendedLifetime(workspace) {
            Array(model.forward(segments, workspace: workspace, pool: .shared))
        }
        #expect(relativeError(together, sets.flatMap { logits(model, tokens, $0) }) < 1e-5)
    }

    @Test func adaptersOfOtherModels() throws {
        func load(_ change: @escaping (inout GGUFBuilder) -> Void) throws {
            let file = try adapter(seed: 1, change: change)
            _ = try RuntimeAdapter.load(path: file.path, base: base)
        }
        #expect(throws: ModelFileError.self) { try load { $0.tensors.removeLast() } }
        #expect(throws: ModelFileError.self) { try load { $0.tensors[0].shape = [1, 96] } }
        #expect(throws: ModelFileError.self) { try load { $0.metadata.removeAll { $0.key == "general.type" } } }
        #expect(throws: ModelFileError.self) {
            try load { $0.add("blk.9.attn_q.weight.lora_a", shape: [1, 32], floats: [Float](repeating: 0, count: 32)) }
        }
        #expect(throws: ModelFileError.self) { try RuntimeAdapter.load(path: "/nowhere/adapter", base: base) }
    }
}
