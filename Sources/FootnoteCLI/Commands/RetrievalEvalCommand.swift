import ArgumentParser
import Footnote
import Foundation

struct RetrievalEvalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retrieval",
        abstract: "Search for the queries of a test collection and compare with the documents known to be relevant.",
        discussion: """
            The folder holds corpus.jsonl (id, title, text), queries.jsonl (id, text), both compressed by gzip or not, and \
            qrels.tsv (query, document, relevance). A knowledge base is made of the documents. A document stands where the \
            best of its passages does. The same collection and options give the same figures.
            """)

    @Argument(help: ArgumentHelp("Folder of the test collection.", valueName: "folder"))
    var folder: String

    @Option(
        help: ArgumentHelp(
            "Measure this way to search: lexical, dense, hybrid, or reranked, which takes --rerank-model. May be repeated. "
                + "Default: all.",
            valueName: "mode"))
    var mode: [RetrievalWayArgument] = []

    @Option(help: ArgumentHelp("Ask so many queries, drawn at random. Default: all.", valueName: "count"))
    var sample: Int?

    @Option(help: ArgumentHelp("Draw the same queries again.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(
        name: [.customShort("m"), .customLong("model")],
        help: ArgumentHelp("Embedding model, by name or path. Default: the default one.", valueName: "name"))
    var model: String?

    @Option(
        help: ArgumentHelp("Cross-encoder, by name or path, for the mode reranked.", valueName: "name"))
    var rerankModel: String?

    @OptionGroup var chunking: ChunkingArguments

    @Option(help: ArgumentHelp(
        "Join so many documents to a file, without headings, so that cutting decides; a passage counts for every document "
            + "that it overlaps.", valueName: "count"))
    var join = 1

    @OptionGroup var evaluation: EvaluationOptions
    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard sample.map({ $0 > 0 }) ?? true else { throw ValidationError("--sample must be at least 1.") }
        guard join > 0 else { throw ValidationError("--join must be at least 1.") }
        guard rerankModel != nil || !mode.contains(.reranked) else {
            throw ValidationError("The mode reranked needs --rerank-model.")
        }
    }

    func run() async throws {
        try await Interruption.cancelling {
            let earlier = try evaluation.earlier(RetrievalReport.self, command: "eval retrieval")
            var options = RetrievalEvaluationOptions()
            options.sample = sample
            options.seed = seed
            options.chunking = chunking.choice
            options.join = join
            if !mode.isEmpty { options.ways = mode.map(\.way) }
            let run = try RetrievalEvaluation(folder: EvaluationOptions.url(folder), options: options)
            StandardError.notice("\(run.queryCount) queries on \(run.documentCount) documents")
            var base = KnowledgeBaseOptions()
            if let model { base.embeddingModel = .named(model) }
            if let rerankModel { base.reranker = try base.modelStore.reranker(rerankModel) }
            let settings = base
            let report = try await evaluation.inFolder { try await run.run(in: $0, base: settings) }
            try evaluation.present(report, earlier: earlier, format: format)
        }
    }
}

/// The library's ways to search as values of a flag.
enum RetrievalWayArgument: String, CaseIterable, ExpressibleByArgument {
    case lexical, dense, hybrid, reranked

    var way: RetrievalEvaluation.Way {
        switch self {
        case .lexical: .lexical
        case .dense: .dense
        case .hybrid: .hybrid
        case .reranked: .reranked
        }
    }
}
