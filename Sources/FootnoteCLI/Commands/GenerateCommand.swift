import ArgumentParser
import Footnote

struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Let the language model write, without documents.",
        discussion: "What it writes is neither checked nor cited: `ask` is for questions about documents.")

    @Argument(help: ArgumentHelp("What to say to the model; - reads standard input.", valueName: "prompt"))
    var words: [String] = []

    @Option(
        name: [.customShort("m"), .customLong("model")],
        help: ArgumentHelp("Language model, by name or as a path to a GGUF file.", valueName: "name"))
    var model = ModelStore.defaultLanguageModel

    @Option(help: ArgumentHelp("Instructions that go before the prompt.", valueName: "text"))
    var system: String?

    @Option(help: ArgumentHelp("Most tokens to write.", valueName: "count"))
    var maxTokens = 256

    @OptionGroup var adapters: AdapterOptions

    @OptionGroup var sampling: SamplingArguments

    @Option(help: ArgumentHelp("Only the most likely tokens, so many; 0 keeps all.", valueName: "count"))
    var topK = SamplingOptions().topK

    @Option(help: ArgumentHelp("Only the most likely tokens that together reach this probability.", valueName: "value"))
    var topP = SamplingOptions().topP

    @Option(help: ArgumentHelp("Only tokens with this share of the likeliest one's probability.", valueName: "value"))
    var minP = SamplingOptions().minP

    @Option(help: ArgumentHelp("Make tokens that were written lately less likely; 1 does nothing.", valueName: "value"))
    var repetitionPenalty = SamplingOptions().repetitionPenalty

    @Option(help: ArgumentHelp("Stop before this text. May be repeated.", valueName: "text"))
    var stop: [String] = []

    @Option(
        help: ArgumentHelp("Write only what follows the grammar in this file (GBNF, from its rule root on).", valueName: "file"))
    var grammar: String?

    @Option(
        help: ArgumentHelp("Write only JSON that the JSON Schema in this file allows.", valueName: "file"))
    var jsonSchema: String?

    @Option(help: ArgumentHelp("Tokens of prompt and text together; the model's own length where not given.", valueName: "count"))
    var context: Int?

    @Option(help: ArgumentHelp("How the context is kept: f32, f16 or q8_0 (half the memory of f16).", valueName: "format"))
    var contextFormat = "f16"

    @Flag(inversion: .prefixedNo, help: "Guess tokens from what stood before and check them together. The text is the same.")
    var speculation = true

    @Flag(help: "With --json, print one object for each piece of text.")
    var stream = false

    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard maxTokens > 0 else { throw ValidationError("--max-tokens must be at least 1.") }
        guard grammar == nil || jsonSchema == nil else { throw ValidationError("Give --grammar or --json-schema, not both.") }
        guard LanguageModelOptions.ContextFormat(rawValue: contextFormat) != nil else {
            throw ValidationError("--context-format must be f32, f16 or q8_0.")
        }
        guard context.map({ $0 > 0 }) ?? true else { throw ValidationError("--context must be at least 1.") }
        guard topK >= 0 else { throw ValidationError("--top-k must be 0 or more.") }
        guard (0...1).contains(topP), topP > 0 else { throw ValidationError("--top-p must lie between 0 and 1.") }
        guard (0...1).contains(minP) else { throw ValidationError("--min-p must lie between 0 and 1.") }
        guard repetitionPenalty > 0 else { throw ValidationError("--repetition-penalty must be more than 0.") }
    }

    func run() async throws {
        try await Interruption.cancelling {
            let prompt = try TextInput.read(words, called: "prompt")
            let model = try ModelStore().languageModel(model, options: modelOptions)
            var output = GenerationJSON(model: model.identity.name)
            for try await event in model.generate(try request(prompt)) {
                switch event {
                case .text(let text):
                    output.text += text
                    if !format.json { StandardOutput.write(Terminal.output.clean(text)) }
                    if format.json && stream { try JSONOutput.line(GenerationEventJSON(event: "text", text: text)) }
                case .finished(let statistics):
                    output.statistics(statistics)
                }
            }
            try Task.checkCancellation()
            if !format.json {
                StandardOutput.line()
            } else if stream {
                try JSONOutput.line(GenerationEventJSON(event: "finished", result: output))
            } else {
                try JSONOutput.document(output)
            }
        }
    }

    private var modelOptions: LanguageModelOptions {
        var options = LanguageModelOptions()
        options.contextLength = context
        options.contextFormat = LanguageModelOptions.ContextFormat(rawValue: contextFormat) ?? .f16
        options.speculates = speculation
        options.adapters = adapters.adapters
        return options
    }

    private func request(_ prompt: String) throws -> GenerationRequest {
        var options = sampling.options
        options.topK = topK
        options.topP = topP
        options.minP = minP
        options.repetitionPenalty = repetitionPenalty
        var messages = [ChatMessage(role: .user, content: prompt)]
        if let system { messages.insert(ChatMessage(role: .system, content: system), at: 0) }
        var request = GenerationRequest(
            messages: messages, maximumTokens: maxTokens, sampling: options, stopSequences: stop)
        if let grammar { request.constraints.append(.grammar(try TextInput.file(grammar))) }
        if let jsonSchema { request.constraints.append(.jsonSchema(try TextInput.file(jsonSchema))) }
        return request
    }
}

/// What `generate --json` prints.
struct GenerationJSON: Encodable {
    var model: String
    var text = ""
    /// `end_of_text`, `stop_sequence` or `length`.
    var reason: String?
    var promptTokens = 0
    var generatedTokens = 0
    var promptSeconds = 0.0
    var generationSeconds = 0.0

    init(model: String) {
        self.model = model
    }

    mutating func statistics(_ statistics: GenerationStatistics) {
        reason = switch statistics.reason {
        case .endOfText: "end_of_text"
        case .stopSequence: "stop_sequence"
        case .length: "length"
        }
        promptTokens = statistics.promptTokens
        generatedTokens = statistics.generatedTokens
        promptSeconds = statistics.promptSeconds
        generationSeconds = statistics.generationSeconds
    }
}

/// One line of `generate --json --stream`.
struct GenerationEventJSON: Encodable {
    /// `text` or `finished`.
    var event: String
    var text: String?
    var result: GenerationJSON?
}
