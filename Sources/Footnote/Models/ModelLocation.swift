public import Foundation
internal import TransformerCore

/// A model on disk.
public struct ModelLocation: Sendable, Hashable {
    public enum Format: String, Sendable, Codable { case gguf, safetensors }

    /// The GGUF file, or the folder.
    public let url: URL
    public let format: Format
    /// The file with the weights; of weights in several files, the one that lists them.
    public let weights: URL

    /// Name of the file without its extension, or of the folder.
    public var name: String { format == .gguf ? url.deletingPathExtension().lastPathComponent : url.lastPathComponent }

    /// - Parameter url: a `.gguf` file, or a folder with `config.json` and weights as safetensors; `nil` for others.
    init?(url: URL) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else { return nil }
        self.url = url
        guard isFolder.boolValue else {
            guard url.pathExtension.lowercased() == "gguf" else { return nil }
            (format, weights) = (.gguf, url)
            return
        }
        func file(_ name: String) -> URL? {
            let file = url.appendingPathComponent(name)
            return FileManager.default.fileExists(atPath: file.path) ? file : nil
        }
        guard file("config.json") != nil,
            let weights = file("model.safetensors") ?? file("model.safetensors.index.json")
        else { return nil }
        (format, self.weights) = (.safetensors, weights)
    }

    /// SHA-256 of the weights in hexadecimal; of weights in several files, that of the files' digests in the order of
    /// their names.
    func digest() throws -> String {
        guard weights.pathExtension == "json" else { return try FileDigestCache.digest(of: weights) }
        struct Index: Decodable { var weight_map: [String: String] }
        do {
            let index = try JSONDecoder().decode(Index.self, from: Data(contentsOf: weights))
            let digests = try Set(index.weight_map.values).sorted().map { name in
                guard !name.contains("/"), name != ".." else {
                    throw ModelError.unreadable(path: weights.path, reason: "it names a file elsewhere, \(name.debugDescription)")
                }
                return try FileDigestCache.digest(of: url.appendingPathComponent(name))
            }
            return SHA256Digest.hexadecimal(SHA256Digest.of(Array(digests.joined(separator: "\n").utf8)))
        } catch let error as ModelError {
            throw error
        } catch {
            throw ModelError.unreadable(path: weights.path, reason: "\(error)")
        }
    }

    /// Whether this is a folder with a model of BERT itself, not of one of its relatives.
    func isBERTFolder() throws -> Bool {
        guard format == .safetensors else { return false }
        struct Configuration: Decodable { var model_type: String? }
        let json = try Data(contentsOf: url.appendingPathComponent("config.json"))
        return try JSONDecoder().decode(Configuration.self, from: json).model_type == "bert"
    }

    /// - Throws: `ModelError.unreadable` for a tokenizer that knows more tokens than the model.
    func checkVocabulary(tokenizer: Int, model: Int) throws {
        guard tokenizer <= model else {
            throw ModelError.unreadable(
                path: url.path, reason: "its tokenizer has \(tokenizer) tokens, the model \(model)")
        }
    }
}
