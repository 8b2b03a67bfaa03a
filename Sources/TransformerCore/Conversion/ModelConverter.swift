/// Makes a GGUF file of a model as it is published: a folder with `config.json`, weights as safetensors, and the
/// tokenizer's files.
package struct ModelConverter {
    /// How matrices are stored; vectors always are in single precision.
    package enum Precision: Sendable {
        /// As the published files hold them.
        case asStored
        case type(TensorType)
    }

    /// `model_type` of the models that can be converted, sorted.
    package static var supported: [String] { Families.all.keys.sorted() }

    package let writer: GGUFWriter

    /// Reads the folder and plans the file. Nothing is written yet.
    ///
    /// - Parameter includesTokenizer: whether the tokenizer must be there and becomes part of the file.
    /// - Throws: `ModelFileError` for a model that is not supported, incomplete or contradicts itself, `TokenizerError`
    ///   for a tokenizer that cannot be used.
    package init(folder: String, precision: Precision = .asStored, includesTokenizer: Bool = true) throws {
        let configuration = try HuggingFaceConfiguration(folder: folder)
        let type = try configuration.modelType()
        guard let family = Families.all[type] else {
            throw ModelFileError.unsupportedArchitecture(file: configuration.path, name: type, supported: Self.supported)
        }
        let source = try SafetensorsFolder(folder)
        let plan = try family(configuration, source)
        var writer = GGUFWriter()
        writer.set("general.architecture", .string(plan.architecture))
        writer.set("general.quantization_version", .uint32(2))
        for (key, value) in plan.metadata { writer.set(key, value) }
        try Self.addEmbedding(folder: folder, isBERT: type == "bert", to: &writer)
        if includesTokenizer {
            try TokenizerConversion(folder: folder, configuration: configuration).add(to: &writer)
        } else {
            writer.set("tokenizer.ggml.model", .string("none"))
        }
        writer.tensors = try Self.entries(plan, source: source, precision: precision)
        self.writer = writer
    }

    /// What sentence-transformers keeps beside a model that embeds.
    private static func addEmbedding(folder: String, isBERT: Bool, to writer: inout GGUFWriter) throws {
        let name = folder.split(separator: "/").last.map(String.init) ?? folder
        writer.set("general.name", .string(name))
        let published = try PublishedEmbedding(folder: folder)
        if let tokens = published.maximumTokens ?? (isBERT ? BERTConfiguration.defaultMaximumTokens : nil) {
            writer.set(GGUFFile.embeddingTokensKey, .uint32(UInt32(clamping: tokens)))
        }
        if let prompts = published.prompts {
            writer.set(EmbeddingPrompts.queryKey, .string(prompts.query))
            writer.set(EmbeddingPrompts.documentKey, .string(prompts.document))
        }
    }

    private static func entries(
        _ plan: ConversionPlan, source: SafetensorsFolder, precision: Precision
    ) throws -> [GGUFWriter.Entry] {
        var parts: [String: [Int: (tensor: Tensor, rule: ConversionPlan.Rule)]] = [:]
        for name in source.tensorNames.sorted() {
            if plan.ignored.contains(where: name.contains) { continue }
            let targets = matches(name, plan)
            guard !targets.isEmpty else { throw ModelFileError.unexpectedTensor(file: source.path, tensor: name) }
            for (target, index, rule) in targets where target != "" {
                parts[target, default: [:]][index] = (try source.tensor(name), rule)
            }
        }
        var entries = try parts.keys.sorted(by: order).map { target in
            try entry(target, parts[target] ?? [:], plan, source: source, precision: precision)
        }
        entries += plan.extra.map { tensor in
            GGUFWriter.Entry(name: tensor.name, shape: tensor.shape, type: tensor.type) { tensor }
        }
        return entries
    }

    /// What a tensor becomes; for one of several experts, with its number.
    private static func matches(
        _ name: String, _ plan: ConversionPlan
    ) -> [(target: String, index: Int, rule: ConversionPlan.Rule)] {
        var short = name[...]
        if let prefix = plan.prefixes.first(where: name.hasPrefix) { short = short.dropFirst(prefix.count) }
        return plan.rules.compactMap { rule in
            guard let numbers = rule.match(short) else { return nil }
            let target = rule.target.split(separator: "{}", omittingEmptySubsequences: false)
                .joined(separator: numbers.first.map(String.init) ?? "")
            return (target, numbers.count > 1 ? numbers[1] : -1, rule)
        }
    }

    /// Embeddings first, then layer by layer.
    private static func order(_ a: String, _ b: String) -> Bool {
        func key(_ name: String) -> (Int, String) {
            let parts = name.split(separator: ".")
            let layer = parts.first == "blk" && parts.count > 1 ? Int(parts[1]) ?? -1 : -1
            return (layer, name)
        }
        return key(a) < key(b)
    }

    private static func entry(
        _ target: String, _ parts: [Int: (tensor: Tensor, rule: ConversionPlan.Rule)], _ plan: ConversionPlan,
        source: SafetensorsFolder, precision: Precision
    ) throws -> GGUFWriter.Entry {
        let stacked = parts[-1] == nil
        let indices = stacked ? Array(0..<plan.experts) : [-1]
        let tensors = try indices.map { index in
            guard let part = parts[index] else {
                throw ModelFileError.missingTensor(file: source.path, tensor: "\(target) of expert \(index)", shape: [])
            }
            return part
        }
        guard let first = tensors.first, parts.count == tensors.count else {
            throw ModelFileError.unexpectedTensor(file: source.path, tensor: target)
        }
        for part in tensors where part.tensor.shape != first.tensor.shape || part.tensor.type != first.tensor.type {
            throw ModelFileError.wrongShape(
                file: source.path, tensor: part.tensor.name, found: part.tensor.shape, expected: first.tensor.shape)
        }
        // Shapes and types are known from the first part alone.
        let sample = try first.rule.transform(first.tensor)
        let shape = stacked ? [tensors.count] + sample.shape : sample.shape
        let type = storedType(target, sample, precision)
        return GGUFWriter.Entry(name: target, shape: shape, type: type) {
            let made = try tensors.map { try $0.rule.transform($0.tensor).converted(to: type) }
            return stacked ? Tensor.stacked(made) : made[0]
        }
    }

    /// Vectors, and the small matrices that are added or choose experts, are kept in single precision.
    private static func storedType(_ name: String, _ tensor: Tensor, _ precision: Precision) -> TensorType {
        let exact = ["ffn_gate_inp.", "position_embd.", "token_types."]
        guard tensor.shape.count > 1, !exact.contains(where: name.contains) else { return .f32 }
        switch precision {
        case .asStored: return tensor.type
        case .type(let type): return type
        }
    }
}
