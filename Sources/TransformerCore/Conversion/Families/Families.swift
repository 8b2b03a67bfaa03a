/// The families that can be converted, by the `model_type` of their configurations.
enum Families {
    typealias Planner = @Sendable (HuggingFaceConfiguration, SafetensorsFolder) throws -> ConversionPlan

    static let all: [String: Planner] = [
        "llama": LlamaConversion.plan, "mistral": LlamaConversion.plan, "mixtral": LlamaConversion.plan,
        "qwen2": QwenConversion.plan, "qwen3": QwenConversion.plan, "qwen3_moe": QwenConversion.plan,
        "phi3": Phi3Conversion.plan, "gemma2": GemmaConversion.plan, "gemma3_text": GemmaConversion.plan,
        "gpt2": GPT2Conversion.plan, "falcon": FalconConversion.plan, "deepseek_v2": DeepSeekConversion.plan,
        "deepseek_v3": DeepSeekConversion.plan, "bert": BERTConversion.plan, "roberta": BERTConversion.plan,
        "xlm-roberta": BERTConversion.plan, "nomic_bert": NomicConversion.plan, "modernbert": ModernBERTConversion.plan,
    ]
}

extension ConversionPlan {
    /// Sizes and constants that nearly all configurations name alike.
    mutating func setCommon(_ configuration: HuggingFaceConfiguration) throws {
        set("block_count", try configuration.int("num_hidden_layers", "n_layer", in: 1...1024))
        set("context_length", try configuration.int("max_position_embeddings", "n_positions", "n_ctx", in: 1...1 << 24))
        set("embedding_length", try configuration.int("hidden_size", "n_embd", in: 1...1 << 17))
        let heads = try configuration.int("num_attention_heads", "n_head", in: 1...1024)
        set("attention.head_count", heads)
        set("attention.head_count_kv", try configuration.optionalInt("num_key_value_heads", in: 1...1024) ?? heads)
        set("vocab_size", try configuration.int("vocab_size", in: 1...1 << 24))
        if let width = try configuration.optionalInt("intermediate_size", "n_inner", in: 1...1 << 20) {
            set("feed_forward_length", width)
        }
        set("attention.layer_norm_rms_epsilon", try configuration.number("rms_norm_eps"))
        set("attention.layer_norm_epsilon", try configuration.number("layer_norm_epsilon", "layer_norm_eps"))
        if let head = try configuration.optionalInt("head_dim", in: 2...1024) {
            set("attention.key_length", head)
            set("attention.value_length", head)
        }
    }

    /// Rotary embedding and its scaling.
    ///
    /// - Parameter dimension: elements of a head that are turned.
    mutating func setRotary(
        _ configuration: HuggingFaceConfiguration, dimension: Int, layers: String? = nil
    ) throws {
        let rotary = configuration.rotary(layers: layers)
        set("rope.dimension_count", dimension)
        set("rope.freq_base", Float(rotary.theta ?? 10_000))
        let factor = rotary.number("factor")
        switch rotary.type {
        case "default": break
        case "linear":
            set("rope.scaling.type", .string("linear"))
            set("rope.scaling.factor", factor)
        case "yarn":
            set("rope.scaling.type", .string("yarn"))
            set("rope.scaling.factor", factor)
            set("rope.scaling.original_context_length", Int(rotary.number("original_max_position_embeddings") ?? 4096))
            set("rope.scaling.yarn_beta_fast", rotary.number("beta_fast"))
            set("rope.scaling.yarn_beta_slow", rotary.number("beta_slow"))
        case "llama3": extra.append(try Self.llama3Factors(configuration, rotary, pairs: dimension / 2))
        case "longrope", "su": try setLongRoPE(configuration, rotary, pairs: dimension / 2)
        default:
            throw ModelFileError.unsupportedFeature(
                file: configuration.path, feature: "rotary scaling of type \(rotary.type.debugDescription)")
        }
    }

    /// Llama 3.1 divides slow frequencies by a factor and leaves fast ones; between the two it goes smoothly.
    private static func llama3Factors(
        _ configuration: HuggingFaceConfiguration, _ rotary: HuggingFaceConfiguration.RotaryParameters, pairs: Int
    ) throws -> Tensor {
        guard let factor = rotary.number("factor"), let low = rotary.number("low_freq_factor"),
            let high = rotary.number("high_freq_factor"), high > low,
            let context = rotary.number("original_max_position_embeddings")
        else {
            throw ModelFileError.missingMetadata(
                file: configuration.path, key: "rope_scaling",
                expected: "factor, low_freq_factor, high_freq_factor and original_max_position_embeddings")
        }
        let embedding = RotaryEmbedding(
            headDimension: 2 * pairs, base: Float(rotary.theta ?? 10_000), layout: .halfSplit)
        let factors = embedding.frequencies.map { frequency -> Float in
            let turns = context * frequency / (2 * .pi)
            if turns > high { return 1 }
            if turns < low { return factor }
            let share = (turns - low) / (high - low)
            return 1 / ((1 - share) / factor + share)
        }
        return Tensor(name: "rope_freqs.weight", shape: [pairs], floats: factors)
    }

    private mutating func setLongRoPE(
        _ configuration: HuggingFaceConfiguration, _ rotary: HuggingFaceConfiguration.RotaryParameters, pairs: Int
    ) throws {
        let context = try configuration.int("max_position_embeddings", in: 1...1 << 24)
        let stated = try configuration.optionalInt("original_max_position_embeddings", in: 1...1 << 24)
        let original = rotary.number("original_max_position_embeddings").map { Int($0) } ?? stated ?? context
        for kind in ["long", "short"] {
            guard let factors = rotary.numbers("\(kind)_factor"), factors.count == pairs, factors.allSatisfy({ $0 > 0 })
            else {
                throw ModelFileError.missingMetadata(
                    file: configuration.path, key: "\(kind)_factor", expected: "\(pairs) factors above 0")
            }
            extra.append(Tensor(name: "rope_factors_\(kind).weight", shape: [pairs], floats: factors))
        }
        let stretch = Float(context) / Float(original)
        let usual = stretch <= 1 ? 1 : (1 + naturalLogarithm(stretch) / naturalLogarithm(Float(original))).squareRoot()
        set("rope.scaling.type", .string("longrope"))
        set("rope.scaling.original_context_length", original)
        set("rope.scaling.attn_factor", rotary.number("attention_factor") ?? usual)
    }

    /// The tensors that Llama and those after it name alike.
    mutating func mapLlamaTensors() {
        map("model.embed_tokens.weight", "token_embd.weight")
        map("model.norm.weight", "output_norm.weight")
        map("lm_head.weight", "output.weight")
        for (source, target) in [
            ("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm"),
            ("self_attn.o_proj", "attn_output"), ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"),
            ("mlp.down_proj", "ffn_down"),
        ] {
            map("model.layers.{}.\(source).weight", "blk.{}.\(target).weight")
        }
        map("model.layers.{}.self_attn.o_proj.bias", "blk.{}.attn_output.bias")
    }
}
