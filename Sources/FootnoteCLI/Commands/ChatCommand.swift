import ArgumentParser
import Footnote
import Foundation

struct ChatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Ask one question after another; each may refer to those before.",
        discussion: """
            Reads a question from each line of standard input. /clear forgets what was said, /quit or the end of \
            input ends the conversation. With --json, prints one object for each answer.
            """)

    @OptionGroup var base: BaseOptions
    @OptionGroup var answering: AnswerOptions

    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await Interruption.cancelling {
            let knowledgeBase = try await base.open(
                languageModel: answering.model, adapters: answering.adapters.adapters,
                logsQuestions: answering.logsQuestions)
            var printer = answering.printer(json: format.json, root: knowledgeBase.location.root)
            printer.isPartOfSequence = true
            var history: [ChatMessage] = []
            while let line = nextLine() {
                switch line {
                case "": continue
                case "/quit", "/exit": return
                case "/clear": history = []
                default: try await answer(line, history: &history, from: knowledgeBase, printer: printer)
                }
            }
        }
    }

    private func answer(
        _ question: String, history: inout [ChatMessage], from knowledgeBase: KnowledgeBase, printer: AnswerPrinter
    ) async throws {
        do {
            if answering.explain { say(KnowledgeBase.standalone(question, history: history)) }
            let options = answering.askOptions(history: history)
            let answer = try await printer.print(knowledgeBase.ask(question, options: options))
            guard answer.outcome == .answered else { return }
            history.append(ChatMessage(role: .user, content: question))
            history.append(ChatMessage(role: .assistant, content: answer.sentences.map(\.text).joined(separator: " ")))
        } catch let error where !(error is CancellationError) && Interruption.received == nil {
            // One question that fails does not end the conversation.
            StandardError.error(ErrorReport.message(for: error))
        }
    }

    private func say(_ question: StandaloneQuestion) {
        guard question.wasRewritten else { return }
        let meanings = question.resolved.filter { !$0.expression.isEmpty }.map { "\($0.expression) → \($0.meaning)" }
        let details = meanings.isEmpty ? "" : " (" + meanings.joined(separator: "; ") + ")"
        StandardError.notice("understood as: \(question.text)\(details)")
    }

    /// The next line without surrounding space; `nil` at the end of input.
    private func nextLine() -> String? {
        if Terminal.inputIsInteractive { StandardError.write(Terminal.error.styled("› ", .bold)) }
        let line = Interruption.whileWaiting { readLine() }
        if line == nil, Terminal.inputIsInteractive { StandardError.write("\n") }
        return line?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
