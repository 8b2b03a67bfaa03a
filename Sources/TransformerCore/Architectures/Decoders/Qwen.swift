/// Qwen 2 and 2.5 (arXiv:2407.10671): Llama with biases on query, key and value, and halves of a head turned together.
enum Qwen2 {
    static func load(_ file: GGUFFile, precision: ComputePrecision) throws -> TransformerDecoder {
        try Qwen.load(file, precision: precision, normalisesHeads: false) { reader, layer in try reader.gated(layer) }
    }
}

/// Qwen 3 (arXiv:2505.09388): no biases, but norms on each query and key head.
enum Qwen3 {
    static func load(_ file: GGUFFile, precision: ComputePrecision) throws -> TransformerDecoder {
        try Qwen.load(file, precision: precision, normalisesHeads: true) { reader, layer in try reader.gated(layer) }
    }
}

/// Qwen 3 with a mixture of experts in every layer.
enum Qwen3MoE {
    static func load(_ file: GGUFFile, precision: ComputePrecision) throws -> TransformerDecoder {
        try Qwen.load(file, precision: precision, normalisesHeads: true) { reader, layer in
            let count = try reader.requiredInt("expert_count", in: 1...4096)
            let width = try reader.requiredInt("expert_feed_forward_length", in: 1...1 << 20)
            let routing = ExpertRouting(
                gating: .softmax, used: try reader.requiredInt("expert_used_count", in: 1...count),
                normalises: try reader.flag("expert_weights_norm") ?? true)
            return try reader.experts(layer, count: count, width: width, routing: routing)
        }
    }
}

private enum Qwen {
    static func load(
        _ file: GGUFFile, precision: ComputePrecision, normalisesHeads: Bool,
        feedForward: (DecoderReader, Int) throws -> any FeedForward
    ) throws -> TransformerDecoder {
        let reader = try DecoderReader(file, precision: precision)
        try reader.sizes.requireUniformHeads(file)
        let window = try reader.window()
        let windowed = try reader.windowedLayers(period: 0)
        let layers = try (0..<reader.sizes.layers).map { index in
            DecoderLayer(
                attentionNorm: try reader.norm(index, "attn_norm"),
                attention: try reader.attention(
                    index, window: windowed[index] ? window : nil, rotary: 0, normalisesHeads: normalisesHeads),
                arrangement: .sequential(try reader.norm(index, "ffn_norm")),
                feedForward: try feedForward(reader, index))
        }
        return reader.decoder(try reader.frame(layers: layers, rotaries: [try reader.rotary(.halfSplit)]))
    }
}
