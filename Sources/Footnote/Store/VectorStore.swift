import Foundation
import GRDB
import VectorIndex

/// The vectors of chunks, by chunk id: one HNSW index for each generation. Every function runs within the caller's
/// transaction or snapshot.
final class VectorStore: Sendable {
    private let opened = OpenIndexes()
    /// Bytes that each open index may keep in memory; nil for a quarter of the machine's.
    let budget: Int?

    init(budget: Int? = nil) { self.budget = budget }

    /// Makes the index of a new generation.
    func create(_ generation: Generation, settings: VectorSettings = VectorSettings(), _ db: Database) throws {
        // Not kept: the caller's transaction may still fail.
        _ = try VectorIndex.create(
            named: Self.name(generation), parameters: settings.parameters(dimension: generation.dimension), in: db)
    }

    /// - Parameter vectors: row-major, `ids.count × generation.dimension`.
    func insert(ids: [Int64], vectors: [Float], generation: Generation, _ db: Database) throws {
        guard !ids.isEmpty else { return }
        let dimension = generation.dimension
        let items = ids.enumerated().map { index, id in
            (id: id, vector: Array(vectors[(index * dimension)..<((index + 1) * dimension)]))
        }
        try index(generation, db).insert(items, in: db)
    }

    func delete(ids: [Int64], generation: Generation, _ db: Database) throws {
        // A generation that is being dropped has no index any more.
        guard !ids.isEmpty else { return }
        // From the others too: what was removed must be nowhere.
        for role in Role.allCases { try openIndex(generation, role, db)?.remove(ids: ids, in: db) }
    }

    func vector(id: Int64, generation: Generation, _ db: Database) throws -> [Float]? {
        try index(generation, db).vector(of: id, in: db)
    }

    /// The nearest vectors with their cosines, best first.
    func search(
        _ query: [Float], limit: Int, filter: ChunkFilter, generation: Generation, _ db: Database
    ) throws -> [Candidate] {
        let allowed: Filter = switch filter {
        // Each generation has an index of its own.
        case .all, .generation: .all
        case .only(let ids): .ids(SortedIDs(ids))
        }
        return try index(generation, db)
            .search(query, k: limit, width: max(limit, 100), filter: allowed, in: db)
            .map { Candidate(id: $0.id, score: Double($0.score)) }
    }

    /// Cosines of chunks that are not among the candidates.
    func cosines(
        _ query: [Float], ids: [Int64], except: [Candidate], generation: Generation, _ db: Database
    ) throws -> [Int64: Double] {
        let known = Set(except.map(\.id))
        return try index(generation, db).scores(query, of: ids.filter { !known.contains($0) }, in: db).mapValues { Double($0) }
    }

    func count(generation: Generation, _ db: Database) throws -> Int { try index(generation, db).count(in: db) }

    /// What is wrong with the graph, one sentence each.
    func check(_ generation: Generation, limit: Int, _ db: Database) throws -> [String] {
        try index(generation, db).check(limit: limit, in: db).map(\.description)
    }

    /// Makes the graph anew from the vectors, and removes those of chunks that are not there.
    /// - Returns: the chunks among the given that have a vector.
    func repair(_ generation: Generation, chunks: Set<Int64>, _ db: Database) throws -> Set<Int64> {
        let index = try index(generation, db)
        _ = try index.rebuild(in: db)
        let held = try Set(index.ids(in: db))
        try index.remove(ids: held.subtracting(chunks).sorted(), in: db)
        return held.intersection(chunks)
    }

    /// Removes a generation's vectors and their graph. Does nothing when they are gone.
    func drop(_ generation: Generation, _ db: Database) throws {
        for role in Role.allCases { try drop(role, generation, db) }
    }

    func drop(_ role: Role, _ generation: Generation, _ db: Database) throws {
        guard let index = try openIndex(generation, role, db) else { return }
        try index.drop(in: db)
        opened.remove(index.identity)
    }

    func index(_ generation: Generation, _ db: Database) throws -> VectorIndex {
        guard let index = try openIndex(generation, .current, db) else {
            throw DatabaseError(
                resultCode: .SQLITE_CORRUPT, message: "the vector index \(Self.name(generation)) is missing")
        }
        return index
    }

    func openIndex(_ generation: Generation, _ role: Role = .current, _ db: Database) throws -> VectorIndex? {
        let name = Self.name(generation, role)
        // Names change hands when one index takes another's place; identities do not.
        guard let identity = try VectorIndex.identity(named: name, in: db) else { return nil }
        if let index = opened[identity] { return index }
        guard let index = try VectorIndex.open(named: name, cacheBudget: budget, in: db) else { return nil }
        return opened.keep(index, identity)
    }

    /// Which of a generation's indexes: the one that answers, the one that is being built to take its place, or the one
    /// whose place was taken.
    enum Role: String, CaseIterable {
        case current = ""
        case next = ".next"
        case previous = ".previous"
    }

    static func name(_ generation: Generation, _ role: Role = .current) -> String { "generation-\(generation.id)\(role.rawValue)" }
}

/// Open indexes by identity: their caches are shared by all readers.
private final class OpenIndexes: Sendable {
    // Why unsafe is sound: the dictionary is only touched under the lock.
    private nonisolated(unsafe) var indexes: [Int64: VectorIndex] = [:]
    private let lock = NSLock()

    subscript(id: Int64) -> VectorIndex? { lock.withLock { indexes[id] } }

    /// Keeps an index, or returns the one that was kept meanwhile.
    func keep(_ index: VectorIndex, _ id: Int64) -> VectorIndex {
        lock.withLock {
            if let present = indexes[id] { return present }
            indexes[id] = index
            return index
        }
    }

    func remove(_ id: Int64) { _ = lock.withLock { indexes.removeValue(forKey: id) } }
}
