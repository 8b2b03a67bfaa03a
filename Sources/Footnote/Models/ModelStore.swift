public import Foundation

/// The model folder.
public struct ModelStore: Sendable {
    public static let defaultEmbeddingModel = "all-MiniLM-L6-v2"
    public static let defaultLanguageModel = "SmolLM2-135M-Instruct"
    public let folder: URL

    public init() { folder = URL(fileURLWithPath: "/nonexistent") }

    func identity(of name: String) throws -> ModelIdentity {
        throw KnowledgeBaseError.noEmbeddingModel(reason: "\(name) is not in the model folder")
    }
    func languageModel(_ name: String) throws -> any LanguageModel {
        throw AskError.noLanguageModel(reason: "\(name) is not in the model folder")
    }
    func embeddingModel(_ name: String) throws -> any EmbeddingModel {
        throw KnowledgeBaseError.noEmbeddingModel(reason: "\(name) is not in the model folder")
    }
}
