import ArgumentParser
import Footnote
import Foundation

struct ModelAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Put a model from disk into the model folder.",
        discussion: "A GGUF file, or a folder with model.safetensors, config.json and a tokenizer. It is read as a model first.")

    @Argument(help: ArgumentHelp("The file or folder.", valueName: "path"), completion: .file())
    var path: String

    @Option(help: ArgumentHelp("Name it gets. Default: its own.", valueName: "name"))
    var name: String?

    @Flag(help: "Make a symbolic link instead of a copy.")
    var link = false

    func run() async throws {
        let url = URL(fileURLWithPath: path, relativeTo: BaseOptions.workingDirectory)
        let location = try ModelStore().add(url, name: name, linking: link)
        StandardOutput.line(Terminal.output.clean(location.url.path))
    }
}

struct ModelShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Say what a model is: architecture, weights, tokenizer, digest.")

    @Argument(help: ArgumentHelp("Name, or path of a model file.", valueName: "name"))
    var name: String

    @OptionGroup var format: FormatOptions

    func run() async throws {
        let model = try ModelStore().describe(name)
        if format.json { return try JSONOutput.document(ModelJSON(model)) }
        StandardOutput.write(Table.text(rows(model)))
        if let template = model.chatTemplate {
            StandardOutput.write("\nchat template\n" + Terminal.output.clean(template) + "\n")
        }
    }

    private func rows(_ model: ModelDescription) -> [[String]] {
        let types = model.weightTypes.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
        var rows = [
            ["name", model.name], ["path", model.path], ["format", model.format.rawValue],
            ["architecture", model.architecture],
            ["parameters", String(format: "%.1f million", Double(model.parameters) / 1e6)],
            ["tensors", types.joined(separator: ", ")], ["tokenizer", model.tokenizer],
            ["size", ByteCountFormatter.string(fromByteCount: model.bytes, countStyle: .file)],
            ["SHA-256", model.digest],
        ]
        if let count = model.vocabularyCount { rows.insert(["vocabulary", "\(count) tokens"], at: 7) }
        if let length = model.contextLength { rows.insert(["context", "\(length) tokens"], at: 7) }
        return rows
    }
}

struct ModelRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Delete models from the model folder; of a linked one, the link.")

    @Argument(help: ArgumentHelp("Names of models.", valueName: "name"))
    var names: [String]

    func run() async throws {
        let store = ModelStore()
        for name in names {
            let location = try store.find(name)
            try store.remove(name)
            StandardOutput.line(Terminal.output.clean(location.url.path))
        }
    }
}

/// What `model show --json` prints.
struct ModelJSON: Encodable {
    var name: String
    var path: String
    var format: String
    var architecture: String
    var parameters: Int
    /// Number of tensors by type.
    var weightTypes: [String: Int]
    var tokenizer: String
    var vocabularyCount: Int?
    var contextLength: Int?
    var chatTemplate: String?
    var bytes: Int64
    /// SHA-256 of the weights.
    var digest: String

    init(_ model: ModelDescription) {
        name = model.name
        path = model.path
        format = model.format.rawValue
        architecture = model.architecture
        parameters = model.parameters
        weightTypes = model.weightTypes
        tokenizer = model.tokenizer
        vocabularyCount = model.vocabularyCount
        contextLength = model.contextLength
        chatTemplate = model.chatTemplate
        bytes = model.bytes
        digest = model.digest
    }
}
