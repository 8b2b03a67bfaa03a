/// The Llama family (Touvron et al. 2023, arXiv:2302.13971): RMS norm before each part, grouped-query attention with
/// rotary embedding, gated feed-forward with SiLU. Llama 1 to 3.2 and SmolLM2; Mistral with its sliding window
/// (arXiv:2310.06825); Mixtral, whose feed-forward part is a mixture of experts (arXiv:2401.04088).
enum Llama {
    static func load(_ file: GGUFFile, precision: ComputePrecision) throws -> TransformerDecoder {
        let reader = try DecoderReader(file, precision: precision)
        try reader.sizes.requireUniformHeads(file)
        let experts = try reader.int("expert_count", in: 0...4096) ?? 0
        let window = try reader.window()
        let layers = try (0..<reader.sizes.layers).map { index in
            DecoderLayer(
                attentionNorm: try reader.norm(index, "attn_norm"),
                attention: try reader.attention(index, window: window, rotary: 0),
                arrangement: .sequential(try reader.norm(index, "ffn_norm")),
                feedForward: experts > 0
                    ? try mixture(reader, index, experts: experts) : try reader.gated(index))
        }
        // Query and key weights of these files are permuted so that neighbours are turned together.
        return reader.decoder(try reader.frame(layers: layers, rotaries: [try reader.rotary(.interleaved)]))
    }

    /// Mixtral: the softmax of the chosen experts' scores, which is that of all, normalised.
    private static func mixture(_ reader: DecoderReader, _ layer: Int, experts: Int) throws -> MixtureOfExperts {
        let used = try reader.requiredInt("expert_used_count", in: 1...experts)
        return try reader.experts(
            layer, count: experts, width: reader.sizes.feedForwardWidth,
            routing: ExpertRouting(gating: .softmax, used: used, normalises: true))
    }
}
