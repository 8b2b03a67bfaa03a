import ArgumentParser
import Footnote

struct AskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Answer a question from the documents, with sources.",
        discussion: """
            Every sentence is followed by the numbers of its sources, which are listed below with the quoted words. A \
            sentence that its source does not bear out is marked. A question without evidence is refused, with exit \
            status 3.
            """)

    @OptionGroup var base: BaseOptions

    @Argument(help: ArgumentHelp("What to ask; - reads standard input.", valueName: "question"))
    var words: [String] = []

    @OptionGroup var answering: AnswerOptions

    @Option(
        help: ArgumentHelp("Write down what the answer was made from, for `footnote replay`.", valueName: "file"),
        completion: .file())
    var manifest: String?

    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await Interruption.cancelling {
            let question = try TextInput.read(words, called: "question")
            let knowledgeBase = try await base.open(
                languageModel: answering.model, adapters: answering.adapters.adapters,
                logsQuestions: answering.logsQuestions)
            let printer = answering.printer(json: format.json, root: knowledgeBase.location.root)
            let answer = try await printer.print(knowledgeBase.ask(question, options: answering.askOptions()))
            if let manifest { try ManifestOutput.write(answer, to: manifest) }
            if answer.outcome == .noEvidence { throw ExitStatus.noEvidence.quiet }
        }
    }
}
