import ArgumentParser
import Footnote

struct RemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take documents out of the knowledge base; the files stay.",
        discussion: "Text, words and vectors of a removed document are gone from the database file.")

    @OptionGroup var base: BaseOptions

    @Argument(
        help: ArgumentHelp("Documents by path, end of path or #id, or folders with all below.", valueName: "document"))
    var documents: [String] = []

    @OptionGroup var filter: FilterOptions
    @OptionGroup var format: FormatOptions

    func validate() throws {
        let hasFilter = !filter.collections.isEmpty || !filter.paths.isEmpty
        guard documents.isEmpty == hasFilter else {
            throw ValidationError("Name either documents, or --collection and --path.")
        }
    }

    func run() async throws {
        try await Interruption.cancelling {
            let knowledgeBase = try await base.open()
            var removed: [DocumentReference] = []
            for document in documents { removed += try await knowledgeBase.remove(path: document) }
            if documents.isEmpty { removed = try await knowledgeBase.remove(filter.searchFilter) }
            if format.json {
                try JSONOutput.document(["removed": removed.map(DocumentReferenceJSON.init)])
            } else {
                removed.forEach { StandardOutput.line(Terminal.output.clean($0.path)) }
                StandardError.notice(removed.count == 1 ? "1 document removed" : "\(removed.count) documents removed")
            }
        }
    }
}
