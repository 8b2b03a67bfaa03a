internal import Foundation
import GRDB
import Testing
import VectorIndex

/// A file of float32 rows in NumPy's .npy format, named by `$FOOTNOTE_TEST_VECTORS`; the first rows are the queries.
private let vectorFile = ProcessInfo.processInfo.environment["FOOTNOTE_TEST_VECTORS"]

@Suite("Real embeddings", .enabled(if: vectorFile != nil), .serialized)
struct RealVectorTests {
    /// The rows of a version 1 .npy file of little-endian float32 in C order.
    static func load(_ path: String) throws -> [[Float]] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        let headerSize = Int(data[8]) + Int(data[9]) << 8
        let header = String(decoding: data[10..<(10 + headerSize)], as: UTF8.self)
        try #require(header.contains("'<f4'") && header.contains("'fortran_order': False"))
        let shape = header.components(separatedBy: "(")[1].components(separatedBy: ")")[0]
            .split(separator: ",").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
        try #require(shape.count == 2)
        return data.dropFirst(10 + headerSize).withUnsafeBytes { bytes in
            (0..<shape[0]).map { row in
                (0..<shape[1]).map { bytes.loadUnaligned(fromByteOffset: 4 * (row * shape[1] + $0), as: Float.self) }
            }
        }
    }

    @Test("recall@10 is at least 0.98, and stays there after half was replaced")
    func recallOnRealVectors() throws {
        let all = try Self.load(try #require(vectorFile))
        let queries = Array(all.prefix(500))
        let base = items(all.dropFirst(1000))
        let file = try TemporaryDatabase()
        let width = ProcessInfo.processInfo.environment["FOOTNOTE_TEST_WIDTH"].flatMap { Int($0) } ?? 128
        let index = try file.makeIndex(IndexParameters(dimension: all[0].count, constructionWidth: width))
        var clock = Stopwatch()
        for start in stride(from: 0, to: base.count, by: 20) {
            try file.pool.write { try index.insert(Array(base[start..<min(start + 20, base.count)]), in: $0) }
        }
        let insertMs = clock.lap() * 1e3 / Double(base.count)
        print("\(base.count) vectors, constructionWidth \(width): \(insertMs) ms an insert (20 a transaction), file \(try size(file.path) / 1_000_000) MB, cache \(index.cachedBytes / 1_000_000) MB")
        let exact = try file.pool.read { db in try queries.map { try index.exactSearch($0, k: 10, in: db) } }
        print("exact search \(clock.lap() * 1e3 / Double(queries.count)) ms")
        try file.pool.read { db throws in
            for width in [20, 40, 50, 80, 100, 200] {
                _ = clock.lap()
                let found = try queries.map { try index.search($0, k: 10, width: width, in: db) }
                let time = clock.lap() / Double(queries.count)
                let mean = zip(found, exact).reduce(0) { $0 + recall($1.0, $1.1) } / Double(queries.count)
                print("  width \(width): recall@10 \(mean), \(time * 1e6) us, \(Int(1 / time)) queries/s")
                if width >= 100 { #expect(mean >= 0.98) }
            }
        }
        let reopened = try DatabaseQueue(path: file.path)
        try reopened.read { db throws in
            _ = clock.lap()
            let fresh = try #require(try VectorIndex.open(named: "main", in: db))
            _ = try fresh.search(queries[0], k: 10, in: db)
            print("  open and first query on a new connection: \(clock.lap() * 1e3) ms, cache \(fresh.cachedBytes) bytes")
            for query in queries[1..<5] {
                _ = try fresh.search(query, k: 10, in: db)
                print("  next: \(clock.lap() * 1e3) ms")
            }
        }
        let findings = try file.pool.read { try index.check(in: $0) }
        print("findings \(findings.count) \(findings.prefix(5))")
        #expect(findings == [])

        _ = clock.lap()
        let half = base.count / 2
        try file.pool.write { _ = try index.remove(ids: (1...Int64(half)), in: $0) }
        print("remove: \(clock.lap() * 1e3 / Double(half)) ms each")
        let again = base.prefix(half).map { (id: $0.id + 1_000_000, vector: $0.vector) }
        for start in stride(from: 0, to: again.count, by: 20) {
            try file.pool.write { try index.insert(Array(again[start..<min(start + 20, again.count)]), in: $0) }
        }
        print("insert again: \(clock.lap() * 1e3 / Double(half)) ms each")
        try file.pool.read { db throws in
            for width in [50, 100, 200] {
                let mean = try meanRecall(index, Array(queries.prefix(200)), width: width, in: db)
                print("  after replacing half, width \(width): recall@10 \(mean)")
                if width >= 100 { #expect(mean >= 0.975) }
            }
            let left = try index.check(in: db)
            print("findings \(left.count) \(left.prefix(5))")
        }
    }

    private func size(_ path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }
}

struct Stopwatch {
    private var last = ContinuousClock.now
    /// Seconds since the last lap.
    mutating func lap() -> Double {
        let now = ContinuousClock.now
        defer { last = now }
        return Double((now - last).components.seconds) + Double((now - last).components.attoseconds) / 1e18
    }
}
