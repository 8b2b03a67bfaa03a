import ArgumentParser
import Footnote
import Foundation

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Ask a question again as its manifest says, and compare the answers.",
        discussion: """
            Reads a file that `footnote ask --manifest FILE` wrote and asks again with the recorded options and models. \
            Says `identical` when the answer has the same bytes; else lists what has changed (models, passages, prompt, \
            answer) and ends with exit status 1.
            """)

    @OptionGroup var base: BaseOptions

    @Argument(help: ArgumentHelp("The manifest.", valueName: "file"), completion: .file())
    var file: String

    @Option(
        name: [.customShort("m"), .customLong("model")],
        help: ArgumentHelp("Language model, if not the recorded one.", valueName: "name"))
    var model: String?

    @Option(help: ArgumentHelp("Embedding model, if not the one the knowledge base was made with.", valueName: "name"))
    var embeddingModel: String?

    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await Interruption.cancelling {
            let url = URL(fileURLWithPath: file, relativeTo: BaseOptions.workingDirectory)
            let manifest = try AnswerManifest(contentsOf: url)
            let knowledgeBase = try await base.open(
                embeddingModel: embeddingModel, languageModel: model ?? manifest.models.language?.name)
            let report = try await knowledgeBase.replay(manifest)
            try show(report)
            if !report.isIdentical { throw ExitStatus.failure.quiet }
        }
    }

    private func show(_ report: ReplayReport) throws {
        if format.json { return try JSONOutput.document(ReplayJSON(report)) }
        if report.isIdentical {
            StandardOutput.line("identical")
            report.differences.forEach { StandardError.notice("without effect: \($0.detail)") }
        } else {
            StandardOutput.line("different")
            report.differences.forEach { StandardOutput.line("  " + Terminal.output.clean($0.detail)) }
        }
    }
}
