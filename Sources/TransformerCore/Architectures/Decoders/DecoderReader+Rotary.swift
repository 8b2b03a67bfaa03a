extension DecoderReader {
    /// The rotary embedding that the file describes.
    ///
    /// - Parameters:
    ///   - dimension: elements of a head that are turned.
    ///   - headDimension: elements of a head.
    func rotary(_ layout: RotaryLayout, dimension: Int? = nil, headDimension: Int? = nil) throws -> RotaryEmbedding {
        let head = headDimension ?? sizes.headDimension
        let turned = dimension ?? head
        return RotaryEmbedding(
            headDimension: head, rotaryDimension: turned, base: try ropeBase(), layout: layout,
            scaling: try scaling(pairs: turned / 2))
    }

    /// θ of the rotary embedding.
    func ropeBase() throws(ModelFileError) -> Float { try number("rope.freq_base", in: 1...1e12) ?? 10_000 }

    /// How the file stretches the context. Llama 3's factors for each pair come as a tensor and need no key.
    private func scaling(pairs: Int) throws(ModelFileError) -> RotaryScaling {
        let factors = "rope_freqs.weight"
        if file.contains(tensor: factors) {
            return .factors(try file.floats(factors, count: pairs), magnitude: 1)
        }
        // llama.cpp's converter leaves the type of Phi-3's to the tensors.
        let usual = file.contains(tensor: "rope_factors_long.weight") ? "longrope" : "linear"
        let type = file.metadata["\(prefix).rope.scaling.type"]?.string ?? usual
        switch type {
        case "none", "llama3": return .none
        case "linear":
            let olderFactor = try number("rope.scale_linear", in: 1e-6...1e6) ?? 1
            let factor = try number("rope.scaling.factor", in: 1e-6...1e6) ?? olderFactor
            return factor == 1 ? .none : .linear(1 / factor)
        case "yarn": return .yarn(try yarn())
        case "longrope": return try longRoPE(pairs: pairs)
        default: throw .unsupportedFeature(file: file.path, feature: "rotary scaling of type \(type.debugDescription)")
        }
    }

    private func yarn() throws(ModelFileError) -> RotaryScaling.YaRN {
        let key = "rope.scaling.factor"
        guard let factor = try number(key, in: 1...1e6) else {
            throw .missingMetadata(file: file.path, key: "\(prefix).\(key)", expected: "a number from 1 to 1000000")
        }
        // DeepSeek scales scores instead, all of them; its file says by how much.
        let scalesScores = file.metadata["\(prefix).rope.scaling.yarn_log_multiplier"] != nil
        let magnitude = scalesScores ? 1 : RotaryScaling.YaRN.magnitude(factor: factor)
        return RotaryScaling.YaRN(
            factor: factor,
            originalContext: try int("rope.scaling.original_context_length", in: 1...1 << 24) ?? sizes.contextLength,
            betaFast: try number("rope.scaling.yarn_beta_fast", in: 0.001...1e6) ?? 32,
            betaSlow: try number("rope.scaling.yarn_beta_slow", in: 0.001...1e6) ?? 1,
            magnitude: magnitude * (try number("rope.scaling.attn_factor", in: 0...1e3) ?? 1))
    }

    /// Two sets of factors, for contexts as long as in the first training and for longer ones. One is used throughout,
    /// by what the model can read, so that a text does not change its meaning as it grows.
    private func longRoPE(pairs: Int) throws(ModelFileError) -> RotaryScaling {
        let original = try int("rope.scaling.original_context_length", in: 1...1 << 24) ?? sizes.contextLength
        let name = sizes.contextLength > original ? "rope_factors_long.weight" : "rope_factors_short.weight"
        return .factors(
            try file.floats(name, count: pairs), magnitude: try number("rope.scaling.attn_factor", in: 0...1e3) ?? 1)
    }
}
