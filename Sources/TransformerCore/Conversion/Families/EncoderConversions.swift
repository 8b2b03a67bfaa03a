/// BERT, RoBERTa and XLM-R, which share a form: embedding models and models that rank.
enum BERTConversion {
    static func plan(_ configuration: HuggingFaceConfiguration, _ source: SafetensorsFolder) throws -> ConversionPlan {
        var plan = ConversionPlan(architecture: "bert")
        let isRoBERTa = try configuration.modelType() != "bert"
        // RoBERTa's positions begin after the padding's id; the rows before are never read.
        let offset = isRoBERTa ? (try configuration.optionalInt("pad_token_id", in: 0...1 << 20) ?? 1) + 1 : 0
        let positions = try configuration.int("max_position_embeddings", in: offset + 1...1 << 24)
        plan.set("block_count", try configuration.int("num_hidden_layers", in: 1...1024))
        plan.set("context_length", positions - offset)
        plan.set("embedding_length", try configuration.int("hidden_size", in: 1...1 << 17))
        plan.set("feed_forward_length", try configuration.int("intermediate_size", in: 1...1 << 20))
        plan.set("attention.head_count", try configuration.int("num_attention_heads", in: 1...1024))
        plan.set("attention.layer_norm_epsilon", try configuration.number("layer_norm_eps") ?? 1e-12)
        plan.set("attention.causal", .bool(false))
        plan.set("vocab_size", try configuration.int("vocab_size", in: 1...1 << 24))
        try plan.setTokenTypes(configuration)
        if let activation = configuration.string("hidden_act"), activation != "gelu" {
            throw ModelFileError.unsupportedFeature(
                file: configuration.path, feature: "activation \(activation.debugDescription)")
        }
        let ranks = configuration.classes.contains { $0.hasSuffix("ForSequenceClassification") }
        let published = try PublishedPooling(folder: source.path)?.pooling ?? .mean
        plan.set("pooling_type", (ranks ? .ranking : published).ggufNumber)
        plan.prefixes = ["bert.", "roberta."]
        plan.ignored += ["lm_head", "cls."]
        map(&plan, offset: offset, ranks: ranks, isRoBERTa: isRoBERTa)
        return plan
    }

    private static func map(_ plan: inout ConversionPlan, offset: Int, ranks: Bool, isRoBERTa: Bool) {
        plan.map("embeddings.word_embeddings.weight", "token_embd.weight")
        plan.map("embeddings.token_type_embeddings.weight", "token_types.weight")
        plan.map("embeddings.position_embeddings.weight", "position_embd.weight") { tensor in
            offset < tensor.shape[0] ? tensor.rows(offset..<tensor.shape[0]) : tensor
        }
        let layer = "encoder.layer.{}"
        for kind in ["weight", "bias"] {
            plan.map("embeddings.LayerNorm.\(kind)", "token_embd_norm.\(kind)")
            for (source, target) in [
                ("attention.self.query", "attn_q"), ("attention.self.key", "attn_k"),
                ("attention.self.value", "attn_v"), ("attention.output.dense", "attn_output"),
                ("attention.output.LayerNorm", "attn_output_norm"), ("intermediate.dense", "ffn_up"),
                ("output.dense", "ffn_down"), ("output.LayerNorm", "layer_output_norm"),
            ] {
                plan.map("\(layer).\(source).\(kind)", "blk.{}.\(target).\(kind)")
            }
            plan.map("pooler.dense.\(kind)", ranks && !isRoBERTa ? "cls.\(kind)" : "")
            plan.map("classifier.dense.\(kind)", "cls.\(kind)")
            plan.map("classifier.out_proj.\(kind)", "cls.output.\(kind)")
            plan.map("classifier.\(kind)", "cls.output.\(kind)")
        }
    }
}

extension ConversionPlan {
    /// How many kinds of tokens there are. It is read from the table of their embeddings here; llama.cpp asks for the number.
    fileprivate mutating func setTokenTypes(_ configuration: HuggingFaceConfiguration) throws {
        let types = try configuration.optionalInt("type_vocab_size", in: 0...1 << 16) ?? 2
        metadata.append(("tokenizer.ggml.token_type_count", .uint32(UInt32(types))))
    }
}

/// nomic-bert: BERT with rotary embedding and gated feed-forward.
enum NomicConversion {
    static func plan(_ configuration: HuggingFaceConfiguration, _ source: SafetensorsFolder) throws -> ConversionPlan {
        if let every = try configuration.optionalInt("moe_every_n_layers", in: 0...1024), every > 0 {
            throw ModelFileError.unsupportedFeature(file: configuration.path, feature: "nomic-bert with experts")
        }
        var plan = ConversionPlan(architecture: "nomic-bert")
        let heads = try configuration.int("num_attention_heads", "n_head", in: 1...1024)
        let width = try configuration.int("hidden_size", "n_embd", in: 1...1 << 17)
        plan.set("block_count", try configuration.int("num_hidden_layers", "n_layer", in: 1...1024))
        plan.set("context_length", try configuration.int("max_position_embeddings", "n_positions", in: 1...1 << 24))
        plan.set("embedding_length", width)
        plan.set("feed_forward_length", try configuration.int("intermediate_size", "n_inner", in: 1...1 << 20))
        plan.set("attention.head_count", heads)
        plan.set("attention.layer_norm_epsilon", try configuration.number("layer_norm_eps", "layer_norm_epsilon") ?? 1e-12)
        plan.set("attention.causal", .bool(false))
        try plan.setTokenTypes(configuration)
        let base = configuration.rotary().theta ?? configuration.value("rotary_emb_base")?.double ?? 1000
        plan.set("rope.freq_base", Float(base))
        plan.set("pooling_type", (try PublishedPooling(folder: source.path)?.pooling ?? .mean).ggufNumber)
        plan.map("embeddings.word_embeddings.weight", "token_embd.weight")
        plan.map("embeddings.token_type_embeddings.weight", "token_types.weight")
        for kind in ["weight", "bias"] {
            plan.map("emb_ln.\(kind)", "token_embd_norm.\(kind)")
            plan.map("encoder.layers.{}.norm1.\(kind)", "blk.{}.attn_output_norm.\(kind)")
            plan.map("encoder.layers.{}.norm2.\(kind)", "blk.{}.layer_output_norm.\(kind)")
        }
        for (source, target) in [
            ("attn.Wqkv", "attn_qkv"), ("attn.out_proj", "attn_output"), ("mlp.fc11", "ffn_up"),
            ("mlp.fc12", "ffn_gate"), ("mlp.fc2", "ffn_down"),
        ] {
            plan.map("encoder.layers.{}.\(source).weight", "blk.{}.\(target).weight")
        }
        return plan
    }
}

/// ModernBERT.
enum ModernBERTConversion {
    static func plan(_ configuration: HuggingFaceConfiguration, _ source: SafetensorsFolder) throws -> ConversionPlan {
        var plan = ConversionPlan(architecture: "modern-bert")
        for key in ["attention_bias", "mlp_bias", "norm_bias"] where configuration.flag(key) == true {
            throw ModelFileError.unsupportedFeature(file: configuration.path, feature: "ModernBERT with \(key)")
        }
        plan.set("block_count", try configuration.int("num_hidden_layers", in: 1...1024))
        plan.set("context_length", try configuration.int("max_position_embeddings", in: 1...1 << 24))
        plan.set("embedding_length", try configuration.int("hidden_size", in: 1...1 << 17))
        plan.set("feed_forward_length", try configuration.int("intermediate_size", in: 1...1 << 20))
        plan.set("attention.head_count", try configuration.int("num_attention_heads", in: 1...1024))
        plan.set("attention.layer_norm_epsilon", try configuration.number("norm_eps") ?? 1e-5)
        plan.set("attention.causal", .bool(false))
        plan.set("attention.sliding_window", try configuration.int("local_attention", in: 2...1 << 24))
        plan.set(
            "attention.sliding_window_pattern",
            try configuration.optionalInt("global_attn_every_n_layers", in: 1...1024) ?? 3)
        let global = configuration.rotary().theta ?? configuration.value("global_rope_theta")?.double ?? 160_000
        let local = configuration.rotary(layers: "sliding_attention").theta
            ?? configuration.value("local_rope_theta")?.double ?? 10_000
        plan.set("rope.freq_base", Float(global))
        plan.set("rope.freq_base_swa", Float(local))
        plan.set("pooling_type", (try PublishedPooling(folder: source.path)?.pooling ?? .mean).ggufNumber)
        plan.prefixes = ["model."]
        plan.map("embeddings.tok_embeddings.weight", "token_embd.weight")
        plan.map("embeddings.norm.weight", "token_embd_norm.weight")
        plan.map("final_norm.weight", "output_norm.weight")
        for (source, target) in [
            ("attn.Wqkv", "attn_qkv"), ("attn.Wo", "attn_output"), ("mlp.Wi", "ffn_up"), ("mlp.Wo", "ffn_down"),
            ("attn_norm", "attn_norm"), ("mlp_norm", "ffn_norm"),
        ] {
            plan.map("layers.{}.\(source).weight", "blk.{}.\(target).weight")
        }
        return plan
    }
}
