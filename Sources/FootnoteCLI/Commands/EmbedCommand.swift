import ArgumentParser
import Footnote

struct EmbedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed",
        abstract: "Print the embedding of a text: a unit vector.",
        discussion: "Prints a JSON array of numbers, one line for each text.")

    @Argument(help: ArgumentHelp("The text; - reads standard input.", valueName: "text"))
    var words: [String] = []

    @Flag(help: "Each line of the input is a text of its own.")
    var lines = false

    @Option(
        name: [.customShort("m"), .customLong("model")],
        help: ArgumentHelp("Embedding model, by name or path.", valueName: "name"))
    var model = ModelStore.defaultEmbeddingModel

    @Flag(help: "The text is a question: models that were trained with marks for questions and passages get that for questions.")
    var query = false

    @OptionGroup var format: FormatOptions

    /// Texts that are embedded together.
    private static let batch = 64

    func run() async throws {
        try await Interruption.cancelling {
            let input = try TextInput.read(words, called: "text")
            let texts = lines ? input.split(whereSeparator: \.isNewline).map(String.init) : [input]
            let model = try ModelStore().embeddingModel(model)
            for start in stride(from: 0, to: texts.count, by: Self.batch) {
                let batch = Array(texts[start..<min(start + Self.batch, texts.count)])
                let vectors = try await model.embed(batch, as: query ? .query : .document)
                for (number, text) in batch.enumerated() {
                    let vector = Array(vectors[number * model.dimension..<(number + 1) * model.dimension])
                    try show(vector, of: text, model: model)
                }
                try Task.checkCancellation()
            }
        }
    }

    private func show(_ vector: [Float], of text: String, model: any EmbeddingModel) throws {
        guard format.json else { return try JSONOutput.line(vector) }
        try JSONOutput.line(
            EmbeddingJSON(
                model: model.identity.name, tokens: model.tokenCount(text), maximumTokens: model.maximumTokens,
                text: text, embedding: vector))
    }
}

/// One line of `embed --json`.
struct EmbeddingJSON: Encodable {
    var model: String
    /// Framing not included. Of longer texts than `maximumTokens`, the beginning is embedded.
    var tokens: Int
    var maximumTokens: Int
    var text: String
    var embedding: [Float]
}
