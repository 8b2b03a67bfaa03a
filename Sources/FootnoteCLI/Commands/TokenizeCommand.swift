import ArgumentParser
import Footnote

struct TokenizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize",
        abstract: "Print the token ids of a text.",
        discussion: """
            The text is taken as plain: nothing in it becomes a special token, and none is added. Prints the ids on one \
            line; with --json, each with the text that it stands for.
            """)

    @Option(
        name: [.customShort("m"), .customLong("model")],
        help: ArgumentHelp("Model, by name or path of a file or folder.", valueName: "name"))
    var model: String

    @Argument(help: ArgumentHelp("The text; - reads standard input.", valueName: "text"))
    var words: [String] = []

    @OptionGroup var format: FormatOptions

    func run() async throws {
        let text = words == ["-"] ? try TextInput.standardInput() : words.joined(separator: " ")
        let tokens = try ModelInspection(named: model).tokenize(text)
        guard format.json else {
            return StandardOutput.line(tokens.map { "\($0.id)" }.joined(separator: " "))
        }
        try JSONOutput.document(TokenizeJSON(count: tokens.count, tokens: tokens.map { TokenJSON(id: $0.id, text: $0.text) }))
    }
}

/// What `tokenize --json` prints.
struct TokenizeJSON: Encodable {
    var count: Int
    var tokens: [TokenJSON]
}

struct TokenJSON: Encodable {
    var id: Int32
    /// Bytes that are no whole characters read U+FFFD.
    var text: String
}
