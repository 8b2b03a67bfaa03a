public import Foundation

/// The folder that models are found in by name.
///
/// `$FOOTNOTE_MODELS`, else `$XDG_DATA_HOME/footnote/models`, else `~/.local/share/footnote/models`. A model is a
/// GGUF file, or a folder with `model.safetensors`, `config.json` and its tokenizer. Whatever else lies there is
/// not a model; downloads that are not complete have names that begin with a full stop.
public struct ModelStore: Sendable, Hashable {
    public static let defaultEmbeddingModel = "all-MiniLM-L6-v2"
    public static let defaultLanguageModel = "SmolLM2-135M-Instruct"

    public let folder: URL

    public init(folder: URL) { self.folder = folder }

    /// The folder that the environment names.
    public init() { self.init(environment: ProcessInfo.processInfo.environment) }

    package init(environment: [String: String]) {
        if let path = environment["FOOTNOTE_MODELS"], !path.isEmpty {
            folder = URL(fileURLWithPath: path)
        } else {
            var data = URL(fileURLWithPath: environment["HOME"] ?? NSHomeDirectory())
                .appendingPathComponent(".local/share")
            // The specification asks to ignore relative paths.
            if let path = environment["XDG_DATA_HOME"], path.hasPrefix("/") { data = URL(fileURLWithPath: path) }
            folder = data.appendingPathComponent("footnote/models")
        }
    }

    /// Names of the models in the folder.
    public func names() -> [String] { entries().map(\.name) }

    /// Where a model lies.
    /// - Parameter name: a path; or a name in the folder, where the quantisation may be left out:
    ///   `SmolLM2-135M-Instruct` finds `SmolLM2-135M-Instruct.Q4_1.gguf`.
    /// - Throws: `ModelError.notFound` or `.ambiguous`.
    public func find(_ name: String) throws -> ModelLocation {
        let entries = entries()
        if let exact = entries.first(where: { $0.name == name || $0.url.lastPathComponent == name }) { return exact }
        if let location = ModelLocation(url: URL(fileURLWithPath: name)), name.contains("/") || name.hasSuffix(".gguf") {
            return location
        }
        let prefix = name.lowercased()
        let candidates = entries.filter { entry in
            let candidate = entry.name.lowercased()
            return candidate == prefix || candidate.hasPrefix(prefix + ".") || candidate.hasPrefix(prefix + "-q")
        }
        if candidates.count > 1 { throw ModelError.ambiguous(name: name, candidates: candidates.map(\.name)) }
        guard let location = candidates.first else {
            throw ModelError.notFound(name: name, folder: folder.path, available: entries.map(\.name))
        }
        return location
    }

    /// Name and digest of a model's weights, without loading them.
    public func identity(_ name: String) throws -> ModelIdentity {
        let location = try find(name)
        return ModelIdentity(name: location.name, digest: try location.digest())
    }

    private func entries() -> [ModelLocation] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted().compactMap {
            ModelLocation(url: folder.appendingPathComponent($0))
        }
    }
}
