/// Files of low-rank adapters: GGUF as llama.cpp writes it, and the folders of PEFT.
extension RuntimeAdapter {
    /// Larger ranks are no longer low, and no adapter has them.
    private static let maximumRank = 4096

    /// Loads an adapter for a model: a GGUF file, or a folder with `adapter_config.json` and
    /// `adapter_model.safetensors`. Throws `ModelFileError` when it is damaged or made for another model.
    package static func load(path: String, base: GGUFFile) throws -> RuntimeAdapter {
        path.lowercased().hasSuffix(".gguf") ? try gguf(GGUFFile(path: path), base: base) : try peft(folder: path, base: base)
    }

    /// `adapter.lora.alpha`, and for each weight its name with `.lora_a` `[rank, inputs]` and `.lora_b` `[outputs, rank]`.
    private static func gguf(_ file: GGUFFile, base: GGUFFile) throws -> RuntimeAdapter {
        guard file.metadata["general.type"]?.string == "adapter", file.metadata["adapter.type"]?.string == "lora" else {
            throw ModelFileError.wrongFormat(file: file.path, expected: "low-rank adapter", found: "another kind of GGUF file")
        }
        let architecture = try file.architecture()
        guard architecture == (try base.architecture()) else {
            throw ModelFileError.unsupportedArchitecture(file: file.path, name: architecture, supported: [try base.architecture()])
        }
        let alpha = try file.optionalNumber("adapter.lora.alpha", in: 0...1e6)
        var pairs: [String: Pair] = [:]
        for name in file.tensorNames.sorted() {
            guard name.hasSuffix(".lora_a") || name.hasSuffix(".lora_b") else {
                throw ModelFileError.unexpectedTensor(file: file.path, tensor: name)
            }
            let weight = String(name.dropLast(7))
            guard pairs[weight] == nil else { continue }
            pairs[weight] = try pair(
                a: file.checked(weight + ".lora_a"), b: file.checked(weight + ".lora_b"), weight: weight,
                base: base, path: file.path) { rank in alpha.map { Float($0) / Float(rank) } ?? 1 }
        }
        return RuntimeAdapter(path: file.path, pairs: pairs)
    }

    /// As PEFT saves it: `lora_alpha` and `r` in the configuration, names of the published model.
    private static func peft(folder: String, base: GGUFFile) throws -> RuntimeAdapter {
        let configPath = folder + "/adapter_config.json"
        let config = try JSONFile.read(PEFTConfiguration.self, path: configPath)
        guard config.peft_type == "LORA", config.use_dora != true else {
            throw ModelFileError.unsupportedFeature(file: configPath, feature: "an adapter of type \(config.peft_type)")
        }
        let file = try SafetensorsFile(path: folder + "/adapter_model.safetensors")
        let rules = try AdapterNames.rules(base)
        var pairs: [String: Pair] = [:]
        for name in file.tensorNames.sorted() {
            guard let suffix = [".lora_A.weight", ".lora_B.weight"].first(where: name.hasSuffix) else {
                throw ModelFileError.unexpectedTensor(file: file.path, tensor: name)
            }
            let stem = String(name.dropLast(suffix.count))
            let source = stem.replacing("base_model.model.", with: "", maxReplacements: 1) + ".weight"
            guard let (weight, transform) = AdapterNames.weight(source, rules) else {
                throw ModelFileError.unexpectedTensor(file: file.path, tensor: name)
            }
            guard pairs[weight] == nil else { continue }
            // Rows of B are rows of the weight, and are put in order as they are.
            pairs[weight] = try pair(
                a: file.checked(stem + ".lora_A.weight"), b: transform(file.checked(stem + ".lora_B.weight")),
                weight: weight, base: base, path: file.path
            ) { rank in
                let size = Float(rank)
                return (config.lora_alpha ?? size) / (config.use_rslora == true ? size.squareRoot() : size)
            }
        }
        return RuntimeAdapter(path: file.path, pairs: pairs)
    }

    private static func pair(
        a: Tensor, b: Tensor, weight: String, base: GGUFFile, path: String, scale: (_ rank: Int) -> Float
    ) throws -> Pair {
        guard let shape = base.tensors[weight]?.shape, shape.count == 2 else {
            throw ModelFileError.unexpectedTensor(file: path, tensor: weight)
        }
        guard a.shape.count == 2, (1...maximumRank).contains(a.shape[0]), a.shape[1] == shape[1] else {
            throw ModelFileError.wrongShape(file: path, tensor: a.name, found: a.shape, expected: [1, shape[1]])
        }
        guard b.shape == [shape[0], a.shape[0]] else {
            throw ModelFileError.wrongShape(file: path, tensor: b.name, found: b.shape, expected: [shape[0], a.shape[0]])
        }
        return Pair(
            a: try Linear(a.converted(to: .f32), precision: .exact), b: try Linear(b.converted(to: .f32), precision: .exact),
            scale: scale(a.shape[0]))
    }

    private struct PEFTConfiguration: Decodable {
        let peft_type: String
        let lora_alpha: Float?
        let use_rslora: Bool?
        let use_dora: Bool?
    }
}

/// What the weights of published models are called in GGUF, for adapters.
private enum AdapterNames {
    static func rules(_ base: GGUFFile) throws -> [ConversionPlan.Rule] {
        let architecture = try base.architecture()
        var plan = ConversionPlan(architecture: architecture)
        plan.mapLlamaTensors()
        switch architecture {
        case "llama":
            let heads = try base.requiredInt("llama.attention.head_count", in: 1...1024)
            let keyHeads = try base.optionalInt("llama.attention.head_count_kv", in: 1...1024) ?? heads
            for (name, count) in [("q", heads), ("k", keyHeads)] {
                plan.map("model.layers.{}.self_attn.\(name)_proj.weight", "blk.{}.attn_\(name).weight") {
                    guard $0.shape[0].isMultiple(of: 2 * count) else { return $0 }
                    return $0.withNeighboursTurned(heads: count)
                }
            }
            plan.map("model.layers.{}.self_attn.v_proj.weight", "blk.{}.attn_v.weight")
        case "qwen2", "qwen3", "qwen3moe", "gemma2", "gemma3":
            for name in ["q", "k", "v"] {
                plan.map("model.layers.{}.self_attn.\(name)_proj.weight", "blk.{}.attn_\(name).weight")
            }
        case "phi3":
            plan.map("model.layers.{}.self_attn.qkv_proj.weight", "blk.{}.attn_qkv.weight")
            plan.map("model.layers.{}.mlp.gate_up_proj.weight", "blk.{}.ffn_up.weight")
        default:
            throw ModelFileError.unsupportedFeature(
                file: base.path, feature: "a PEFT adapter for \(architecture) (convert it to GGUF)")
        }
        return plan.rules
    }

    static func weight(
        _ source: String, _ rules: [ConversionPlan.Rule]
    ) -> (name: String, transform: (Tensor) throws -> Tensor)? {
        for rule in rules {
            guard let numbers = rule.match(source[...]) else { continue }
            return (rule.target.replacing("{}", with: numbers.first.map(String.init) ?? ""), rule.transform)
        }
        return nil
    }
}

extension TensorSource {
    /// A tensor of finite numbers.
    fileprivate func checked(_ name: String) throws(ModelFileError) -> Tensor {
        guard contains(tensor: name) else { throw .missingTensor(file: path, tensor: name, shape: []) }
        let tensor = try tensor(name)
        guard let values = tensor.floats(), values.allSatisfy(\.isFinite) else {
            throw .notFinite(file: path, tensor: name)
        }
        return tensor
    }
}
