import Foundation
import GRDB
import VectorIndex

/// The vectors of chunks, by chunk id: one HNSW index for each generation. Every function runs within the caller's
/// transaction or snapshot.
final class VectorStore: Sendable {
    private let opened = OpenIndexes()

    /// Makes the index of a new generation.
    func create(_ generation: Generation, _ db: Database) throws {
        // Not kept: the caller's transaction may still fail.
        _ = try VectorIndex.create(
            named: Self.name(generation), parameters: IndexParameters(dimension: generation.dimension), in: db)
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
        guard !ids.isEmpty, let index = try openIndex(generation, db) else { return }
        try index.remove(ids: ids, in: db)
    }

    func vector(id: Int64, generation: Generation, _ db: Database) throws -> [Float]? {
        try index(generation, db).vector(of: id, in: db)
    }

    /// The nearest vectors with their cosines, best first.
    func search(
        _ query: [Float], limit: Int, filter: ChunkFilter, generation: Generation, _ db: Database
    ) throws -> [Candidate] {
        let allowed: Filter = switch filter {
        case .all: .all
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
        let known = Set(except.map(\.id)), index = try index(generation, db)
        var result: [Int64: Double] = [:]
        for id in ids where !known.contains(id) {
            guard let vector = try index.vector(of: id, in: db) else { continue }
            result[id] = Double(zip(query, vector).reduce(Float(0)) { $0 + $1.0 * $1.1 })
        }
        return result
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
        try openIndex(generation, db)?.drop(in: db)
        opened.remove(generation.id)
    }

    private func index(_ generation: Generation, _ db: Database) throws -> VectorIndex {
        guard let index = try openIndex(generation, db) else {
            throw DatabaseError(
                resultCode: .SQLITE_CORRUPT, message: "the vector index \(Self.name(generation)) is missing")
        }
        return index
    }

    private func openIndex(_ generation: Generation, _ db: Database) throws -> VectorIndex? {
        if let index = opened[generation.id] { return index }
        guard let index = try VectorIndex.open(named: Self.name(generation), in: db) else { return nil }
        return opened.keep(index, generation.id)
    }

    static func name(_ generation: Generation) -> String { "generation-\(generation.id)" }
}

/// Open indexes by generation: their caches are shared by all readers.
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
