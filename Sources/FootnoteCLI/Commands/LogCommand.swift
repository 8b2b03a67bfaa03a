import ArgumentParser
import Footnote

struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "List past questions with their answers and sources, newest first.",
        discussion: """
            `ask` and `chat` keep questions in the knowledge base, unless they are given --no-log or $FOOTNOTE_LOG is \
            `off`. When a document is removed or changes, every entry whose answer was made from it goes too.
            """)

    @OptionGroup var base: BaseOptions

    @Option(name: .customShort("n"), help: ArgumentHelp("Most questions to list.", valueName: "count"))
    var limit = 20

    @Flag(help: "Forget all questions.")
    var clear = false

    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("-n must be at least 1.") }
    }

    func run() async throws {
        try await Interruption.cancelling {
            let knowledgeBase = try await base.open()
            if clear {
                let count = try await knowledgeBase.clearQuestionLog()
                if format.json { return try JSONOutput.document(["cleared": count]) }
                return StandardOutput.line("forgot \(count) question\(count == 1 ? "" : "s")")
            }
            let questions = try await knowledgeBase.questionLog(limit: limit)
            if format.json { return try JSONOutput.document(questions.map(LoggedQuestionJSON.init)) }
            for (index, question) in questions.enumerated() {
                if index > 0 { StandardOutput.line() }
                StandardOutput.write(text(question, root: knowledgeBase))
            }
        }
    }

    private func text(_ question: LoggedQuestion, root knowledgeBase: KnowledgeBase) -> String {
        let terminal = Terminal.output
        var text = terminal.styled(terminal.clean(SourceLine.singleLine(question.question)), .bold) + "  \(question.askedAt)\n"
        text += "  " + (question.outcome == .noEvidence ? "no evidence" : terminal.clean(SourceLine.singleLine(question.answer))) + "\n"
        for source in question.sources {
            let location = SourceLocation(lines: source.firstLine...max(source.firstLine, source.lastLine))
            let place = SourceLine.text(source.document, location, root: knowledgeBase.location.root)
            text += "  [\(source.number)] \(place)  “\(terminal.clean(SourceLine.excerpt(source.quote, limit: 100)))”\n"
        }
        return text
    }
}
