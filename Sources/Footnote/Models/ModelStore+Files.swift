public import Foundation
import TransformerCore

/// What a model is, as `model show` prints it.
public struct ModelDescription: Sendable, Hashable, Codable {
    public var name: String
    public var path: String
    public var format: ModelLocation.Format
    /// Family of networks: `bert`, `llama`.
    public var architecture: String
    /// Elements of all tensors.
    public var parameters: Int
    /// How the weights are stored, by number of tensors: `Q4_1`, `F32`.
    public var weightTypes: [String: Int]
    /// Kind of tokenizer and, where the file names it, its splitting rule.
    public var tokenizer: String
    public var vocabularyCount: Int?
    /// Longest input in tokens.
    public var contextLength: Int?
    /// The chat template as it stands in the file.
    public var chatTemplate: String?
    public var bytes: Int64
    /// SHA-256 of the weights in hexadecimal.
    public var digest: String
}

extension ModelStore {
    /// What a model is, read from its files without loading the weights.
    /// - Throws: `ModelError`.
    public func describe(_ name: String) throws -> ModelDescription {
        let location = try find(name)
        do {
            return try location.format == .gguf ? Self.describeGGUF(location) : Self.describeFolder(location)
        } catch let error as ModelError {
            throw error
        } catch {
            throw ModelError.unreadable(path: location.url.path, reason: "\(error)")
        }
    }

    /// Puts a model into the folder: a GGUF file, or a folder with `model.safetensors`, `config.json` and a tokenizer.
    /// - Parameters:
    ///   - name: name it gets; by default its own.
    ///   - linking: make a symbolic link instead of a copy.
    /// - Throws: `ModelError` when it cannot be read as a model, or one of this name is there.
    @discardableResult
    public func add(_ file: URL, name: String? = nil, linking: Bool = false) throws -> ModelLocation {
        guard let source = ModelLocation(url: file.standardizedFileURL) else {
            throw ModelError.unreadable(
                path: file.path, reason: "it is neither a .gguf file nor a folder with model.safetensors and config.json")
        }
        _ = try ModelStore(folder: folder).describe(source.url.path)
        let final = (name ?? source.name) + (source.format == .gguf ? ".gguf" : "")
        guard !final.contains("/"), !final.hasPrefix(".") else {
            throw ModelError.fileSystem(path: final, reason: "this cannot be the name of a model")
        }
        let target = folder.appendingPathComponent(final)
        guard !FileManager.default.fileExists(atPath: target.path) else { throw ModelError.alreadyThere(path: target.path) }
        let staging = try ModelStaging(store: self, name: "add-\(final)")
        defer { staging.remove() }
        do {
            if linking {
                try FileManager.default.createSymbolicLink(at: staging.file(final), withDestinationURL: source.url)
            } else {
                try FileManager.default.copyItem(at: source.url, to: staging.file(final))
            }
        } catch {
            throw ModelError.fileSystem(path: target.path, reason: "the model cannot be put there: \(error)")
        }
        try staging.place(staging.file(final), as: final)
        return try find(final)
    }

    /// Deletes a model from the folder; of a linked one, the link.
    /// - Throws: `ModelError`; models outside of the folder are not touched.
    public func remove(_ name: String) throws {
        let location = try find(name)
        guard location.url.deletingLastPathComponent().standardizedFileURL.path == folder.standardizedFileURL.path else {
            throw ModelError.fileSystem(path: location.url.path, reason: "it is not in the model folder: delete it yourself")
        }
        do {
            try FileManager.default.removeItem(at: location.url)
        } catch {
            throw ModelError.fileSystem(path: location.url.path, reason: "it cannot be deleted: \(error)")
        }
        try? FileManager.default.removeItem(at: FileDigestCache.cacheFile(of: location.weights))
    }

    private static func describeGGUF(_ location: ModelLocation) throws -> ModelDescription {
        let file = try GGUFFile(path: location.url.path)
        let architecture = try file.architecture()
        let tokens = file.metadata["tokenizer.ggml.tokens"]?.array?.count
        let kind = [file.metadata["tokenizer.ggml.model"]?.string, file.metadata["tokenizer.ggml.pre"]?.string]
        let (parameters, types) = try contents(file)
        return ModelDescription(
            name: location.name, path: location.url.path, format: location.format, architecture: architecture,
            parameters: parameters, weightTypes: types, tokenizer: kind.compactMap { $0 }.joined(separator: ", "),
            vocabularyCount: tokens, contextLength: file.metadata["\(architecture).context_length"]?.int,
            chatTemplate: file.metadata["tokenizer.chat_template"]?.string, bytes: Int64(file.byteCount),
            digest: try location.digest())
    }

    private static func describeFolder(_ location: ModelLocation) throws -> ModelDescription {
        struct Configuration: Decodable {
            var model_type: String?
            var vocab_size: Int?
            var max_position_embeddings: Int?
        }
        let json = try Data(contentsOf: location.url.appendingPathComponent("config.json"))
        let configuration = try JSONDecoder().decode(Configuration.self, from: json)
        // BERT's files are used as they are; others are read as conversion would write them.
        let isBERT = try location.isBERTFolder()
        let converted = isBERT ? nil : try GGUFFile.model(at: location.url.path)
        let file: any TensorSource = try converted ?? SafetensorsFile(path: location.weights.path)
        let (parameters, types) = try contents(file)
        let tokenizer = [converted?.metadata["tokenizer.ggml.model"]?.string, converted?.metadata["tokenizer.ggml.pre"]?.string]
        return ModelDescription(
            name: location.name, path: location.url.path, format: location.format,
            architecture: configuration.model_type ?? "unknown", parameters: parameters, weightTypes: types,
            tokenizer: isBERT ? "wordpiece" : tokenizer.compactMap { $0 }.joined(separator: ", "),
            vocabularyCount: configuration.vocab_size,
            contextLength: configuration.max_position_embeddings,
            chatTemplate: converted?.metadata["tokenizer.chat_template"]?.string,
            bytes: RecordedStamp(path: location.weights.path)?.size ?? 0,
            digest: try location.digest())
    }

    /// Number of elements, and tensors by type. Tensors of types that cannot be read are counted as `other`.
    private static func contents(_ file: any TensorSource) throws -> (parameters: Int, types: [String: Int]) {
        var parameters = 0, types: [String: Int] = [:]
        for name in file.tensorNames {
            guard let tensor = try? file.tensor(name) else {
                types["other", default: 0] += 1
                continue
            }
            parameters += tensor.elementCount
            types["\(tensor.type)".uppercased(), default: 0] += 1
        }
        return (parameters, types)
    }
}
