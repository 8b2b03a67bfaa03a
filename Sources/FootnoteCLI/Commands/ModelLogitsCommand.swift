import ArgumentParser
import Footnote

struct ModelLogitsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logits",
        abstract: "Print a language model's scores after each of some tokens.",
        discussion: """
            For comparing with other engines: nothing is added to the tokens. Prints the highest scores of each \
            position; with --json and --all, the scores of the whole vocabulary.
            """)

    @Argument(help: ArgumentHelp("Name, or path of a GGUF file.", valueName: "model"))
    var model: String

    @Option(help: ArgumentHelp("Token ids, with commas between them.", valueName: "ids"))
    var tokens: String

    @Option(help: ArgumentHelp("How many of the highest scores to print.", valueName: "n"))
    var top = 5

    @Flag(help: "Print the scores of all tokens (with --json).")
    var all = false

    @Flag(help: "Compute in single precision throughout, with weights as stored.")
    var exact = false

    @OptionGroup var adapters: AdapterOptions

    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard top > 0 else { throw ValidationError("--top must be more than 0.") }
    }

    func run() async throws {
        let ids = try tokens.split(separator: ",").map { word in
            guard let id = Int32(word.trimmingPrefix { $0 == " " }) else {
                throw ValidationError("'\(word)' is no token id. Write ids as numbers with commas between them.")
            }
            return id
        }
        let positions = try await ModelInspection(named: model).logits(
            after: ids, exact: exact, adapters: adapters.adapters)
        if format.json {
            let rows = positions.enumerated().map { PositionJSON($0, token: ids[$0], logits: $1, top: top, all: all) }
            return try JSONOutput.document(LogitsJSON(positions: rows))
        }
        for (position, logits) in positions.enumerated() {
            let best = ModelInspection.highest(logits, count: top).map { "\($0.token):\($0.score)" }
            StandardOutput.line("\(position) \(ids[position]) \(best.joined(separator: " "))")
        }
    }
}

/// What `model logits --json` prints.
struct LogitsJSON: Encodable {
    var positions: [PositionJSON]
}

struct PositionJSON: Encodable {
    var position: Int
    var token: Int32
    /// The highest scores, the highest first.
    var top: [ScoreJSON]
    /// Those of the whole vocabulary, with `--all`.
    var logits: [Float]?

    init(_ position: Int, token: Int32, logits: [Float], top: Int, all: Bool) {
        self.position = position
        self.token = token
        self.top = ModelInspection.highest(logits, count: top).map { ScoreJSON(token: $0.token, logit: $0.score) }
        self.logits = all ? logits : nil
    }
}

struct ScoreJSON: Encodable {
    var token: Int32
    var logit: Float
}
