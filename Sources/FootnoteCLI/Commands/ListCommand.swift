import ArgumentParser
import Footnote

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List the documents, or the files that are not among them and why.")

    @OptionGroup var base: BaseOptions
    @OptionGroup var filter: FilterOptions

    @Option(help: ArgumentHelp("List files by what became of them when they were last indexed.", valueName: "status"))
    var files: FileStatusArgument?

    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await Interruption.cancelling {
            let knowledgeBase = try await base.open()
            if let files {
                try show(try await knowledgeBase.files(files.status))
            } else {
                try show(try await knowledgeBase.documents(filter.searchFilter))
            }
        }
    }

    private func show(_ documents: [DocumentInfo]) throws {
        if format.json { return try JSONOutput.document(documents.map(DocumentJSON.init)) }
        let rows = documents.map { document in
            [
                "#\(document.reference.id)", document.reference.path, document.reference.collection,
                "\(document.chunks) chunks",
            ]
        }
        StandardOutput.write(Table.text(rows))
    }

    private func show(_ files: [FileReport]) throws {
        if format.json { return try JSONOutput.document(files.map(FileJSON.init)) }
        StandardOutput.write(Table.text(files.map { [$0.status.rawValue, $0.path, $0.reason ?? ""] }))
    }
}

/// Fates of files as values of a flag.
enum FileStatusArgument: String, CaseIterable, ExpressibleByArgument {
    case all, indexed, skipped, failed, empty

    /// `nil` stands for every status.
    var status: FileReport.Status? { FileReport.Status(rawValue: rawValue) }
}
