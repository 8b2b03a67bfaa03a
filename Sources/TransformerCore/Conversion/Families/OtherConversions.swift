import Tokenizers

/// Phi-3, whose matrices are fused as GGUF has them.
enum Phi3Conversion {
    static func plan(_ configuration: HuggingFaceConfiguration, _ source: SafetensorsFolder) throws -> ConversionPlan {
        var plan = ConversionPlan(architecture: "phi3")
        try plan.setCommon(configuration)
        let heads = try configuration.int("num_attention_heads", in: 1...1024)
        let head = try configuration.int("hidden_size", in: 1...1 << 17) / heads
        let stated = try configuration.number("partial_rotary_factor")
        let share = configuration.rotary().number("partial_rotary_factor") ?? stated ?? 1
        try plan.setRotary(configuration, dimension: Int(share * Float(head)))
        plan.set("attention.sliding_window", try configuration.optionalInt("sliding_window", in: 1...1 << 30) ?? 0)
        plan.mapLlamaTensors()
        plan.map("model.layers.{}.self_attn.qkv_proj.weight", "blk.{}.attn_qkv.weight")
        plan.map("model.layers.{}.mlp.gate_up_proj.weight", "blk.{}.ffn_up.weight")
        return plan
    }
}

/// Gemma 2 and 3.
enum GemmaConversion {
    static func plan(_ configuration: HuggingFaceConfiguration, _ source: SafetensorsFolder) throws -> ConversionPlan {
        let isThird = try configuration.modelType() != "gemma2"
        var plan = ConversionPlan(architecture: isThird ? "gemma3" : "gemma2")
        try plan.setCommon(configuration)
        let head = try configuration.int("head_dim", in: 2...1024)
        try plan.setRotary(configuration, dimension: head)
        plan.set("attention.sliding_window", try configuration.int("sliding_window", in: 1...1 << 30))
        plan.set("attn_logit_softcapping", try configuration.number("attn_logit_softcapping"))
        plan.set("final_logit_softcapping", try configuration.number("final_logit_softcapping"))
        if let scalar = try configuration.number("query_pre_attn_scalar"), scalar > 0 {
            plan.set("attention.scale", 1 / scalar.squareRoot())
        }
        if isThird {
            let local = configuration.rotary(layers: "sliding_attention").theta
            plan.set("rope.freq_base_swa", Float(configuration.value("rope_local_base_freq")?.double ?? local ?? 10_000))
        }
        if let types = configuration.value("layer_types")?.array {
            plan.set("attention.sliding_window_pattern", .bools(types.map { $0.string == "sliding_attention" }))
        }
        map(&plan)
        return plan
    }

    private static func map(_ plan: inout ConversionPlan) {
        plan.map("model.embed_tokens.weight", "token_embd.weight")
        plan.map("lm_head.weight", "")
        plan.map("model.norm.weight", "output_norm.weight") { $0.plusOne() }
        for (source, target) in [
            ("input_layernorm", "attn_norm"), ("post_attention_layernorm", "post_attention_norm"),
            ("pre_feedforward_layernorm", "ffn_norm"), ("post_feedforward_layernorm", "post_ffw_norm"),
            ("self_attn.q_norm", "attn_q_norm"), ("self_attn.k_norm", "attn_k_norm"),
        ] {
            plan.map("model.layers.{}.\(source).weight", "blk.{}.\(target).weight") { $0.plusOne() }
        }
        for (source, target) in [
            ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"), ("self_attn.v_proj", "attn_v"),
            ("self_attn.o_proj", "attn_output"), ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"),
            ("mlp.down_proj", "ffn_down"),
        ] {
            plan.map("model.layers.{}.\(source).weight", "blk.{}.\(target).weight")
        }
    }
}

/// GPT-2, whose matrices are stored turned over.
enum GPT2Conversion {
    static func plan(_ configuration: HuggingFaceConfiguration, _ source: SafetensorsFolder) throws -> ConversionPlan {
        var plan = ConversionPlan(architecture: "gpt2")
        try plan.setCommon(configuration)
        let width = try configuration.int("n_embd", in: 1...1 << 17)
        if try configuration.optionalInt("n_inner", in: 1...1 << 20) == nil { plan.set("feed_forward_length", 4 * width) }
        plan.prefixes = ["transformer."]
        plan.ignored += [".attn.bias"]
        plan.map("wte.weight", "token_embd.weight")
        plan.map("wpe.weight", "position_embd.weight")
        plan.map("lm_head.weight", "output.weight")
        for kind in ["weight", "bias"] {
            plan.map("ln_f.\(kind)", "output_norm.\(kind)")
            plan.map("h.{}.ln_1.\(kind)", "blk.{}.attn_norm.\(kind)")
            plan.map("h.{}.ln_2.\(kind)", "blk.{}.ffn_norm.\(kind)")
            for (source, target) in [
                ("attn.c_attn", "attn_qkv"), ("attn.c_proj", "attn_output"), ("mlp.c_fc", "ffn_up"),
                ("mlp.c_proj", "ffn_down"),
            ] {
                plan.map("h.{}.\(source).\(kind)", "blk.{}.\(target).\(kind)") { tensor in
                    tensor.shape.count == 2 ? tensor.transposed() : tensor
                }
            }
        }
        return plan
    }
}

/// Falcon, whose query, key and value rows come group by group.
enum FalconConversion {
    static func plan(_ configuration: HuggingFaceConfiguration, _ source: SafetensorsFolder) throws -> ConversionPlan {
        if configuration.flag("alibi") == true || configuration.flag("parallel_attn") == false {
            throw ModelFileError.unsupportedFeature(
                file: configuration.path, feature: "Falcon with ALiBi or with one part after the other")
        }
        var plan = ConversionPlan(architecture: "falcon")
        let heads = try configuration.int("num_attention_heads", "n_head", in: 1...1024)
        let width = try configuration.int("hidden_size", "n_embed", in: 1...1 << 17)
        let keyHeads: Int
        if configuration.flag("new_decoder_architecture") == true {
            keyHeads = try configuration.int("num_kv_heads", "n_head_kv", in: 1...heads)
        } else {
            keyHeads = configuration.flag("multi_query") == false ? heads : 1
        }
        guard width.isMultiple(of: heads), heads.isMultiple(of: keyHeads) else {
            throw ModelFileError.invalidMetadata(
                file: configuration.path, key: "num_attention_heads", found: "\(heads)",
                expected: "a divisor of \(width) and a multiple of \(keyHeads)")
        }
        plan.set("block_count", try configuration.int("num_hidden_layers", "n_layer", in: 1...1024))
        plan.set("context_length", try configuration.optionalInt("max_position_embeddings", in: 1...1 << 24) ?? 2048)
        plan.set("embedding_length", width)
        plan.set(
            "feed_forward_length", try configuration.optionalInt("ffn_hidden_size", in: 1...1 << 20) ?? 4 * width)
        plan.set("attention.head_count", heads)
        plan.set("attention.head_count_kv", keyHeads)
        plan.set("attention.layer_norm_epsilon", try configuration.number("layer_norm_epsilon") ?? 1e-5)
        plan.set("rope.freq_base", Float(configuration.rotary().theta ?? 10_000))
        plan.set("vocab_size", try configuration.int("vocab_size", in: 1...1 << 24))
        map(&plan, order: rows(heads: heads, keyHeads: keyHeads, size: width / heads))
        return plan
    }

    /// All queries, then all keys, then all values, of rows in which each head of keys follows its queries.
    private static func rows(heads: Int, keyHeads: Int, size: Int) -> [Int] {
        let group = heads / keyHeads
        func head(_ index: Int, of part: Int) -> Range<Int> {
            let start = (part * (group + 2) + index) * size
            return start..<start + size
        }
        let queries = (0..<keyHeads).flatMap { part in (0..<group).flatMap { head($0, of: part) } }
        return queries + (0..<keyHeads).flatMap { head(group, of: $0) } + (0..<keyHeads).flatMap { head(group + 1, of: $0) }
    }

    private static func map(_ plan: inout ConversionPlan, order: [Int]) {
        plan.prefixes = ["transformer."]
        plan.map("word_embeddings.weight", "token_embd.weight")
        plan.map("lm_head.weight", "output.weight")
        for kind in ["weight", "bias"] {
            plan.map("ln_f.\(kind)", "output_norm.\(kind)")
            plan.map("h.{}.input_layernorm.\(kind)", "blk.{}.attn_norm.\(kind)")
            plan.map("h.{}.ln_mlp.\(kind)", "blk.{}.attn_norm.\(kind)")
            plan.map("h.{}.ln_attn.\(kind)", "blk.{}.attn_norm_2.\(kind)")
        }
        plan.map("h.{}.self_attention.query_key_value.weight", "blk.{}.attn_qkv.weight") { $0.reordered(order) }
        for (source, target) in [
            ("self_attention.dense", "attn_output"), ("mlp.dense_h_to_4h", "ffn_up"), ("mlp.dense_4h_to_h", "ffn_down"),
        ] {
            plan.map("h.{}.\(source).weight", "blk.{}.\(target).weight")
        }
    }
}

/// DeepSeek-V2 and V3.
enum DeepSeekConversion {
    static func plan(_ configuration: HuggingFaceConfiguration, _ source: SafetensorsFolder) throws -> ConversionPlan {
        var plan = ConversionPlan(architecture: "deepseek2")
        try plan.setCommon(configuration)
        plan.metadata.removeAll { $0.key.hasSuffix("attention.key_length") || $0.key.hasSuffix("attention.value_length") }
        let heads = try configuration.int("num_attention_heads", in: 1...1024)
        let turned = try configuration.int("qk_rope_head_dim", in: 2...1024)
        let plain = try configuration.int("qk_nope_head_dim", in: 1...1024)
        let value = try configuration.int("v_head_dim", in: 1...1024)
        let rank = try configuration.int("kv_lora_rank", in: 1...1 << 16)
        try plan.setRotary(configuration, dimension: turned)
        // Compressed attention is over one head of keys.
        plan.metadata.removeAll { $0.key.hasSuffix("attention.head_count_kv") }
        plan.set("attention.head_count_kv", 1)
        plan.set("attention.kv_lora_rank", rank)
        if let rank = try configuration.optionalInt("q_lora_rank", in: 1...1 << 16) {
            plan.set("attention.q_lora_rank", rank)
        }
        plan.set("attention.key_length", rank + turned)
        plan.set("attention.value_length", rank)
        plan.set("attention.key_length_mla", plain + turned)
        plan.set("attention.value_length_mla", value)
        if let weight = configuration.rotary().number("mscale_all_dim") {
            plan.set("rope.scaling.yarn_log_multiplier", 0.1 * weight)
        }
        try setExperts(configuration, &plan)
        map(&plan, heads: heads, plain: plain, value: value)
        return plan
    }

    private static func setExperts(_ configuration: HuggingFaceConfiguration, _ plan: inout ConversionPlan) throws {
        let experts = try configuration.int("n_routed_experts", in: 1...4096)
        let isThird = try configuration.modelType() == "deepseek_v3"
        plan.experts = experts
        plan.set("leading_dense_block_count", try configuration.optionalInt("first_k_dense_replace", in: 0...1024) ?? 0)
        plan.set("expert_count", experts)
        plan.set("expert_used_count", try configuration.int("num_experts_per_tok", in: 1...experts))
        plan.set("expert_feed_forward_length", try configuration.int("moe_intermediate_size", in: 1...1 << 20))
        plan.set("expert_shared_count", try configuration.optionalInt("n_shared_experts", in: 0...64) ?? 0)
        plan.set("expert_weights_scale", try configuration.number("routed_scaling_factor") ?? 1)
        // V2's own implementation never scales the chosen to a sum of 1.
        plan.set("expert_weights_norm", .bool(isThird && configuration.flag("norm_topk_prob") ?? true))
        plan.set("expert_gating_func", isThird ? 2 : 1)
        let chooses = isThird || configuration.string("topk_method") == "group_limited_greedy"
        if chooses, let groups = try configuration.optionalInt("n_group", in: 1...experts) {
            plan.set("expert_group_count", groups)
            plan.set("expert_group_used_count", try configuration.int("topk_group", in: 1...groups))
        }
    }

    private static func map(_ plan: inout ConversionPlan, heads: Int, plain: Int, value: Int) {
        plan.mapLlamaTensors()
        let layer = "model.layers.{}"
        for (source, target) in [
            ("q_proj", "attn_q"), ("q_a_proj", "attn_q_a"), ("q_a_layernorm", "attn_q_a_norm"),
            ("q_b_proj", "attn_q_b"), ("kv_a_proj_with_mqa", "attn_kv_a_mqa"), ("kv_a_layernorm", "attn_kv_a_norm"),
        ] {
            plan.map("\(layer).self_attn.\(source).weight", "blk.{}.\(target).weight")
        }
        let size = plain + value
        // Keys are absorbed into queries, which takes their matrix turned over.
        plan.map("\(layer).self_attn.kv_b_proj.weight", "blk.{}.attn_k_b.weight") { tensor in
            Tensor.stacked((0..<heads).map { tensor.rows($0 * size..<$0 * size + plain).transposed() })
        }
        plan.map("\(layer).self_attn.kv_b_proj.weight", "blk.{}.attn_v_b.weight") { tensor in
            let rows = (0..<heads).flatMap { Array($0 * size + plain..<($0 + 1) * size) }
            return tensor.reordered(rows).reshaped([heads, value, tensor.shape[1]])
        }
        plan.map("\(layer).mlp.gate.weight", "blk.{}.ffn_gate_inp.weight")
        plan.map("\(layer).mlp.gate.e_score_correction_bias", "blk.{}.exp_probs_b.bias")
        for name in ["gate", "up", "down"] {
            plan.map("\(layer).mlp.experts.{}.\(name)_proj.weight", "blk.{}.ffn_\(name)_exps.weight")
            plan.map("\(layer).mlp.shared_experts.\(name)_proj.weight", "blk.{}.ffn_\(name)_shexp.weight")
        }
    }
}
