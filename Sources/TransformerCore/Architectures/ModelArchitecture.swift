/// The architectures that can be loaded, by the name that model files give them. Each is one file in this folder.
package enum ModelArchitecture: String, Sendable, CaseIterable {
    case llama
    case qwen2
    case qwen3
    case qwen3moe
    case phi3
    case gemma2
    case gemma3
    case gpt2
    case falcon
    case deepseek2
    case bert
    case nomicBERT = "nomic-bert"
    case modernBERT = "modern-bert"

    /// Names of architectures that write text.
    package static let decoders = allCases.filter { !encoders.contains($0) }
    /// Names of architectures that embed text.
    package static let encoders: [ModelArchitecture] = [.bert, .nomicBERT, .modernBERT]

    /// Loads the language model in a GGUF file. Throws `ModelFileError` when the architecture is not one of
    /// `decoders` or the file does not hold what the architecture needs.
    package static func loadDecoder(_ file: GGUFFile, precision: ComputePrecision = .fast) throws -> any DecoderModel {
        try loadTransformer(supported(file.architecture(), in: decoders, path: file.path), file, precision: precision)
    }

    /// The model of an architecture that stands on the frame of decoders.
    static func loadTransformer(
        _ architecture: ModelArchitecture, _ file: GGUFFile, precision: ComputePrecision
    ) throws -> TransformerDecoder {
        switch architecture {
        case .llama: try Llama.load(file, precision: precision)
        case .qwen2: try Qwen2.load(file, precision: precision)
        case .qwen3: try Qwen3.load(file, precision: precision)
        case .qwen3moe: try Qwen3MoE.load(file, precision: precision)
        case .phi3: try Phi3.load(file, precision: precision)
        case .gemma2: try Gemma2.load(file, precision: precision)
        case .gemma3: try Gemma3.load(file, precision: precision)
        case .gpt2: try GPT2.load(file, precision: precision)
        case .falcon: try Falcon.load(file, precision: precision)
        case .deepseek2: try DeepSeek2.load(file, precision: precision)
        case .nomicBERT: try NomicBERT.load(file, precision: precision)
        case .modernBERT: try ModernBERT.load(file, precision: precision)
        case .bert: throw unsupported("bert", in: decoders, path: file.path)
        }
    }

    /// Loads the embedding model at a path: a GGUF file, or a folder with `config.json` and `model.safetensors`.
    /// Throws `ModelFileError` when the architecture is not one of `encoders` or something is missing.
    package static func loadEncoder(path: String, precision: ComputePrecision = .fast) throws -> BERTEncoder {
        guard isGGUF(path) else { return try BERTEncoder(folder: path, precision: precision) }
        return try BERTEncoder(encoderFile(path: path), precision: precision)
    }

    /// Loads the model at a path that scores pairs of texts: a GGUF file, or a folder with `config.json` and
    /// `model.safetensors`. Throws `ModelFileError` when the architecture is not one of `encoders` or the model embeds
    /// instead.
    package static func loadCrossEncoder(
        path: String, precision: ComputePrecision = .fast
    ) throws -> BERTCrossEncoder {
        guard isGGUF(path) else { return try BERTCrossEncoder(folder: path, precision: precision) }
        return try loadCrossEncoder(GGUFFile(path: path), precision: precision)
    }

    /// The same for a GGUF file that is open.
    package static func loadCrossEncoder(
        _ file: GGUFFile, precision: ComputePrecision = .fast
    ) throws -> BERTCrossEncoder {
        _ = try supported(file.architecture(), in: [.bert], path: file.path)
        return try BERTCrossEncoder(file, precision: precision)
    }

    /// The weights and sizes of the encoder at a path, for models that are made of it.
    static func encoderWeights(path: String) throws(ModelFileError) -> (BERTWeights, BERTConfiguration) {
        guard isGGUF(path) else {
            let configuration = try BERTConfiguration(folder: path)
            return (try BERTWeights(folder: path), configuration)
        }
        let file = try encoderFile(path: path)
        return (BERTWeights(file, names: .gguf), try BERTConfiguration(file))
    }

    private static func isGGUF(_ path: String) -> Bool { path.lowercased().hasSuffix(".gguf") }

    private static func encoderFile(path: String) throws(ModelFileError) -> GGUFFile {
        let file = try GGUFFile(path: path)
        _ = try supported(file.architecture(), in: [.bert], path: path)
        return file
    }

    static func supported(
        _ name: String, in list: [ModelArchitecture], path: String
    ) throws(ModelFileError) -> ModelArchitecture {
        guard let architecture = ModelArchitecture(rawValue: name), list.contains(architecture) else {
            throw unsupported(name, in: list, path: path)
        }
        return architecture
    }

    private static func unsupported(_ name: String, in list: [ModelArchitecture], path: String) -> ModelFileError {
        .unsupportedArchitecture(file: path, name: name, supported: list.map(\.rawValue))
    }
}
