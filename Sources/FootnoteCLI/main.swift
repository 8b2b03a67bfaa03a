import ArgumentParser
import Footnote

struct FootnoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "footnote",
        abstract: "Ask questions about a folder of documents; every sentence of an answer shows its source.")
}

await FootnoteCommand.main()
