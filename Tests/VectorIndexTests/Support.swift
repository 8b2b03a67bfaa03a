internal import Foundation
import GRDB
import VectorIndex

/// SplitMix64: the same sequence on every machine.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Unit vectors around cluster centres that themselves lie in clusters, as embeddings of texts do.
func clusteredVectors(_ count: Int, dimension: Int, clusters: Int = 40, spread: Float = 0.7, seed: UInt64) -> [[Float]] {
    var generator = SeededGenerator(seed: seed)
    func direction(around centre: [Float]?, _ spread: Float) -> [Float] {
        var vector = (0..<dimension).map { _ in
            // The sum of uniform numbers is near enough to a normal one.
            (0..<4).reduce(Float(0)) { sum, _ in sum + Float.random(in: -1...1, using: &generator) }
        }
        normalize(&vector)
        if let centre { for index in vector.indices { vector[index] = centre[index] + spread * vector[index] } }
        normalize(&vector)
        return vector
    }
    let top = (0..<max(clusters / 8, 1)).map { _ in direction(around: nil, 1) }
    let centres = (0..<clusters).map { direction(around: top[$0 % top.count], 0.8) }
    return (0..<count).map { _ in direction(around: centres[Int.random(in: 0..<clusters, using: &generator)], spread) }
}

func normalize(_ vector: inout [Float]) {
    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    if length > 0 { for index in vector.indices { vector[index] /= length } }
}

/// A database file in a folder of its own, removed with the value.
final class TemporaryDatabase {
    let folder: URL
    let pool: DatabasePool
    var path: String { folder.appendingPathComponent("test.sqlite").path }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("vector-index-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        pool = try DatabasePool(path: folder.appendingPathComponent("test.sqlite").path)
    }

    deinit {
        try? pool.close()
        try? FileManager.default.removeItem(at: folder)
    }

    func makeIndex(_ parameters: IndexParameters, named name: String = "main") throws -> VectorIndex {
        try pool.write { db in try VectorIndex.create(named: name, parameters: parameters, in: db) }
    }
}

/// The share of the exact results that a search found.
func recall(_ found: [(id: Int64, score: Float)], _ exact: [(id: Int64, score: Float)]) -> Double {
    guard !exact.isEmpty else { return 1 }
    return Double(Set(found.map(\.id)).intersection(exact.map(\.id)).count) / Double(exact.count)
}

/// Mean recall@10 of a search over queries.
func meanRecall(
    _ index: VectorIndex, _ queries: [[Float]], width: Int = 100, filter: Filter = .all, in db: Database
) throws -> Double {
    var sum = 0.0
    for query in queries {
        let exact = try index.exactSearch(query, k: 10, filter: filter, in: db)
        sum += recall(try index.search(query, k: 10, width: width, filter: filter, in: db), exact)
    }
    return sum / Double(queries.count)
}

func items(_ vectors: some Sequence<[Float]>, from first: Int64 = 1) -> [(id: Int64, vector: [Float])] {
    vectors.enumerated().map { (first + Int64($0.offset), $0.element) }
}
