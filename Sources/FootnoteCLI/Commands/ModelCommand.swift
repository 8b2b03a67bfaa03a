import ArgumentParser
import Footnote
import Foundation

struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Look after the models.",
        discussion: """
            Models lie in $FOOTNOTE_MODELS, else in $XDG_DATA_HOME/footnote/models, else in \
            ~/.local/share/footnote/models: GGUF files, and folders with model.safetensors.
            """,
        subcommands: [
            ModelListCommand.self, ModelPullCommand.self, ModelAddCommand.self, ModelShowCommand.self,
            ModelRemoveCommand.self, ModelConvertCommand.self, ModelQuantizeCommand.self, ModelLogitsCommand.self,
            ModelBenchCommand.self,
        ])
}

struct ModelListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the models in the model folder.")

    @OptionGroup var format: FormatOptions

    func run() async throws {
        let store = ModelStore()
        let models = try store.names().map { try ModelListingJSON(store.find($0)) }
        if format.json { return try JSONOutput.document(models) }
        if models.isEmpty { StandardError.notice("no models in \(store.folder.path); `footnote model pull` fetches the default ones") }
        StandardOutput.write(
            Table.text(models.map { model in
                [model.name, model.format, ByteCountFormatter.string(fromByteCount: model.bytes, countStyle: .file), model.role]
            }))
    }
}

/// A model as `model list --json` prints it.
struct ModelListingJSON: Encodable {
    var name: String
    /// `gguf` or `safetensors`.
    var format: String
    var path: String
    var bytes: Int64
    /// `default embedding model`, `default language model`, or empty.
    var role: String

    init(_ location: ModelLocation) {
        name = location.name
        format = location.format.rawValue
        path = location.url.path
        let attributes = try? FileManager.default.attributesOfItem(atPath: location.weights.path)
        bytes = (attributes?[.size] as? NSNumber)?.int64Value ?? 0
        role = switch name {
        case ModelStore.defaultEmbeddingModel: "default embedding model"
        case let name where name.hasPrefix(ModelStore.defaultLanguageModel): "default language model"
        default: ""
        }
    }
}

struct ModelPullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Fetch models; by default the two default ones.",
        discussion: """
            The default models are checked against digests that are part of this program. Others come from Hugging \
            Face as OWNER/NAME, or OWNER/NAME:FILE where there are several. What is there already is not fetched.
            """)

    @Argument(help: ArgumentHelp("Names of models.", valueName: "name"))
    var names: [String] = []

    func run() async throws {
        try await Interruption.cancelling {
            let store = ModelStore()
            let defaults = [ModelStore.defaultEmbeddingModel, ModelStore.defaultLanguageModel]
            for name in names.isEmpty ? defaults : names {
                let view = PullProgressView(name: name)
                defer { view.finish() }
                let location = try await store.pull(name) { view.show($0) }
                view.finish()
                StandardOutput.line(Terminal.output.clean(location.url.path))
            }
        }
    }
}

/// Progress of one download. Sendable because the lock guards its variables.
private final class PullProgressView: @unchecked Sendable {
    private let lock = NSLock()
    private let name: String
    private var bar = ProgressBar(unit: "MB")
    private var sources: Set<String> = []

    init(name: String) {
        self.name = name
    }

    func show(_ progress: ModelPullProgress) {
        lock.withLock {
            if sources.insert(progress.source).inserted {
                bar.finish()
                StandardError.notice("fetching \(name) from \(progress.source)")
            }
            let total = progress.totalBytes.map { Int($0 / 1_000_000) }
            if progress.bytes > 0 { bar.update(Int(progress.bytes / 1_000_000), of: total, detail: progress.file) }
        }
    }

    func finish() { lock.withLock { bar.finish() } }
}
