import Foundation
import Testing

import TransformerCore

/// A small random BERT written as safetensors and as GGUF, whole and damaged.
@Suite struct BERTTests {
    private struct TinyBERT {
        var tensors: [(name: String, gguf: String, shape: [Int], values: [Float])] = []
        var config: [String: Any] = [
            "model_type": "bert", "vocab_size": 30, "hidden_size": 16, "num_hidden_layers": 2,
            "num_attention_heads": 4, "intermediate_size": 32, "max_position_embeddings": 64, "type_vocab_size": 2,
            "layer_norm_eps": 1e-12, "hidden_act": "gelu",
        ]
        var otherFiles: [String: String] = [:]

        init() {
            var random = TestRandom(seed: 8)
            func add(_ name: String, _ gguf: String, _ shape: [Int], centre: Float = 0) {
                tensors.append((name, gguf, shape, (0..<shape.reduce(1, *)).map { _ in centre + random.float() / 2 }))
            }
            func both(_ name: String, _ gguf: String, _ outputs: Int, _ inputs: Int) {
                add(name + ".weight", gguf + ".weight", [outputs, inputs])
                add(name + ".bias", gguf + ".bias", [outputs])
            }
            func norm(_ name: String, _ gguf: String) {
                add(name + ".weight", gguf + ".weight", [16], centre: 1)
                add(name + ".bias", gguf + ".bias", [16])
            }
            add("embeddings.word_embeddings.weight", "token_embd.weight", [30, 16])
            add("embeddings.position_embeddings.weight", "position_embd.weight", [64, 16])
            add("embeddings.token_type_embeddings.weight", "token_types.weight", [2, 16])
            norm("embeddings.LayerNorm", "token_embd_norm")
            for layer in 0..<2 {
                let (long, short) = ("encoder.layer.\(layer).", "blk.\(layer).")
                both(long + "attention.self.query", short + "attn_q", 16, 16)
                both(long + "attention.self.key", short + "attn_k", 16, 16)
                both(long + "attention.self.value", short + "attn_v", 16, 16)
                both(long + "attention.output.dense", short + "attn_output", 16, 16)
                norm(long + "attention.output.LayerNorm", short + "attn_output_norm")
                both(long + "intermediate.dense", short + "ffn_up", 32, 16)
                both(long + "output.dense", short + "ffn_down", 16, 32)
                norm(long + "output.LayerNorm", short + "layer_output_norm")
            }
        }

        func loadFolder(prefix: String = "", precision: ComputePrecision = .exact) throws -> BERTEncoder {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("bert-\(UUID().uuidString)")
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent("1_Pooling"), withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try JSONSerialization.data(withJSONObject: config).write(to: folder.appendingPathComponent("config.json"))
            for (name, text) in otherFiles {
                try Data(text.utf8).write(to: folder.appendingPathComponent(name))
            }
            var header: [String: Any] = ["__metadata__": ["format": "pt"]]
            var data: [UInt8] = []
            for tensor in tensors {
                let start = data.count
                data += tensor.values.flatMap { littleEndian($0.bitPattern) }
                header[prefix + tensor.name] = [
                    "dtype": "F32", "shape": tensor.shape, "data_offsets": [start, data.count],
                ]
            }
            let json = Array(try JSONSerialization.data(withJSONObject: header))
            try Data(littleEndian(UInt64(json.count)) + json + data)
                .write(to: folder.appendingPathComponent("model.safetensors"))
            return try BERTEncoder(folder: folder.path, precision: precision)
        }

        func loadGGUF(pooling: UInt32? = nil) throws -> BERTEncoder {
            var builder = GGUFBuilder()
            builder.add("general.architecture", .string("bert"))
            let sizes = [
                ("block_count", 2), ("context_length", 64), ("embedding_length", 16), ("feed_forward_length", 32),
                ("attention.head_count", 4),
            ]
            for (key, value) in sizes { builder.add("bert.\(key)", .uint32(UInt32(value))) }
            builder.add("bert.attention.layer_norm_epsilon", .float32(1e-12))
            if let pooling { builder.add("bert.pooling_type", .uint32(pooling)) }
            for tensor in tensors { builder.add(tensor.gguf, shape: tensor.shape, floats: tensor.values) }
            let temporary = try TemporaryFile(builder.build(), name: "bert")
            return try BERTEncoder(GGUFFile(path: temporary.path), precision: .exact)
        }
    }

    private let sequences: [[Int32]] = [[1, 2, 3], [4], [5, 6, 7, 8, 9, 10, 11], Array(0..<30), [29, 0]]

    @Test func bothFormatsAndNamingsAgree() throws {
        let model = TinyBERT()
        let plain = try model.loadFolder().embed(tokenIDs: sequences)
        #expect(plain.count == sequences.count * 16)
        #expect(try model.loadFolder(prefix: "bert.").embed(tokenIDs: sequences) == plain)
        #expect(try model.loadGGUF().embed(tokenIDs: sequences) == plain)
        #expect(try model.loadGGUF(pooling: 1).embed(tokenIDs: sequences) == plain)
    }

    @Test func vectorsHaveUnitLength() throws {
        let output = try TinyBERT().loadFolder().embed(tokenIDs: sequences)
        for index in sequences.indices {
            let length = output[index * 16..<(index + 1) * 16].reduce(0) { $0 + $1 * $1 }
            #expect(abs(length - 1) < 1e-5)
        }
        #expect(try TinyBERT().loadFolder().embed(tokenIDs: []).isEmpty)
    }

    @Test func anyGroupingGivesTheSameVectors() throws {
        let encoder = try TinyBERT().loadFolder()
        var random = TestRandom(seed: 3)
        let many = (0..<200).map { _ in
            (0..<Int.random(in: 1...60, using: &random)).map { _ in Int32.random(in: 0..<30, using: &random) }
        }
        let together = try encoder.embed(tokenIDs: many, pool: ComputePool(threads: 3))
        for (index, sequence) in many.enumerated() {
            let alone = try encoder.embed(tokenIDs: [sequence], pool: ComputePool(threads: 1))
            let difference = zip(alone, together[index * 16..<(index + 1) * 16]).map { abs($0 - $1) }.max() ?? 1
            #expect(difference < 1e-5)
        }
    }

    @Test func callersShareOneModel() async throws {
        let encoder = try TinyBERT().loadFolder()
        let expected = try encoder.embed(tokenIDs: sequences)
        let sequences = sequences
        try await withThrowingTaskGroup(of: [Float].self) { group in
            for _ in 0..<16 { group.addTask { try encoder.embed(tokenIDs: sequences) } }
            for try await output in group { #expect(output == expected) }
        }
    }

    @Test func poolingByFirstToken() throws {
        var model = TinyBERT()
        let mean = try model.loadFolder().embed(tokenIDs: sequences)
        model.otherFiles["1_Pooling/config.json"] = #"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#
        let first = try model.loadFolder().embed(tokenIDs: sequences)
        #expect(first == (try model.loadGGUF(pooling: 2).embed(tokenIDs: sequences)))
        #expect(first != mean)
        // With one token there is no difference.
        #expect(Array(first[16..<32]) == Array(mean[16..<32]))
        model.otherFiles["1_Pooling/config.json"] = #"{"pooling_mode_mean_tokens": false, "pooling_mode_max_tokens": true}"#
        #expect(throws: ModelFileError.self) { try model.loadFolder() }
        #expect(throws: ModelFileError.self) { try model.loadGGUF(pooling: 9) }
    }

    @Test func lengthLimit() throws {
        var model = TinyBERT()
        #expect(try model.loadFolder().maximumTokens == 64)
        model.otherFiles["sentence_bert_config.json"] = #"{"max_seq_length": 20}"#
        let encoder = try model.loadFolder()
        #expect(encoder.maximumTokens == 20)
        #expect(throws: EncoderError.tooLong(index: 1, tokens: 21, limit: 20)) {
            try encoder.embed(tokenIDs: [[1], [Int32](repeating: 1, count: 21)])
        }
        #expect(throws: EncoderError.emptySequence(index: 0)) { try encoder.embed(tokenIDs: [[]]) }
        #expect(throws: EncoderError.tokenOutOfRange(id: 30, vocabularyCount: 30)) { try encoder.embed(tokenIDs: [[30]]) }
        #expect(throws: EncoderError.tokenOutOfRange(id: -1, vocabularyCount: 30)) { try encoder.embed(tokenIDs: [[-1]]) }
        for length in [65, 2, 0, -5] {
            model.otherFiles["sentence_bert_config.json"] = #"{"max_seq_length": \#(length)}"#
            #expect(throws: ModelFileError.self) { try model.loadFolder() }
        }
    }

    @Test func everyTensorIsNeededAndItsShapeChecked() {
        for index in TinyBERT().tensors.indices {
            var model = TinyBERT()
            model.tensors.remove(at: index)
            #expect(throws: ModelFileError.self) { try model.loadFolder() }
            #expect(throws: ModelFileError.self) { try model.loadGGUF() }
            model = TinyBERT()
            model.tensors[index].shape = [model.tensors[index].values.count / 2, 2]
            #expect(throws: ModelFileError.self) { try model.loadFolder() }
            #expect(throws: ModelFileError.self) { try model.loadGGUF() }
        }
    }

    @Test func configurationIsChecked() {
        let wrong: [(String, Any)] = [
            ("model_type", "roberta"), ("hidden_size", 0), ("hidden_size", "many"), ("hidden_size", 1e300),
            ("num_attention_heads", 3), ("num_hidden_layers", -1), ("num_hidden_layers", 3), ("vocab_size", 31),
            ("hidden_act", "relu"), ("position_embedding_type", "relative_key"), ("max_position_embeddings", 65),
            ("layer_norm_eps", -1),
        ]
        for (key, value) in wrong {
            var model = TinyBERT()
            model.config[key] = value
            #expect(throws: ModelFileError.self, "\(key)") { try model.loadFolder() }
        }
    }

    @Test func weightsThatAreNotNumbers() throws {
        var model = TinyBERT()
        model.tensors[0].values[5 * 16] = .nan
        let encoder = try model.loadFolder()
        #expect(throws: EncoderError.notANumber(index: 1)) { try encoder.embed(tokenIDs: [[1, 2], [5]]) }
        #expect(throws: Never.self) { try encoder.embed(tokenIDs: [[1, 2]]) }
    }
}
