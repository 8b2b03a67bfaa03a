#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// DeepSeek-V2 and V3 (arXiv:2405.04434, arXiv:2412.19437): latent attention, a few dense layers, then mixtures of many
/// small experts beside a shared one.
enum DeepSeek2 {
    static func load(_ file: GGUFFile, precision: ComputePrecision) throws -> TransformerDecoder {
        var reader = try DecoderReader(file, precision: precision)
        let heads = try Heads(reader)
        reader.sizes.cacheHeads = 1
        reader.sizes.cacheDimension = heads.turned + heads.rank
        reader.sizes.keysOnly = true
        let dense = try reader.int("leading_dense_block_count", in: 0...1024) ?? 0
        let scale = try scoreScale(reader, heads)
        let layers = try (0..<reader.sizes.layers).map { index in
            DecoderLayer(
                attentionNorm: try reader.norm(index, "attn_norm"),
                attention: try attention(reader, index, heads: heads, scale: scale),
                arrangement: .sequential(try reader.norm(index, "ffn_norm")),
                feedForward: index < dense ? try reader.gated(index) : try mixture(reader, index))
        }
        let rotary = try reader.rotary(
            .interleaved, dimension: heads.turned, headDimension: heads.turned + heads.rank)
        return reader.decoder(try reader.frame(layers: layers, rotaries: [rotary]))
    }

    /// Elements of a head before compression, and of the vector that is kept.
    private struct Heads {
        let plain: Int
        let turned: Int
        let value: Int
        let rank: Int

        init(_ reader: DecoderReader) throws(ModelFileError) {
            rank = try reader.requiredInt("attention.kv_lora_rank", in: 1...1 << 16)
            turned = try reader.requiredInt("rope.dimension_count", in: 2...1024)
            // Files for absorbed attention say the sizes of the compressed heads under the usual keys.
            func length(_ name: String) throws(ModelFileError) -> Int {
                if let length = try reader.int("attention.\(name)_mla", in: 1...4096) { return length }
                return try reader.requiredInt("attention.\(name)", in: 1...4096)
            }
            let key = try length("key_length")
            value = try length("value_length")
            plain = key - turned
            guard plain > 0, turned.isMultiple(of: 2) else {
                throw .invalidMetadata(
                    file: reader.file.path, key: "\(reader.prefix).rope.dimension_count", found: "\(turned)",
                    expected: "an even number below \(key)")
            }
        }
    }

    /// Scores of a context stretched by YaRN are scaled up with its factor.
    private static func scoreScale(_ reader: DecoderReader, _ heads: Heads) throws(ModelFileError) -> Float {
        let plain = 1 / Float(heads.plain + heads.turned).squareRoot()
        guard let stored = try reader.number("rope.scaling.yarn_log_multiplier", in: 0...100),
            let factor = try reader.number("rope.scaling.factor", in: 1...1e6)
        else { return plain }
        // The key holds a tenth of the weight.
        let magnitude = RotaryScaling.YaRN.magnitude(factor: factor, weight: stored * 10)
        return plain * magnitude * magnitude
    }

    private static func attention(
        _ reader: DecoderReader, _ layer: Int, heads: Heads, scale: Float
    ) throws -> LatentAttention {
        let (width, count) = (reader.sizes.width, reader.sizes.queryHeads)
        let matrices = try absorbed(reader, layer, heads: heads)
        return LatentAttention(
            query: try query(reader, layer, heads: heads),
            compress: try reader.projection(layer, "attn_kv_a_mqa", [heads.rank + heads.turned, width]),
            latentNorm: try reader.rms(layer, "attn_kv_a_norm", heads.rank),
            absorbedKeys: try matrices.keys.map { try Linear($0, precision: reader.precision) },
            absorbedValues: try matrices.values.map { try Linear($0, precision: reader.precision) },
            output: try reader.projection(layer, "attn_output", [width, count * heads.value]),
            attention: Attention(
                queryHeads: count, keyValueHeads: 1, headDimension: heads.turned + heads.rank, scale: scale,
                precision: reader.precision),
            rotary: 0, turned: heads.turned, plain: heads.plain)
    }

    private static func query(_ reader: DecoderReader, _ layer: Int, heads: Heads) throws -> LatentAttention.Query {
        let (width, outputs) = (reader.sizes.width, reader.sizes.queryHeads * (heads.plain + heads.turned))
        guard let rank = try reader.int("attention.q_lora_rank", in: 1...1 << 16), reader.contains(layer, "attn_q_a")
        else { return .direct(try reader.projection(layer, "attn_q", [outputs, width])) }
        return .compressed(
            down: try reader.projection(layer, "attn_q_a", [rank, width]),
            norm: try reader.rms(layer, "attn_q_a_norm", rank),
            up: try reader.projection(layer, "attn_q_b", [outputs, rank]))
    }

    /// For each head, what queries are multiplied with `[rank, plain]`, and what unfolds values `[value, rank]`.
    private static func absorbed(
        _ reader: DecoderReader, _ layer: Int, heads: Heads
    ) throws -> (keys: [Tensor], values: [Tensor]) {
        let count = reader.sizes.queryHeads
        guard reader.contains(layer, "attn_k_b") || !reader.contains(layer, "attn_kv_b") else {
            return try split(reader, layer, heads: heads)
        }
        let keys = try reader.tensor(layer, "attn_k_b", [count, heads.rank, heads.plain])
        let values = try reader.tensor(layer, "attn_v_b", [count, heads.value, heads.rank])
        return ((0..<count).map(keys.slice), (0..<count).map(values.slice))
    }

    /// From the one matrix of older files: each head's rows for keys, to be turned over, then those for values.
    private static func split(
        _ reader: DecoderReader, _ layer: Int, heads: Heads
    ) throws -> (keys: [Tensor], values: [Tensor]) {
        let (count, rank) = (reader.sizes.queryHeads, heads.rank)
        let size = heads.plain + heads.value
        let both = try reader.tensor(layer, "attn_kv_b", [count * size, rank])
        let table = try EmbeddingTable(both)
        let keys = (0..<count).map { head in
            let storage = AlignedBytes(byteCount: rank * heads.plain * MemoryLayout<Float>.stride)
            let target = storage.memory.bindMemory(to: Float.self)
            var row = [Float](repeating: 0, count: rank)
            for index in 0..<heads.plain {
                table.copyRow(head * size + index, to: &row)
                for latent in 0..<rank { target[latent * heads.plain + index] = row[latent] }
            }
            return Tensor(
                name: both.name, shape: [rank, heads.plain], type: .f32, data: storage.bytes, owner: storage)
        }
        let values = (0..<count).map { both.rows($0 * size + heads.plain..<($0 + 1) * size) }
        return (keys, values)
    }

    private static func mixture(_ reader: DecoderReader, _ layer: Int) throws -> MixtureOfExperts {
        let count = try reader.requiredInt("expert_count", in: 1...4096)
        let width = try reader.requiredInt("expert_feed_forward_length", in: 1...1 << 20)
        let shared = try reader.int("expert_shared_count", in: 0...64) ?? 0
        return try reader.experts(
            layer, count: count, width: width, routing: try routing(reader, layer, experts: count),
            shared: shared > 0 ? try reader.gated(layer, suffix: "_shexp", width: shared * width) : nil)
    }

    private static func routing(
        _ reader: DecoderReader, _ layer: Int, experts: Int
    ) throws(ModelFileError) -> ExpertRouting {
        let gating: ExpertRouting.Gating
        let bias = "blk.\(layer).exp_probs_b.bias"
        // Of files that do not say, those with a bias on the choice are V3's, which came with the sigmoid.
        let usual = reader.file.contains(tensor: bias) ? 2 : 1
        switch try reader.int("expert_gating_func", in: 0...100) ?? usual {
        case 0, 1: gating = .softmax
        case 2: gating = .sigmoid
        case let other: throw .unsupportedFeature(file: reader.file.path, feature: "expert gating of type \(other)")
        }
        let groups = max(1, try reader.int("expert_group_count", in: 0...experts) ?? 1)
        guard experts.isMultiple(of: groups) else {
            throw .invalidMetadata(
                file: reader.file.path, key: "\(reader.prefix).expert_group_count", found: "\(groups)",
                expected: "a divisor of the \(experts) experts")
        }
        return ExpertRouting(
            gating: gating, used: try reader.requiredInt("expert_used_count", in: 1...experts),
            normalises: try reader.flag("expert_weights_norm") ?? false,
            scale: try reader.number("expert_weights_scale", in: 0...1e6).flatMap { $0 == 0 ? nil : $0 } ?? 1,
            bias: reader.file.contains(tensor: bias) ? try reader.file.floats(bias, count: experts) : [],
            groups: groups, usedGroups: try reader.int("expert_group_used_count", in: 1...groups) ?? groups)
    }
}
