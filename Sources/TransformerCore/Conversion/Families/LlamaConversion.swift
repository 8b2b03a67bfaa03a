#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

func naturalLogarithm(_ value: Float) -> Float { logf(value) }

/// Llama, Mistral and Mixtral.
enum LlamaConversion {
    static func plan(_ configuration: HuggingFaceConfiguration, _ source: SafetensorsFolder) throws -> ConversionPlan {
        var plan = ConversionPlan(architecture: "llama")
        try plan.setCommon(configuration)
        let heads = try configuration.int("num_attention_heads", in: 1...1024)
        let keyHeads = try configuration.optionalInt("num_key_value_heads", in: 1...1024) ?? heads
        let width = try configuration.int("hidden_size", in: 1...1 << 17)
        try plan.setRotary(
            configuration, dimension: try configuration.optionalInt("head_dim", in: 2...1024) ?? width / heads)
        if let window = try configuration.optionalInt("sliding_window", in: 1...1 << 30) {
            plan.set("attention.sliding_window", window)
        }
        plan.mapLlamaTensors()
        for kind in ["weight", "bias"] {
            plan.map("model.layers.{}.self_attn.q_proj.\(kind)", "blk.{}.attn_q.\(kind)") {
                $0.withNeighboursTurned(heads: heads)
            }
            plan.map("model.layers.{}.self_attn.k_proj.\(kind)", "blk.{}.attn_k.\(kind)") {
                $0.withNeighboursTurned(heads: keyHeads)
            }
            plan.map("model.layers.{}.self_attn.v_proj.\(kind)", "blk.{}.attn_v.\(kind)")
        }
        if let experts = try configuration.optionalInt("num_local_experts", in: 1...4096) {
            plan.experts = experts
            plan.set("expert_count", experts)
            plan.set("expert_used_count", try configuration.int("num_experts_per_tok", in: 1...experts))
            let part = "model.layers.{}.block_sparse_moe"
            plan.map("\(part).gate.weight", "blk.{}.ffn_gate_inp.weight")
            for (source, target) in [("w1", "gate"), ("w2", "down"), ("w3", "up")] {
                plan.map("\(part).experts.{}.\(source).weight", "blk.{}.ffn_\(target)_exps.weight")
            }
        }
        return plan
    }
}
