import ArgumentParser
import Footnote

struct ModelConvertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Make a GGUF file of a model as it is published on Hugging Face.",
        discussion: """
            The folder holds config.json and the weights as safetensors. Matrices keep their type unless --type names \
            another; vectors become F32.
            """)

    @Argument(help: ArgumentHelp("Folder of the published model.", valueName: "folder"), completion: .directory)
    var folder: String

    @Argument(help: ArgumentHelp("The GGUF file to write.", valueName: "file"))
    var output: String

    @Option(help: ArgumentHelp("How matrices are stored: F32, F16 or BF16. Default: as they are.", valueName: "type"))
    var type: String?

    @Flag(help: "Leave the tokenizer out.")
    var withoutTokenizer = false

    func run() async throws {
        try ModelInspection.convert(folder: folder, to: output, type: type, includesTokenizer: !withoutTokenizer)
        StandardOutput.line(Terminal.output.clean(output))
    }
}
