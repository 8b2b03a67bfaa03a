import ArgumentParser
import Footnote
import Foundation

struct IndexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Bring the knowledge base up to date with files and folders.",
        discussion: """
            Only what changed is read and embedded; what is gone from a folder is removed. Hidden files, binary files \
            and what .footnoteignore or .gitignore names are left out, and reported. Without a knowledge base \
            anywhere upward, one is made in .footnote in the working directory.

            Exit status 4 when some files could not be indexed; the others are in. What failed is remembered, and tried \
            again when it or what reads it has changed; `status --failed` lists it.
            """)

    @OptionGroup var base: BaseOptions

    @Argument(help: ArgumentHelp("Files and folders.", valueName: "path"), completion: .file())
    var paths: [String]

    @OptionGroup var selection: FileSelectionOptions

    @Option(
        name: [.customShort("m"), .customLong("model")],
        help: ArgumentHelp("Embedding model, by name or path; fixed once the knowledge base is made.", valueName: "name"))
    var model: String?

    @OptionGroup var chunking: ChunkingArguments

    @OptionGroup var prompts: PromptOptions

    @Flag(help: "Read and embed everything again; with --model, change over to that model.")
    var force = false

    @Flag(help: "Report what would be done, and change nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "List every file with what became of it.")
    var verbose = false

    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await Interruption.cancelling {
            let report = try await index()
            if format.json {
                try JSONOutput.document(IndexingReportJSON(report, dryRun: dryRun))
            } else {
                StandardOutput.write(IndexingReportText(report: report, dryRun: dryRun, verbose: verbose).text)
            }
            report.notices.forEach(StandardError.notice)
            if !report.isComplete { throw ExitStatus.someFilesFailed.quiet }
        }
    }

    private func index() async throws -> IndexingReport {
        var options = base.knowledgeBaseOptions
        if let model { options.embeddingModel = .named(model) }
        let knowledgeBase = try await KnowledgeBase(at: base.locationOrNew().database, options: options)
        let urls = paths.map { URL(fileURLWithPath: $0, relativeTo: BaseOptions.workingDirectory) }
        let progress = IndexingProgressView()
        defer { progress.finish() }
        return try await knowledgeBase.index(urls, options: indexingOptions) { progress.show($0) }
    }

    private var indexingOptions: IndexingOptions {
        var options = selection.indexingOptions
        options.force = force
        options.dryRun = dryRun
        options.chunking = chunking.choice
        options.prompts = prompts.prompts
        return options
    }
}

/// The progress bar, fed from the indexing run's own task. Sendable because the lock guards its one variable.
private final class IndexingProgressView: @unchecked Sendable {
    private let lock = NSLock()
    private var bar = ProgressBar(unit: "files")
    private var path = ""

    func show(_ event: IndexingEvent) {
        lock.withLock {
            switch event {
            case .progress(let progress):
                // Bytes settle more steadily than files, so they carry the estimate.
                let fraction = progress.bytesFound > 0 ? Double(progress.bytesDone) / Double(progress.bytesFound) : nil
                bar.update(
                    progress.filesDone, of: progress.filesFound, fraction: fraction,
                    detail: "\(progress.chunks) chunks  \(path)")
            case .file(let file): path = file.path
            case .finished: break
            }
        }
    }

    func finish() { lock.withLock { bar.finish() } }
}
