/// Phi-3 and 3.5 (arXiv:2404.14219): query, key and value are one matrix, and so are gate and up.
enum Phi3 {
    static func load(_ file: GGUFFile, precision: ComputePrecision) throws -> TransformerDecoder {
        let reader = try DecoderReader(file, precision: precision)
        let head = reader.sizes.headDimension
        try reader.sizes.requireUniformHeads(file, turned: 2...max(2, head))
        let turned = try reader.int("rope.dimension_count", in: 2...1024) ?? head
        let window = try reader.window()
        let layers = try (0..<reader.sizes.layers).map { index in
            DecoderLayer(
                attentionNorm: try reader.norm(index, "attn_norm"),
                attention: try reader.attention(index, window: window, rotary: 0),
                arrangement: .sequential(try reader.norm(index, "ffn_norm")),
                feedForward: try gated(reader, index))
        }
        let rotary = try reader.rotary(.halfSplit, dimension: turned)
        return reader.decoder(try reader.frame(layers: layers, rotaries: [rotary]))
    }

    /// `ffn_up` holds the gate's rows, then those of up.
    private static func gated(_ reader: DecoderReader, _ layer: Int) throws -> GatedFeedForward {
        let (width, feedForward) = (reader.sizes.width, reader.sizes.feedForwardWidth)
        let both = try reader.tensor(layer, "ffn_up", [2 * feedForward, width])
        return GatedFeedForward(
            gateUp: .silu(
                try Projection(
                    [both.rows(0..<feedForward), both.rows(feedForward..<2 * feedForward)],
                    firstRows: [0, feedForward], precision: reader.precision)),
            down: try reader.projection(layer, "ffn_down", [width, feedForward]))
    }
}
