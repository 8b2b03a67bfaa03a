public import Foundation

/// How a knowledge base is opened.
public struct KnowledgeBaseOptions: Sendable {
    public var embeddingModel: EmbeddingModelChoice = .automatic
    public var languageModel: LanguageModelChoice = .automatic
    public var languageModelOptions = LanguageModelOptions()
    /// Keep what the language model has read of documents beside the knowledge base, so that asking about the same ones
    /// again begins sooner, in another process too. It is deleted with the documents.
    public var keepsPrompts = false
    public var reader: ReaderChoice = .automatic
    /// Puts the first of what a search finds in a better order; `nil` keeps the order of fusion.
    public var reranker: (any Reranker)?
    /// Make the knowledge base where there is none.
    public var createIfMissing = true
    public var readOnly = false
    /// How long a write waits for other writers.
    public var lockTimeout: Duration = .seconds(60)
    /// Bytes that each vector index may keep in memory; nil for a quarter of the machine's. With less than the index takes,
    /// searches read more from the file and are slower.
    public var indexMemory: Int?
    /// Where models are found by name.
    public var modelStore = ModelStore()
    /// Keep questions and answers in the knowledge base (`questionLog`). Best effort: a knowledge base that cannot be
    /// written answers all the same.
    public var logsQuestions = false

    public init() {}

    public init(embeddingModel: EmbeddingModelChoice) { self.embeddingModel = embeddingModel }
}

/// A knowledge base: documents, their lexical index, vectors and provenance in one SQLite file.
///
/// ```swift
/// let base = try await KnowledgeBase(at: folder)
/// let report = try await base.index(folder)
/// for result in try await base.search("rotating the keys") {
///     print(result.document.path, result.location.firstLine, result.text)
/// }
/// ```
/// May be used from many tasks at once: readers see consistent snapshots, writers take turns, also between
/// processes. Opening reads a constant amount; models are loaded when they are first needed.
public final class KnowledgeBase: Sendable {
    /// Where it lies, and the folder its documents' paths are relative to.
    public let location: KnowledgeBaseLocation
    /// Whether it was opened, or could only be opened, for reading.
    public var isReadOnly: Bool { store.isReadOnly }

    let store: KnowledgeStore
    let provider: EmbeddingProvider
    let languageProvider: LanguageProvider
    let readerProvider: ReaderProvider
    let modelStore: ModelStore
    let reranker: (any Reranker)?
    let logsQuestions: Bool

    /// Opens the knowledge base at a place, and makes it where there is none.
    /// - Parameter url: a folder (the database is `.footnote/knowledge.sqlite` in it), a `.footnote` folder, or a
    ///   database file.
    /// - Throws: `KnowledgeBaseError`.
    public init(at url: URL, options: KnowledgeBaseOptions = KnowledgeBaseOptions()) async throws {
        location = KnowledgeBaseLocation(url)
        store = try KnowledgeStore(
            location: location, create: options.createIfMissing, readOnly: options.readOnly,
            lockTimeout: options.lockTimeout, indexMemory: options.indexMemory)
        provider = EmbeddingProvider(choice: options.embeddingModel, store: options.modelStore)
        var languageOptions = options.languageModelOptions
        if options.keepsPrompts, !store.isReadOnly { languageOptions.reuseFolder = location.promptFolder }
        languageProvider = LanguageProvider(
            choice: options.languageModel, store: options.modelStore, options: languageOptions)
        readerProvider = ReaderProvider(choice: options.reader, store: options.modelStore)
        modelStore = options.modelStore
        reranker = options.reranker
        logsQuestions = options.logsQuestions
    }

    /// The knowledge base named by `$FOOTNOTE_DB`, else the nearest one in a `.footnote` folder upward.
    public static func find(from folder: URL) -> KnowledgeBaseLocation? { KnowledgeBaseLocation.find(from: folder) }

    /// The embedding model, loaded when first asked for.
    /// - Throws: `KnowledgeBaseError.noEmbeddingModel`, or `.modelMismatch` when the knowledge base was made with
    ///   another.
    package func embeddingModel() async throws -> any EmbeddingModel {
        let active = try await store.read { db in try GenerationStore.current(.active, db) }
        let identity = try await provider.identity(stored: active?.model)
        guard let active else { return try await provider.model(stored: nil) }
        guard active.model.digest == identity.digest else {
            throw KnowledgeBaseError.modelMismatch(stored: active, given: identity)
        }
        return try await provider.model(of: active)
    }
}
