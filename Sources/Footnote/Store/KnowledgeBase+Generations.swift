import GRDB
import VectorIndex

/// What answers, and what one can go back to.
public struct GenerationInfo: Hashable, Sendable, Codable {
    public enum State: String, Hashable, Sendable, Codable {
        /// Answers searches.
        case active
        /// Is being built beside it.
        case building
        /// Answered before: `rollback` brings it back, `dropPrevious` removes it.
        case previous
    }

    public var state: State
    public var model: String
    public var dimension: Int
    public var vectors: Int
    public var settings: VectorSettings
}

extension KnowledgeBase {
    /// Vectors moved in one transaction of a rebuild.
    private static let rebuildStep = 1_000

    /// The active generation first, then what is being built and what was kept.
    public func generations() async throws -> [GenerationInfo] {
        let vectors = store.vectors
        return try await store.read { db in
            var result: [GenerationInfo] = []
            func add(_ generation: Generation?, _ role: VectorStore.Role, _ state: GenerationInfo.State) throws {
                guard let generation, let index = try vectors.openIndex(generation, role, db) else { return }
                result.append(GenerationInfo(
                    state: state, model: generation.model.name, dimension: generation.dimension,
                    vectors: try index.count(in: db), settings: VectorSettings(index.parameters)))
            }
            let active = try GenerationStore.current(.active, db)
            try add(active, .current, .active)
            try add(active, .next, .building)
            try add(GenerationStore.current(.building, db), .current, .building)
            try add(active, .previous, .previous)
            try add(GenerationStore.previous(db), .current, .previous)
            return result
        }
    }

    /// Builds the vector index anew with other settings, beside the one that answers, which it replaces in one
    /// transaction at the end; the old one is kept to go back to. What was built stays when it is interrupted: the same call
    /// goes on from there.
    ///
    /// - Parameter progress: vectors done, of how many.
    /// - Throws: `KnowledgeBaseError`, `CancellationError`.
    public func rebuildVectors(_ settings: VectorSettings, progress: @Sendable (Int, Int) -> Void = { _, _ in }) async throws {
        let vectors = store.vectors
        guard let generation = try await store.read({ db in try GenerationStore.current(.active, db) }) else { return }
        try await store.write { db in try vectors.prepareNext(generation, settings, db) }
        var last = Int64.min
        while true {
            try Task.checkCancellation()
            let from = last
            let (added, next, done, total) = try await store.write { db in
                try vectors.fillNext(generation, after: from, limit: Self.rebuildStep, db)
            }
            progress(done, total)
            last = next
            if added == 0 { break }
        }
        try await store.write { db in
            try vectors.switchToNext(generation, db)
            // One step back is kept, not two.
            try Meta.set(.previousGeneration, nil, db)
        }
        try await store.dropRetiredGenerations()
        try await store.tidy()
    }

    /// Makes what answered before the last change of model, cutting or vector settings answer again, in one transaction; what
    /// answers now is kept to go back to. Documents that were changed since are missing after a change of model is undone,
    /// until they are indexed again.
    ///
    /// - Returns: false when there is nothing to go back to.
    @discardableResult
    public func rollback() async throws -> Bool {
        let vectors = store.vectors
        return try await store.write { db in
            guard let active = try GenerationStore.current(.active, db) else { return false }
            if try vectors.switchToPrevious(active, db) { return true }
            guard let previous = try GenerationStore.previous(db) else { return false }
            try GenerationStore.activate(previous.id, db)
            return true
        }
    }

    /// Removes what was kept to go back to, and a half-built vector index.
    ///
    /// - Returns: false when there was nothing.
    @discardableResult
    public func dropPrevious() async throws -> Bool {
        let vectors = store.vectors
        let had = try await store.write { db in
            let had = try GenerationStore.previous(db) != nil
            try Meta.set(.previousGeneration, nil, db)
            guard let active = try GenerationStore.current(.active, db) else { return had }
            let others = try [VectorStore.Role.next, .previous].filter { try vectors.openIndex(active, $0, db) != nil }
            for role in others { try vectors.drop(role, active, db) }
            return had || !others.isEmpty
        }
        try await store.dropRetiredGenerations()
        try await store.tidy()
        if had { try await store.checkpoint() }
        return had
    }
}

/// Steps of a rebuild, each within the caller's transaction.
extension VectorStore {
    func settings(_ generation: Generation, _ db: Database) throws -> VectorSettings? {
        try openIndex(generation, .current, db).map { VectorSettings($0.parameters) }
    }

    /// Makes the index that will take the place of the current one, unless it was begun before with the same settings.
    func prepareNext(_ generation: Generation, _ settings: VectorSettings, _ db: Database) throws {
        let parameters = settings.parameters(dimension: generation.dimension)
        if let begun = try openIndex(generation, .next, db) {
            if begun.parameters == parameters { return }
            try drop(.next, generation, db)
        }
        _ = try VectorIndex.create(named: Self.name(generation, .next), parameters: parameters, in: db)
    }

    /// Adds some more vectors to it.
    func fillNext(
        _ generation: Generation, after: Int64, limit: Int, _ db: Database
    ) throws -> (added: Int, last: Int64, done: Int, total: Int) {
        let current = try index(generation, db)
        guard let next = try openIndex(generation, .next, db) else { return (0, after, 0, 0) }
        let (added, last) = try next.copyMissing(from: current, after: after, limit: limit, in: db)
        return (added, last, try next.count(in: db), try current.count(in: db))
    }

    /// Brings it up to date and exchanges the names.
    func switchToNext(_ generation: Generation, _ db: Database) throws {
        try drop(.previous, generation, db)
        try exchange(.next, generation, db)
    }

    /// Brings the index whose place was taken up to date and gives the place back. False when there is none.
    func switchToPrevious(_ generation: Generation, _ db: Database) throws -> Bool {
        guard try openIndex(generation, .previous, db) != nil else { return false }
        try VectorIndex.rename(Self.name(generation, .previous), to: Self.name(generation) + ".returning", in: db)
        try exchange(named: Self.name(generation) + ".returning", generation, db)
        return true
    }

    private func exchange(_ role: Role, _ generation: Generation, _ db: Database) throws {
        try exchange(named: Self.name(generation, role), generation, db)
    }

    private func exchange(named name: String, _ generation: Generation, _ db: Database) throws {
        let current = try index(generation, db)
        guard let other = try VectorIndex.open(named: name, cacheBudget: budget, in: db) else { return }
        try other.removeAbsent(from: current, in: db)
        _ = try other.copyMissing(from: current, limit: .max, in: db)
        try VectorIndex.rename(Self.name(generation), to: Self.name(generation, .previous), in: db)
        try VectorIndex.rename(name, to: Self.name(generation), in: db)
    }
}
