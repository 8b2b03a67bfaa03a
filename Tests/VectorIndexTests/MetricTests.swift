import GRDB
import Testing
import VectorIndex

@Suite("Metrics, batches, radius, threads")
struct MetricTests {
    private let count = 1_500
    private let dimension = 24

    /// Vectors of lengths between a half and two.
    private func vectors(_ seed: UInt64) -> [[Float]] {
        var generator = SeededGenerator(seed: seed)
        return clusteredVectors(count, dimension: dimension, seed: seed).map { vector in
            let length = Float.random(in: 0.5...2, using: &generator)
            return vector.map { $0 * length }
        }
    }

    /// What a score should be, in double precision.
    private func score(_ a: [Float], _ b: [Float], _ metric: Metric) -> Double {
        let product = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        func length(_ v: [Float]) -> Double { v.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot() }
        switch metric {
        case .dot: return product
        case .cosine: return product / length(a) / length(b)
        case .euclidean: return -zip(a, b).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }.squareRoot()
        }
    }

    @Test("searches agree with a plain array", arguments: Metric.allCases)
    func metrics(metric: Metric) throws {
        let vectors = vectors(3)
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: dimension, metric: metric, neighbors: 12))
        try file.pool.write { try index.insert(items(vectors), in: $0) }
        try file.pool.read { db throws in
            #expect(try index.check(in: db) == [])
            var hits = 0
            for query in vectors.prefix(60) {
                let expected = vectors.indices.map { (id: Int64($0 + 1), score: score(query, vectors[$0], metric)) }
                    .sorted { ($1.score, $0.id) < ($0.score, $1.id) }
                let exact = try index.exactSearch(query, k: 10, in: db)
                for (found, wanted) in zip(exact, expected) { #expect(abs(Double(found.score) - wanted.score) < 2e-5) }
                let found = try index.search(query, k: 10, width: 100, in: db)
                hits += Set(found.map(\.id)).intersection(exact.map(\.id)).count
                for match in found {
                    #expect(abs(Double(match.score) - score(query, vectors[Int(match.id - 1)], metric)) < 2e-5)
                }
            }
            #expect(Double(hits) / 600 > 0.97)
        }
    }

    @Test("all within a score are found, and no others", arguments: Metric.allCases)
    func radius(metric: Metric) throws {
        let vectors = vectors(4)
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: dimension, metric: metric, neighbors: 12))
        try file.pool.write { try index.insert(items(vectors), in: $0) }
        try file.pool.read { db throws in
            for rank in [1, 9, 63, 64, 65, 300, count] {
                let exact = try index.exactSearch(vectors[17], k: rank, in: db)
                let least = try #require(exact.last).score
                let found = try index.search(vectors[17], atLeast: least, in: db)
                #expect(found.allSatisfy { $0.score >= least })
                #expect(Double(Set(found.map(\.id)).intersection(exact.map(\.id)).count) >= 0.97 * Double(rank))
            }
            #expect(try index.search(vectors[17], atLeast: 1e9, in: db).isEmpty)
            #expect(try index.search(vectors[17], atLeast: -1e9, limit: 70, in: db).count == 70)
        }
    }

    @Test("a batch of queries has the answers of each")
    func batch() throws {
        let vectors = vectors(5)
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: dimension, neighbors: 8))
        try file.pool.write { try index.insert(items(vectors), in: $0) }
        try file.pool.read { db throws in
            let together = try index.search(Array(vectors.prefix(50)), k: 7, width: 30, in: db)
            for (query, found) in zip(vectors, together) {
                #expect(try index.search(query, k: 7, width: 30, in: db).elementsEqual(found) { $0 == $1 })
            }
        }
    }

    @Test("the graph does not depend on the number of threads")
    func threads() throws {
        let vectors = vectors(6)
        let graphs = try [1, 2, 5].map { threads in
            let file = try TemporaryDatabase()
            let index = try file.makeIndex(IndexParameters(dimension: dimension, neighbors: 8, constructionWidth: 40))
            try file.pool.write { try index.insert(items(vectors), threads: threads, in: $0) }
            return try file.pool.read { db throws in
                #expect(try index.check(in: db) == [])
                return try Row.fetchAll(db, sql: "SELECT slot, links FROM vector_index_1_links ORDER BY slot")
            }
        }
        #expect(graphs[0] == graphs[1] && graphs[0] == graphs[2])
    }

    @Test("of vectors with one id in a call the last counts")
    func repeatedID() throws {
        let vectors = vectors(7)
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: dimension, metric: .dot))
        try file.pool.write { try index.insert((0..<900).map { (Int64($0 % 300), vectors[$0]) }, in: $0) }
        try file.pool.read { db throws in
            #expect(try index.count(in: db) == 300)
            #expect(try index.check(in: db) == [])
            let found = try #require(try index.vector(of: 299, in: db))
            for (a, b) in zip(found, vectors[899]) { #expect(abs(a - b) < 1e-6) }
        }
    }
}
