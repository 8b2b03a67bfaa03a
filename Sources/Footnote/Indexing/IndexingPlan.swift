import Foundation
import GRDB
import Ingestion

/// What a run has to do: the generation it writes to, the files that are there, and what is known of them.
struct IndexingPlan: Sendable {
    var generation: Generation
    /// Whether the generation is built beside the active one and takes its place at the end.
    var isRebuild: Bool
    var walk: WalkResult
    /// What reads the files; see `IndexingOptions.readers`.
    var readers: String
    /// Remembered files by stored path.
    var known: [String: FileRecord]
    /// Stored paths of documents of the generation to be replaced whose files are gone.
    var lost: [String] = []

    static func make(
        store: KnowledgeStore, provider: EmbeddingProvider, options: IndexingOptions, roots: [URL]
    ) async throws -> IndexingPlan {
        let (generation, old) = try await GenerationChoice(store: store, provider: provider, options: options).make()
        var known = try await store.read { db in try FileRecords.all(generation: generation.id, db) }
        if try await store.read({ db in try Meta.value(.loaders, db) }) != options.readers { forgetFailures(&known) }
        var oldFiles: [String: FileRecord] = [:]
        if let old { oldFiles = try await store.read { db in try FileRecords.all(generation: old.id, db) } }
        let remembered = known.merging(oldFiles) { first, _ in first }
        var start: [URL] = []
        for root in roots {
            let url = KnowledgeBaseLocation.resolved(root)
            guard FileManager.default.fileExists(atPath: url.path) || isRemembered(url, remembered, store) else {
                throw KnowledgeBaseError.noSuchFile(path: root.path)
            }
            start.append(url)
        }
        let also = oldFiles.values.filter { $0.documentID != nil }.map { store.location.file(ofStoredPath: StoredPath.container(of: $0.path) ?? $0.path) }
        let walk = DocumentSource(location: store.location, options: options).walk(start, also: Array(Set(also)))
        var plan = IndexingPlan(generation: generation, isRebuild: old != nil, walk: walk, readers: options.readers, known: known)
        let found = plan.foundPaths
        plan.lost = oldFiles.values.filter { $0.documentID != nil && !found.contains(StoredPath.container(of: $0.path) ?? $0.path) }.map(\.path).sorted()
        return plan
    }

    /// Paths that are there, taken or not.
    var foundPaths: Set<String> {
        Set(walk.files.map(\.path)).union(walk.notTaken.map(\.path))
    }

    func reading(store: KnowledgeStore, provider: EmbeddingProvider, options: IndexingOptions) -> FileReading {
        let generation = generation, containers = Set(known.keys.compactMap(StoredPath.container))
        return FileReading(
            store: store, source: DocumentSource(location: store.location, options: options), generation: generation,
            collection: options.collection, force: options.force && !isRebuild, foundPaths: foundPaths, containers: containers,
            chunker: {
                let model = try await provider.model(of: generation)
                return try ChunkMaker(model: model, parameters: try ChunkingParameters(json: generation.chunking))
            },
            dryRun: options.dryRun)
    }

    /// Remembered files below the walked paths that the walk did not meet.
    func vanished(location: KnowledgeBaseLocation) -> [FileRecord] {
        let found = foundPaths
        // What stands in a file that is now left out goes with it.
        let readable = Set(walk.files.map(\.path)).union(walk.notTaken.filter { $0.status == .failed }.map(\.path))
        return known.values.filter { record in
            let container = StoredPath.container(of: record.path)
            guard !(container.map(readable.contains) ?? found.contains(record.path)) else { return false }
            let path = location.file(ofStoredPath: container ?? record.path).path
            return walk.roots.contains { path.isWithin($0) } && !walk.unreadable.contains { path.isWithin($0) }
        }.sorted { $0.path < $1.path }
    }

    /// Other loaders, or other programs to help them, may make something of what gave nothing.
    private static func forgetFailures(_ known: inout [String: FileRecord]) {
        var paths = Set(known.values.filter { $0.documentID == nil }.map(\.path))
        paths.formUnion(paths.compactMap(StoredPath.container))
        for path in paths { known[path]?.stamp = nil }
    }

    private static func isRemembered(_ url: URL, _ known: [String: FileRecord], _ store: KnowledgeStore) -> Bool {
        known.values.contains { store.location.file(ofStoredPath: $0.path).path.isWithin(url.path) }
    }
}

extension String {
    /// Whether this path is the folder or lies below it.
    func isWithin(_ folder: String) -> Bool {
        self == folder || hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
    }
}

/// Finds or makes the generation that a run writes to.
struct GenerationChoice: Sendable {
    let store: KnowledgeStore
    let provider: EmbeddingProvider
    let options: IndexingOptions

    /// - Returns: the generation to write to, and the one it will replace if it is a rebuild.
    /// - Throws: `KnowledgeBaseError.modelMismatch` when the model is another and `force` is not set.
    func make() async throws -> (Generation, replacing: Generation?) {
        let active = try await store.read { db in try GenerationStore.current(.active, db) }
        let identity = try await provider.identity(stored: active?.model)
        guard let active else {
            return (try await create(identity, state: .active, chunking: try parameters(nil).json()), nil)
        }
        let present = try ChunkingParameters(json: active.chunking)
        let isSameModel = active.model.digest == identity.digest
        guard options.force || isSameModel else {
            throw KnowledgeBaseError.modelMismatch(stored: active, given: identity)
        }
        let wanted = try parameters(present, keepsPrompts: isSameModel)
        if isSameModel, wanted.cutsAndEmbedsLike(present) { return (try await adopt(wanted, active), nil) }
        return (try await create(identity, state: .building, chunking: wanted.json()), active)
    }

    /// What is asked for, and where nothing is, what is there.
    ///
    /// - Parameter keepsPrompts: whether the prompts that are there are for the same model.
    private func parameters(_ present: ChunkingParameters?, keepsPrompts: Bool = false) throws -> ChunkingParameters {
        var result = options.chunking.map { ChunkingParameters($0) } ?? present ?? .standard
        let old = keepsPrompts ? present?.prompts : nil
        let prompts = options.prompts.completed(by: old ?? EmbeddingPrompts())
        result.prompts = prompts == EmbeddingPrompts() ? nil : prompts
        return result
    }

    /// Notes another prompt for questions, which no vector that is there depends on.
    private func adopt(_ wanted: ChunkingParameters, _ active: Generation) async throws -> Generation {
        var generation = active
        generation.chunking = try wanted.json()
        guard generation.chunking != active.chunking, !options.dryRun else { return active }
        let noted = generation
        return try await store.write { db in
            try GenerationStore.setChunking(noted.chunking, of: noted.id, db)
            return noted
        }
    }

    /// Takes up an unfinished generation of the same model, or begins one.
    private func create(_ identity: ModelIdentity, state: Generation.State, chunking: String) async throws -> Generation {
        let model = try await provider.model(stored: nil)
        // Says now, not at the first file, if the model cannot do it.
        _ = try ChunkMaker(model: model, parameters: try ChunkingParameters(json: chunking))
        if options.dryRun {
            return Generation(id: 0, model: identity, dimension: model.dimension, chunking: chunking, state: state)
        }
        let vectors = store.vectors
        return try await store.write { db in
            if let present = try GenerationStore.current(state, db) {
                if present.model.digest == identity.digest, present.chunking == chunking || state == .active {
                    return present
                }
                try GenerationStore.retire(present.id, db)
            }
            let generation = try GenerationStore.create(
                model: identity, dimension: model.dimension, chunking: chunking, state: state, db)
            let settings = try GenerationStore.current(.active, db).flatMap { try vectors.settings($0, db) }
            try vectors.create(generation, settings: settings ?? VectorSettings(), db)
            return generation
        }
    }
}
