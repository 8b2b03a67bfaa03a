import ArgumentParser
import Footnote
import Foundation

/// Which knowledge base a command works on.
struct BaseOptions: ParsableArguments {
    @Option(
        name: .customLong("db"),
        help: ArgumentHelp(
            "Knowledge base: a database file, a .footnote folder, or a folder that holds one. Default: $FOOTNOTE_DB, "
                + "else the nearest .footnote upward.",
            valueName: "path"))
    var path: String?

    @Option(
        name: .customLong("index-memory"),
        help: ArgumentHelp(
            "Memory that the vector index may take, as 256M or 2G. With less than it would use, searches read more from the file. "
                + "Default: a quarter of the machine's.",
            valueName: "bytes"))
    var indexMemory: ByteCount?

    /// The library's options as far as these say something.
    var knowledgeBaseOptions: KnowledgeBaseOptions {
        var options = KnowledgeBaseOptions()
        options.indexMemory = indexMemory.map { Int(clamping: $0.value) }
        return options
    }

    /// Opens the knowledge base that exists.
    /// - Parameters:
    ///   - embeddingModel: name or path of the model that questions are embedded with; by default the one the
    ///     knowledge base was made with.
    ///   - languageModel: name or path of the model that writes; by default the default one.
    ///   - adapters: added to the weights of the language model.
    ///   - rerankModel: name or path of the model that puts what is found in a better order; by default none.
    ///   - logsQuestions: whether questions and answers are kept in the knowledge base.
    func open(
        embeddingModel: String? = nil, languageModel: String? = nil, adapters: [LanguageModelAdapter] = [],
        rerankModel: String? = nil,
        logsQuestions: Bool = false
    ) async throws -> KnowledgeBase {
        var options = knowledgeBaseOptions
        options.createIfMissing = false
        options.logsQuestions = logsQuestions
        if let embeddingModel { options.embeddingModel = .named(embeddingModel) }
        options.languageModelOptions.adapters = adapters
        if let languageModel { options.languageModel = .named(languageModel) }
        if let rerankModel { options.reranker = try options.modelStore.reranker(rerankModel) }
        return try await KnowledgeBase(at: location().database, options: options)
    }

    /// The knowledge base named by flag or environment, else the nearest one upward.
    /// - Throws: `KnowledgeBaseError.notFound` when there is none.
    func location() throws -> KnowledgeBaseLocation {
        if let location = named { return location }
        let folder = Self.workingDirectory
        guard let location = KnowledgeBaseLocation.find(from: folder) else {
            throw KnowledgeBaseError.notFound(path: folder.path)
        }
        return location
    }

    /// The same, or `.footnote` in the working directory when there is none anywhere.
    func locationOrNew() -> KnowledgeBaseLocation {
        named ?? KnowledgeBaseLocation.find(from: Self.workingDirectory)
            ?? KnowledgeBaseLocation(Self.workingDirectory.appendingPathComponent(KnowledgeBaseLocation.folderName))
    }

    private var named: KnowledgeBaseLocation? {
        path.map { KnowledgeBaseLocation(URL(fileURLWithPath: $0, relativeTo: Self.workingDirectory)) }
    }

    static var workingDirectory: URL {
        URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true)
    }
}

/// How results are printed.
struct FormatOptions: ParsableArguments {
    @Flag(name: .long, help: "Print JSON, described in docs/json.md.")
    var json = false
}

/// What a search may find; shared by `search`, `ask` and `chat`.
struct FilterOptions: ParsableArguments {
    @Option(
        name: [.customShort("c"), .customLong("collection")],
        help: ArgumentHelp("Only documents of this collection. May be repeated.", valueName: "name"))
    var collections: [String] = []

    @Option(
        name: .customLong("path"),
        help: ArgumentHelp(
            "Only documents whose path matches this pattern: * and ? within a folder, ** across folders. A pattern "
                + "without a slash is held against the file name. May be repeated.",
            valueName: "glob"))
    var paths: [String] = []

    @Option(
        name: .customLong("metadata"),
        help: ArgumentHelp(
            "Only documents that say this of themselves, in Markdown front matter or HTML meta elements. May be repeated.",
            valueName: "key=value"))
    var metadata: [MetadataArgument] = []

    var searchFilter: SearchFilter {
        SearchFilter(
            paths: paths, collections: collections,
            metadata: Dictionary(metadata.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }))
    }
}

/// `key=value` on the command line.
struct MetadataArgument: ExpressibleByArgument {
    let key: String
    let value: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
        key = String(argument[..<equals])
        value = String(argument[argument.index(after: equals)...])
    }
}
