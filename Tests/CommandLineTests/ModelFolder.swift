import Foundation

/// Where the default models are, if they have been fetched.
enum ModelFolder {
    static let url: URL = {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["FOOTNOTE_MODELS"], !path.isEmpty { return URL(fileURLWithPath: path) }
        if let path = environment["XDG_DATA_HOME"], !path.isEmpty {
            return URL(fileURLWithPath: path).appendingPathComponent("footnote/models")
        }
        return FileManager.default.homeDirectoryForCurrentUser
            .appendingPathComponent(".local/share/footnote/models")
    }()

    static let hasEmbeddingModel = has("all-MiniLM-L6-v2")
    static let hasLanguageModel = has("SmolLM2-135M-Instruct")

    private static func has(_ name: String) -> Bool {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return entries.contains { $0.hasPrefix(name) }
    }
}
