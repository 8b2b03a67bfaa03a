import ArgumentParser
import Footnote
import Foundation

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say what the knowledge base holds.")

    @OptionGroup var base: BaseOptions

    @Flag(help: "List the files that could not be indexed, with the reason.")
    var failed = false

    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await Interruption.cancelling {
            if failed { return try await listFailed() }
            let status = try await base.open().status()
            if format.json {
                try JSONOutput.document(StatusJSON(status))
            } else {
                StandardOutput.write(Table.text(rows(status)))
            }
        }
    }

    private func listFailed() async throws {
        let files = try await base.open().files(.failed)
        if format.json { return try JSONOutput.document(FailedFilesJSON(files: files.map(FileJSON.init))) }
        for file in files {
            StandardOutput.write(Terminal.output.clean(SourceLine.singleLine(file.path) + ": " + (file.reason ?? "")) + "\n")
        }
    }

    private func rows(_ status: KnowledgeBaseStatus) -> [[String]] {
        let size = ByteCountFormatter.string(fromByteCount: status.fileBytes, countStyle: .file)
        var rows = [
            ["database", status.path + (status.isReadOnly ? " (read-only)" : "")], ["size", size],
            ["paths from", status.root], ["documents", "\(status.documents)"], ["chunks", "\(status.chunks)"],
        ]
        if let model = status.model {
            rows.append(["model", "\(model.name), \(status.dimension ?? 0) dimensions"])
        }
        if status.isRebuilding { rows.append(["rebuilding", "a change of model is unfinished; index again to go on"]) }
        rows += status.collections.map { ["collection", "\($0.name) (\($0.documents) documents)"] }
        rows += status.files.sorted { $0.key < $1.key }.map { ["files \($0.key)", "\($0.value)"] }
        return rows
    }
}

/// What `status --failed --json` prints.
struct FailedFilesJSON: Encodable {
    var files: [FileJSON]
}

/// What `status --json` prints.
struct StatusJSON: Encodable {
    struct Collection: Encodable {
        var name: String
        var documents: Int
    }

    var path: String
    var root: String
    var schemaVersion: Int
    var readOnly: Bool
    var documents: Int
    var chunks: Int
    var fileBytes: Int64
    var collections: [Collection]
    var model: String?
    var modelDigest: String?
    var dimension: Int?
    var rebuilding: Bool
    /// How many files had which fate when they were last looked at.
    var files: [String: Int]

    init(_ status: KnowledgeBaseStatus) {
        path = status.path
        root = status.root
        schemaVersion = status.schemaVersion
        readOnly = status.isReadOnly
        documents = status.documents
        chunks = status.chunks
        fileBytes = status.fileBytes
        collections = status.collections.map { Collection(name: $0.name, documents: $0.documents) }
        model = status.model?.name
        modelDigest = status.model?.digest
        dimension = status.dimension
        rebuilding = status.isRebuilding
        files = status.files
    }
}
