/// The architectures that can be loaded, by the name that model files give them. Each is one file in this folder.
package enum ModelArchitecture: String, Sendable, CaseIterable {
    case bert
    case llama
    case qwen2

    /// Names of architectures that write text.
    package static let decoders: [ModelArchitecture] = [.llama, .qwen2]
    /// Names of architectures that embed text.
    package static let encoders: [ModelArchitecture] = [.bert]

    /// Loads the language model in a GGUF file. Throws `ModelFileError` when the architecture is not one of
    /// `decoders` or the file does not hold what the architecture needs.
    package static func loadDecoder(_ file: GGUFFile, precision: ComputePrecision = .fast) throws -> any DecoderModel {
        switch try supported(file.architecture(), in: decoders, path: file.path) {
        case .llama: try LlamaDecoder(file, layout: .interleaved, precision: precision)
        case .qwen2: try LlamaDecoder(file, layout: .halfSplit, precision: precision)
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
        return try BERTCrossEncoder(encoderFile(path: path), precision: precision)
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
        _ = try supported(file.architecture(), in: encoders, path: path)
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
