internal import Foundation
import GRDB
import Testing
import VectorIndex

@Suite("Vector index")
struct BasicTests {
    @Test("an empty index answers with nothing")
    func empty() throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 3))
        try file.pool.read { db throws in
            #expect(try index.search([1, 0, 0], k: 5, in: db).isEmpty)
            #expect(try index.exactSearch([1, 0, 0], k: 5, in: db).isEmpty)
            #expect(try index.count(in: db) == 0)
            #expect(try index.check(in: db) == [])
        }
    }

    @Test("scores are the exact cosines, best first, ties in order of ids")
    func exactScores() throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 2))
        try file.pool.write { db throws in
            try index.insert([(7, [1, 0]), (3, [0, 2]), (5, [1, 0]), (-1, [-1, 0]), (9, [0.6, 0.8])], in: db)
            let found = try index.search([3, 0], k: 10, in: db)
            #expect(found.map(\.id) == [5, 7, 9, 3, -1])
            #expect(found.map(\.score) == [1, 1, 0.6, 0, -1])
            #expect(try index.check(in: db) == [])
        }
    }

    @Test("k results come whenever k exist", arguments: [1, 2, 10, 64, 300, 1_000])
    func alwaysK(_ k: Int) throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 8, neighbors: 4, constructionWidth: 20))
        try file.pool.write { try index.insert(items(clusteredVectors(300, dimension: 8, spread: 0.05, seed: 3)), in: $0) }
        let query = clusteredVectors(1, dimension: 8, seed: 9)[0]
        try file.pool.read { db throws in
            #expect(try index.search(query, k: k, width: 10, in: db).count == min(k, 300))
            for modulus in [2, 10, 100, 300] as [Int64] {
                let expected = min(k, 300 / Int(modulus))
                let set = SortedIDs((1...300).filter { $0 % modulus == 0 })
                #expect(try index.search(query, k: k, width: 10, filter: .ids(set), in: db).count == expected)
                let found = try index.search(query, k: k, width: 10, filter: .matching { $0 % modulus == 0 }, in: db)
                #expect(found.count == expected && found.allSatisfy { $0.id % modulus == 0 })
            }
        }
    }

    @Test("equal vectors in any number do not tear the graph apart")
    func manyEqual() throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 4, neighbors: 4, constructionWidth: 30))
        try file.pool.write { db throws in
            try index.insert((1...500).map { ($0, [1, 0, 0, 0]) }, in: db)
            try index.insert((501...600).map { ($0, [0, 1, 0, 0]) }, in: db)
            #expect(try index.search([0, 1, 0, 0], k: 100, in: db).allSatisfy { $0.id > 500 && $0.score == 1 })
            #expect(try index.search([1, 0, 0, 0], k: 600, in: db).count == 600)
            #expect(try index.check(in: db) == [])
            #expect(try index.remove(ids: 1...550, in: db) == 550)
            #expect(try index.search([1, 0, 0, 0], k: 600, in: db).count == 50)
        }
    }

    @Test("every vector stays within reach, whatever is like it", arguments: [0, 1e-6, 1e-3, 0.05] as [Float])
    func nearDuplicates(noise: Float) throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 32, neighbors: 4, constructionWidth: 20))
        var random = SeededGenerator(seed: 7)
        let centers = clusteredVectors(12, dimension: 32, seed: 3)
        func near(_ id: Int64) -> [Float] {
            centers[Int(id) % centers.count].map { $0 + noise * Float.random(in: -1...1, using: &random) }
        }
        try file.pool.write { db throws in
            for round in 0..<4 as Range<Int64> {
                let ids = round * 400..<(round + 1) * 400
                try index.insert(ids.map { ($0, near($0)) }, in: db)
                try index.remove(ids: ids.filter { $0 % 3 == 0 }, in: db)
                #expect(try index.check(in: db) == [])
            }
            try index.remove(ids: (0..<1600).filter { $0 % 12 < 6 }, in: db)
            #expect(try index.check(in: db) == [])
            try index.remove(ids: 0..<1600, in: db)
            #expect(try index.check(in: db) == [])
        }
    }

    @Test("recall@10 on clustered vectors is at least 0.98, filtered or not")
    func clusteredRecall() throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 96))
        let vectors = clusteredVectors(6_050, dimension: 96, seed: 1)
        try file.pool.write { try index.insert(items(vectors.dropFirst(50)), in: $0) }
        let queries = Array(vectors.prefix(50))
        try file.pool.read { db throws in
            #expect(try meanRecall(index, queries, in: db) >= 0.98)
            for modulus in [2, 10, 100, 1000] as [Int64] {
                let allowed = SortedIDs((1...6_000).filter { $0 % modulus == 0 })
                #expect(try meanRecall(index, queries, filter: .ids(allowed), in: db) >= 0.97)
                #expect(try meanRecall(index, queries, filter: .matching { $0 % modulus == 0 }, in: db) >= 0.97)
            }
            #expect(try index.check(in: db) == [])
        }
    }

    @Test("the same input gives the same graph")
    func deterministic() throws {
        let vectors = clusteredVectors(400, dimension: 17, seed: 5)
        func links() throws -> [Data?] {
            let file = try TemporaryDatabase()
            let index = try file.makeIndex(IndexParameters(dimension: 17, neighbors: 6))
            for start in stride(from: 0, to: 400, by: 37) {
                try file.pool.write { db throws in
                    try index.insert(items(vectors[start..<min(start + 37, 400)], from: Int64(start)), in: db)
                    try index.remove(ids: [Int64(start) + 3], in: db)
                }
            }
            return try file.pool.read { try Data?.fetchAll($0, sql: "SELECT links FROM vector_index_1_links ORDER BY slot") }
        }
        #expect(try links() == links())
    }

    @Test("indexes of different dimensions stand side by side, and mix-ups name both")
    func sideBySide() throws {
        let file = try TemporaryDatabase()
        let small = try file.makeIndex(IndexParameters(dimension: 3), named: "small")
        let large = try file.makeIndex(IndexParameters(dimension: 5, neighbors: 8, constructionWidth: 40, seed: 9), named: "large")
        try file.pool.write { db throws in
            try small.insert([(1, [1, 0, 0])], in: db)
            try large.insert([(1, [1, 0, 0, 0, 0]), (2, [0, 1, 0, 0, 0])], in: db)
            #expect(try VectorIndex.names(in: db) == ["small", "large"])
            #expect(try VectorIndex.open(named: "large", in: db)?.parameters == large.parameters)
            #expect(try VectorIndex.open(named: "other", in: db) == nil)
            #expect(throws: VectorIndexError.dimensionMismatch(index: "small", expected: 3, found: 5)) {
                try small.search([1, 0, 0, 0, 0], k: 1, in: db)
            }
            #expect(throws: VectorIndexError.alreadyExists("small")) {
                try VectorIndex.create(named: "small", parameters: IndexParameters(dimension: 3), in: db)
            }
            try small.drop(in: db)
            #expect(throws: VectorIndexError.noSuchIndex("small")) { try small.search([1, 0, 0], k: 1, in: db) }
            #expect(try large.count(in: db) == 2)
        }
    }

    @Test("vectors that cannot be are refused and change nothing")
    func badVectors() throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 2))
        for bad in [[Float.nan, 0], [.infinity, 1], [0, 0], [1]] as [[Float]] {
            #expect(throws: VectorIndexError.self) {
                try file.pool.write { try index.insert([(1, [1, 0]), (2, bad)], in: $0) }
            }
        }
        #expect(throws: VectorIndexError.self) { try file.pool.write { try index.insert([(.min, [1, 0])], in: $0) } }
        #expect(throws: VectorIndexError.notInTransaction(index: "main")) {
            try file.pool.writeWithoutTransaction { try index.insert([(1, [1, 0])], in: $0) }
        }
        #expect(try file.pool.read { try index.count(in: $0) } == 0)
    }
}
