import ArgumentParser
import Footnote

struct SearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find the passages that bear on a query.",
        discussion: "Exit status 3 when nothing is found.")

    @OptionGroup var base: BaseOptions

    @Argument(help: ArgumentHelp("What to look for; - reads standard input.", valueName: "query"))
    var words: [String] = []

    @Option(name: .customShort("n"), help: ArgumentHelp("Most passages to show.", valueName: "count"))
    var limit = 10

    @OptionGroup var filter: FilterOptions

    @Option(help: ArgumentHelp("Search by words (lexical), by meaning (dense), or both.", valueName: "mode"))
    var mode = SearchModeArgument.hybrid

    @Option(help: ArgumentHelp("Leave out passages with a lower fused score, 0 to 1.", valueName: "score"))
    var minScore = 0.0

    @Option(
        name: [.customShort("m"), .customLong("model")],
        help: ArgumentHelp("Embedding model, by name or path. Default: the one the base was made with.", valueName: "name"))
    var model: String?

    @Option(
        help: ArgumentHelp(
            "Cross-encoder, by name or path, that reads the first passages together with the query and orders them.",
            valueName: "name"))
    var rerankModel: String?

    @Option(help: ArgumentHelp("How many of the first passages the cross-encoder reads; needs --rerank-model.", valueName: "count"))
    var rerank: Int?

    @Option(
        help: ArgumentHelp(
            "Prefer passages that differ from those above them: 0 looks at relevance alone, 1 at difference alone.",
            valueName: "share"))
    var diversity = 0.0

    @Flag(help: "Show what each stage said of a passage: lexical rank and score, dense rank and score, fused score.")
    var explain = false

    @Flag(help: "Show whole passages.")
    var full = false

    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("-n must be at least 1.") }
        guard rerank.map({ $0 > 0 }) ?? true else { throw ValidationError("--rerank must be at least 1.") }
        guard rerank == nil || rerankModel != nil else { throw ValidationError("--rerank needs --rerank-model.") }
        guard (0...1).contains(diversity) else { throw ValidationError("--diversity must lie between 0 and 1.") }
    }

    func run() async throws {
        try await Interruption.cancelling {
            let query = try TextInput.read(words, called: "query")
            let knowledgeBase = try await base.open(embeddingModel: model, rerankModel: rerankModel)
            var options = SearchOptions(mode: mode.mode, limit: limit, minimumScore: minScore)
            options.filter = filter.searchFilter
            options.diversity = diversity
            if let rerank { options.rerank = rerank }
            let response = try await knowledgeBase.searchResponse(query, options: options)
            response.notices.forEach(StandardError.notice)
            if format.json {
                try JSONOutput.document(SearchJSON(query: query, response: response))
            } else if response.results.isEmpty {
                StandardError.notice("nothing found")
            } else {
                let root = knowledgeBase.location.root
                StandardOutput.write(
                    SearchText(results: response.results, root: root, explain: explain, full: full).text)
            }
            if response.results.isEmpty { throw ExitStatus.noEvidence.quiet }
        }
    }
}

/// The library's search modes as values of a flag.
enum SearchModeArgument: String, CaseIterable, ExpressibleByArgument {
    case hybrid, lexical, dense

    var mode: SearchOptions.Mode {
        switch self {
        case .hybrid: .hybrid
        case .lexical: .lexical
        case .dense: .dense
        }
    }
}
