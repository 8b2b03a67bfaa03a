import ArgumentParser
import Footnote
import Foundation

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Index files and folders, and keep the knowledge base up to date while they change.",
        discussion: """
            Changes are taken up shortly after they have come to rest. Where the system gives no notice of them, as on \
            network folders, the folders are looked at from time to time. Ends with Control-C; what was indexed stays.
            """)

    @OptionGroup var base: BaseOptions

    @Argument(help: ArgumentHelp("Files and folders.", valueName: "path"), completion: .file())
    var paths: [String]

    @OptionGroup var selection: FileSelectionOptions

    @Option(help: ArgumentHelp("Look at the folders every so many seconds, besides following notices of changes.", valueName: "seconds"))
    var poll: Double?

    func validate() throws {
        if let poll, !(poll >= 1 && poll <= 86_400) { throw ValidationError("--poll is between 1 and 86400 seconds") }
    }

    func run() async throws {
        try await Interruption.cancelling {
            var options = WatchOptions()
            options.indexing = selection.indexingOptions
            options.pollSeconds = poll
            let knowledgeBase = try await KnowledgeBase(
                at: base.locationOrNew().database, options: base.knowledgeBaseOptions)
            let urls = paths.map { URL(fileURLWithPath: $0, relativeTo: BaseOptions.workingDirectory) }
            try await knowledgeBase.watch(urls, options: options) { event in
                switch event {
                case .indexed(let report): StandardOutput.write(IndexingReportText(report: report, dryRun: false, verbose: false).text)
                case .polling(let reason, let seconds): StandardError.notice("\(reason); looking every \(Int(seconds)) s")
                case .failed(let reason): StandardError.notice(reason)
                }
            }
        }
    }
}
