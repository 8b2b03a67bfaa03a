import ArgumentParser
import Footnote
import Foundation

/// How questions are answered; shared by `ask` and `chat`.
struct AnswerOptions: ParsableArguments {
    @Option(
        name: .customShort("n"), help: ArgumentHelp("Most passages to consider as sources.", valueName: "count"))
    var limit = AskOptions().search.limit

    @OptionGroup var filter: FilterOptions

    @Flag(help: "Answer with quoted sentences alone, without a language model.")
    var extractive = false

    @Flag(help: "Let the language model choose what to quote and write nothing of its own.")
    var quotesOnly = false

    @Option(
        name: [.customShort("m"), .customLong("model")],
        help: ArgumentHelp("Language model, by name or as a path to a GGUF file.", valueName: "name"))
    var model: String?

    @OptionGroup var adapters: AdapterOptions

    @Option(help: ArgumentHelp("Refuse a question whose evidence is below this, 0 to 1.", valueName: "score"))
    var minEvidence = AskOptions().minimumEvidence

    @Option(help: ArgumentHelp("Most tokens to write.", valueName: "count"))
    var maxTokens = AskOptions().maximumTokens

    @Option(help: ArgumentHelp("Most tokens of sources to read.", valueName: "count"))
    var contextTokens = AskOptions().contextTokens

    @OptionGroup var sampling: SamplingArguments

    @Flag(
        inversion: .prefixedNo,
        help: "Show the answer while it is written; with --json, print one object for each event. Default: on a terminal.")
    var stream: Bool?

    @Flag(
        name: .customLong("no-log"),
        help: "Do not keep the question and its answer in the knowledge base (see `footnote log`). $FOOTNOTE_LOG=off does the same.")
    var withoutLog = false

    /// Whether questions are kept: unless a flag or the environment says no.
    var logsQuestions: Bool {
        let setting = ProcessInfo.processInfo.environment["FOOTNOTE_LOG"]?.lowercased() ?? ""
        return !withoutLog && !["off", "0", "no", "false"].contains(setting)
    }

    @Flag(
        help: "Say how a question that refers to those before it is understood, and what the model wrote and was left out.")
    var explain = false

    func validate() throws {
        guard !(extractive && quotesOnly) else { throw ValidationError("--extractive and --quotes-only exclude each other.") }
        guard limit > 0 else { throw ValidationError("-n must be at least 1.") }
        guard (0...1).contains(minEvidence) else { throw ValidationError("--min-evidence must lie between 0 and 1.") }
        guard maxTokens > 0 else { throw ValidationError("--max-tokens must be at least 1.") }
        guard contextTokens > 0 else { throw ValidationError("--context-tokens must be at least 1.") }
    }

    /// Prints answers as these options say. `root` is the folder that relative paths start from.
    func printer(json: Bool, root: URL) -> AnswerPrinter {
        var printer = AnswerPrinter(json: json, stream: stream ?? !json, root: root)
        printer.explains = explain
        return printer
    }

    func askOptions(history: [ChatMessage] = []) -> AskOptions {
        var options = AskOptions()
        options.search.limit = limit
        options.search.filter = filter.searchFilter
        options.extractive = extractive
        options.quotesOnly = quotesOnly
        options.minimumEvidence = minEvidence
        options.maximumTokens = maxTokens
        options.contextTokens = contextTokens
        options.sampling.temperature = sampling.temperature
        options.sampling.seed = sampling.seed
        options.history = history
        return options
    }
}

/// How the next token is chosen; shared by `ask`, `chat` and `generate`.
struct SamplingArguments: ParsableArguments {
    @Option(help: ArgumentHelp("0 takes the most likely token each time; higher is more varied.", valueName: "value"))
    var temperature = SamplingOptions().temperature

    @Option(help: ArgumentHelp("With the same seed, the same text.", valueName: "number"))
    var seed = SamplingOptions().seed

    func validate() throws {
        guard temperature >= 0, temperature.isFinite else {
            throw ValidationError("--temperature must be 0 or more.")
        }
    }

    var options: SamplingOptions {
        var options = SamplingOptions()
        options.temperature = temperature
        options.seed = seed
        return options
    }
}
