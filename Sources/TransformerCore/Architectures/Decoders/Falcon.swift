/// Falcon (arXiv:2311.16867): attention and feed-forward read the same input side by side, and all query heads share one
/// head of keys and values; the larger sizes have a few such heads and a norm for each part.
enum Falcon {
    static func load(_ file: GGUFFile, precision: ComputePrecision) throws -> TransformerDecoder {
        let reader = try DecoderReader(file, precision: precision, usesLayerNorm: true)
        try reader.sizes.requireUniformHeads(file)
        let layers = try (0..<reader.sizes.layers).map { index in
            let first = try reader.norm(index, "attn_norm")
            // Where there are two norms, the second is the attention's and the first that of the feed-forward part.
            let second = reader.contains(index, "attn_norm_2") ? try reader.norm(index, "attn_norm_2") : nil
            return DecoderLayer(
                attentionNorm: second ?? first, attention: try reader.attention(index, rotary: 0),
                arrangement: .parallel(second == nil ? nil : first),
                feedForward: try reader.plain(index, activation: .gelu))
        }
        return reader.decoder(try reader.frame(layers: layers, rotaries: [try reader.rotary(.halfSplit)]))
    }
}
