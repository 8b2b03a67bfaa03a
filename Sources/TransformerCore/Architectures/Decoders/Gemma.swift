/// Gemma 2 (arXiv:2408.00118): norms before and after each part, every other layer sees a window alone, scores and logits
/// are bounded softly.
enum Gemma2 {
    static func load(_ file: GGUFFile, precision: ComputePrecision) throws -> TransformerDecoder {
        let reader = try DecoderReader(file, precision: precision)
        let style = Gemma.Style(
            period: 2, wideLayers: 46, normalisesHeads: false,
            scoreCap: try reader.number("attn_logit_softcapping", in: 1e-3...1e6) ?? 50)
        var parts = try Gemma.parts(reader, style: style, rotaries: [try reader.rotary(.halfSplit)]) { _ in 0 }
        parts.logitCap = try reader.number("final_logit_softcapping", in: 1e-3...1e6) ?? 30
        return reader.decoder(parts)
    }
}

/// Gemma 3 (arXiv:2503.19786): norms on query and key heads instead of bounds; five of six layers see a window alone and
/// turn heads by a smaller base.
enum Gemma3 {
    static func load(_ file: GGUFFile, precision: ComputePrecision) throws -> TransformerDecoder {
        let reader = try DecoderReader(file, precision: precision)
        let local = RotaryEmbedding(
            headDimension: reader.sizes.headDimension,
            base: try reader.number("rope.freq_base_swa", in: 1...1e12) ?? 10_000, layout: .halfSplit)
        let style = Gemma.Style(period: 6, wideLayers: 62, normalisesHeads: true, scoreCap: nil)
        var parts = try Gemma.parts(reader, style: style, rotaries: [try reader.rotary(.halfSplit), local]) { $0 ? 1 : 0 }
        parts.logitCap = try reader.number("final_logit_softcapping", in: 0...1e6).flatMap { $0 > 0 ? $0 : nil }
        return reader.decoder(parts)
    }
}

private enum Gemma {
    struct Style {
        /// The last layer of each period sees everything.
        let period: Int
        /// Number of layers of the one size whose scores are scaled by the width of a query, not that of a head.
        let wideLayers: Int
        let normalisesHeads: Bool
        let scoreCap: Float?
    }

    /// - Parameter rotary: which rotary embedding a layer uses, by whether it sees a window alone.
    static func parts(
        _ reader: DecoderReader, style: Style, rotaries: [RotaryEmbedding], rotary: (Bool) -> Int
    ) throws -> DecoderParts {
        let sizes = reader.sizes
        try sizes.requireUniformHeads(reader.file)
        let window = try reader.window()
        let windowed = try reader.windowedLayers(period: style.period).map { $0 && window != nil }
        let divisor = sizes.layers == style.wideLayers ? sizes.width / sizes.queryHeads : sizes.headDimension
        let scale = try reader.number("attention.scale", in: 1e-6...1e6) ?? 1 / Float(divisor).squareRoot()
        let layers = try (0..<sizes.layers).map { index in
            DecoderLayer(
                attentionNorm: try reader.norm(index, "attn_norm"),
                attention: try reader.attention(
                    index, scale: scale, window: windowed[index] ? window : nil, softCap: style.scoreCap,
                    rotary: rotary(windowed[index]), normalisesHeads: style.normalisesHeads),
                attentionPostNorm: try reader.norm(index, "post_attention_norm"),
                arrangement: .sequential(try reader.norm(index, "ffn_norm")),
                feedForward: try reader.gated(index, activation: .geluTanh),
                feedForwardPostNorm: try reader.norm(index, "post_ffw_norm"))
        }
        var parts = try reader.frame(layers: layers, rotaries: rotaries)
        parts.embeddingScale = Float(sizes.width).squareRoot()
        return parts
    }
}
