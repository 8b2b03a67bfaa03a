import ArgumentParser
import Footnote
import Foundation

@main
struct FootnoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "footnote",
        abstract: "Ask questions about a folder of documents; every sentence of an answer shows its source.",
        discussion: """
            Everything runs on this machine. A knowledge base is one SQLite file in a folder called .footnote, which \
            is found from the working directory upward, or named with --db or $FOOTNOTE_DB.

            Results go to standard output; progress, notices and errors to standard error. Exit status: 0 done, \
            1 error, 3 nothing in the knowledge base answers, 4 some files could not be indexed, 64 the command \
            line was not understood, 130 interrupted.
            """,
        version: FootnoteLibrary.version,
        subcommands: [
            IndexCommand.self, WatchCommand.self, ExtractCommand.self, AskCommand.self, ChatCommand.self, SearchCommand.self, ListCommand.self,
            GetCommand.self, RemoveCommand.self, StatusCommand.self, DoctorCommand.self, GenerationCommand.self, ModelCommand.self,
            ReplayCommand.self, LogCommand.self, EmbedCommand.self, GenerateCommand.self, TokenizeCommand.self,
            EvalCommand.self,
        ])

    /// Replaces the parser's own entry point, so that errors are one line and the exit status is ours.
    static func main() async {
        // Writing to a closed pipe then fails with EPIPE, which StandardOutput handles.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            ErrorReport.exit(with: error)
        }
    }
}
