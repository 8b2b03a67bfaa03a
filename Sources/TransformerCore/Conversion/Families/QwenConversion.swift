import Tokenizers

/// Qwen 2, 2.5 and 3, dense and with experts, also where they were saved without their output as embedding models.
enum QwenConversion {
    private static let architectures = ["qwen2": "qwen2", "qwen3": "qwen3", "qwen3_moe": "qwen3moe"]

    static func plan(_ configuration: HuggingFaceConfiguration, _ source: SafetensorsFolder) throws -> ConversionPlan {
        let type = try configuration.modelType()
        var plan = ConversionPlan(architecture: architectures[type] ?? type)
        try plan.setCommon(configuration)
        let heads = try configuration.int("num_attention_heads", in: 1...1024)
        let width = try configuration.int("hidden_size", in: 1...1 << 17)
        try plan.setRotary(
            configuration, dimension: try configuration.optionalInt("head_dim", in: 2...1024) ?? width / heads)
        try setWindow(configuration, &plan)
        plan.mapLlamaTensors()
        for name in ["q", "k", "v"] {
            for kind in ["weight", "bias"] {
                plan.map("model.layers.{}.self_attn.\(name)_proj.\(kind)", "blk.{}.attn_\(name).\(kind)")
            }
            plan.map("model.layers.{}.self_attn.\(name)_norm.weight", "blk.{}.attn_\(name)_norm.weight")
        }
        if type == "qwen3_moe" { try mapExperts(configuration, &plan) }
        if !source.contains(tensor: "model.embed_tokens.weight") {
            // Saved without its output: names lack their first part.
            plan.rules = plan.rules.map { rule in
                let name = rule.source.hasPrefix("model.") ? String(rule.source.dropFirst(6)) : rule.source
                return ConversionPlan.Rule(source: name, target: rule.target, transform: rule.transform)
            }
        }
        if let pooling = try PublishedPooling(folder: source.path)?.ggufNumber { plan.set("pooling_type", pooling) }
        return plan
    }

    private static func setWindow(_ configuration: HuggingFaceConfiguration, _ plan: inout ConversionPlan) throws {
        guard configuration.flag("use_sliding_window") == true,
            let window = try configuration.optionalInt("sliding_window", in: 1...1 << 30)
        else { return }
        plan.set("attention.sliding_window", window)
        if let types = configuration.value("layer_types")?.array {
            plan.set("attention.sliding_window_pattern", .bools(types.map { $0.string == "sliding_attention" }))
        }
    }

    private static func mapExperts(_ configuration: HuggingFaceConfiguration, _ plan: inout ConversionPlan) throws {
        let step = try configuration.optionalInt("decoder_sparse_step", in: 1...1024) ?? 1
        if step != 1 || configuration.value("mlp_only_layers")?.array?.isEmpty == false {
            throw ModelFileError.unsupportedFeature(
                file: configuration.path, feature: "layers without experts among those with")
        }
        let experts = try configuration.int("num_experts", "num_local_experts", in: 1...4096)
        plan.experts = experts
        plan.set("expert_count", experts)
        plan.set("expert_used_count", try configuration.int("num_experts_per_tok", in: 1...experts))
        plan.set("expert_feed_forward_length", try configuration.int("moe_intermediate_size", in: 1...1 << 20))
        plan.set("expert_weights_norm", .bool(configuration.flag("norm_topk_prob") ?? false))
        plan.map("model.layers.{}.mlp.gate.weight", "blk.{}.ffn_gate_inp.weight")
        for name in ["gate", "up", "down"] {
            plan.map("model.layers.{}.mlp.experts.{}.\(name)_proj.weight", "blk.{}.ffn_\(name)_exps.weight")
        }
    }
}
