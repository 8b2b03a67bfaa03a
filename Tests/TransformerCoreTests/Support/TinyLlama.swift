import TransformerCore

/// A Llama file with a random model of two layers, for tests that damage it.
struct TinyLlama {
    var builder = GGUFBuilder()

    static let width = 16
    static let vocabulary = 24

    init(architecture: String = "llama", vocabulary: Int = Self.vocabulary) {
        var random = TestRandom(seed: 77)
        let width = Self.width
        builder.add("general.architecture", .string(architecture))
        let sizes = [
            ("block_count", 2), ("context_length", 64), ("embedding_length", width), ("feed_forward_length", 32),
            ("attention.head_count", 4), ("attention.head_count_kv", 2),
        ]
        for (key, value) in sizes { builder.add("\(architecture).\(key)", .uint32(UInt32(value))) }
        builder.add("\(architecture).attention.layer_norm_rms_epsilon", .float32(1e-5))
        builder.add("\(architecture).rope.freq_base", .float32(10_000))

        func matrix(_ name: String, _ shape: [Int]) {
            builder.add(name, shape: shape, floats: (0..<shape.reduce(1, *)).map { _ in random.float() * 0.5 })
        }
        func ones(_ name: String) {
            builder.add(name, shape: [width], floats: [Float](repeating: 1, count: width))
        }
        matrix("token_embd.weight", [vocabulary, width])
        ones("output_norm.weight")
        for layer in 0..<2 {
            ones("blk.\(layer).attn_norm.weight")
            ones("blk.\(layer).ffn_norm.weight")
            matrix("blk.\(layer).attn_q.weight", [width, width])
            matrix("blk.\(layer).attn_k.weight", [width / 2, width])
            matrix("blk.\(layer).attn_v.weight", [width / 2, width])
            matrix("blk.\(layer).attn_output.weight", [width, width])
            matrix("blk.\(layer).ffn_gate.weight", [32, width])
            matrix("blk.\(layer).ffn_up.weight", [32, width])
            matrix("blk.\(layer).ffn_down.weight", [width, 32])
        }
    }

    func load(precision: ComputePrecision = .exact) throws -> any DecoderModel {
        let temporary = try TemporaryFile(builder.build(), name: "tiny")
        return try ModelArchitecture.loadDecoder(GGUFFile(path: temporary.path), precision: precision)
    }

    func index(of name: String) -> Int { builder.tensors.firstIndex { $0.name == name } ?? 0 }
}
