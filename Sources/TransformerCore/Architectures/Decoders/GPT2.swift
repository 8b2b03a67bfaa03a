/// GPT-2 (Radford et al. 2019): learned positions, layer norm, one matrix for query, key and value, GELU.
enum GPT2 {
    static func load(_ file: GGUFFile, precision: ComputePrecision) throws -> TransformerDecoder {
        let reader = try DecoderReader(file, precision: precision, usesLayerNorm: true)
        let layers = try (0..<reader.sizes.layers).map { index in
            DecoderLayer(
                attentionNorm: try reader.norm(index, "attn_norm"),
                attention: try reader.attention(index, rotary: nil),
                arrangement: .sequential(try reader.norm(index, "ffn_norm")),
                feedForward: try reader.plain(index, activation: .geluTanh))
        }
        var parts = try reader.frame(layers: layers, rotaries: [])
        parts.positions = try EmbeddingTable(
            file.tensor("position_embd.weight", shape: [reader.sizes.contextLength, reader.sizes.width]))
        return reader.decoder(parts)
    }
}
