internal import Foundation
import GRDB
import Testing
import VectorIndex

/// Random operations on an index and on a dictionary, which must agree after each transaction.
@Suite("Random operations against a model")
struct PropertyTests {
    @Test("insert, replace, remove, roll back, reopen", arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func randomOperations(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let dimension = [2, 7, 130, 33][Int(seed) % 4]
        let file = try TemporaryDatabase()
        var index = try file.makeIndex(
            IndexParameters(dimension: dimension, neighbors: [2, 4, 16][Int(seed) % 3], constructionWidth: 40, seed: seed))
        let source = clusteredVectors(400, dimension: dimension, clusters: 12, seed: seed)
        var model: [Int64: [Float]] = [:]
        for round in 0..<40 {
            var next = model
            do {
                try file.pool.write { db throws in
                    for _ in 0..<Int.random(in: 1...4, using: &generator) {
                        try mutate(index, &next, source, &generator, db)
                    }
                    if round % 7 == 3 { throw Undo() }
                }
                model = next
            } catch is Undo {}
            if round % 11 == 10 {
                index = try file.pool.read { try #require(try VectorIndex.open(named: "main", in: $0)) }
            }
            try file.pool.read { db in try compare(index, model, source, &generator, db) }
        }
        #expect(try file.pool.write { try index.remove(ids: model.keys.sorted(), in: $0) } == model.count)
        try file.pool.read { db throws in
            #expect(try index.check(in: db) == [])
            #expect(try index.search(source[0], k: 3, in: db).isEmpty)
        }
    }

    private struct Undo: Error {}

    private func mutate(
        _ index: VectorIndex, _ model: inout [Int64: [Float]], _ source: [[Float]],
        _ generator: inout SeededGenerator, _ db: Database
    ) throws {
        var changed = model
        func operation() throws {
            if Int.random(in: 0..<3, using: &generator) > 0 {
                let items = (0..<Int.random(in: 1...30, using: &generator)).map { _ in
                    (id: Int64.random(in: -100...100, using: &generator), vector: source.randomElement(using: &generator) ?? [])
                }
                try index.insert(items, in: db)
                for item in items { changed[item.id] = item.vector }
            } else {
                let ids = (0..<Int.random(in: 1...40, using: &generator)).map { _ in Int64.random(in: -100...100, using: &generator) }
                #expect(try index.remove(ids: ids, in: db) == Set(ids).intersection(changed.keys).count)
                for id in ids { changed[id] = nil }
            }
        }
        // Every fourth goes into a savepoint that is rolled back.
        if Int.random(in: 0..<4, using: &generator) == 0 {
            try db.inSavepoint {
                try operation()
                return .rollback
            }
            changed = model
            if Bool.random(using: &generator) { #expect(try index.count(in: db) == model.count) }
        } else {
            try operation()
        }
        model = changed
        if Int.random(in: 0..<3, using: &generator) == 0 {
            #expect(try Set(index.search(source[0], k: 300, in: db).map(\.id)) == Set(model.keys))
        }
    }

    private func compare(
        _ index: VectorIndex, _ model: [Int64: [Float]], _ source: [[Float]], _ generator: inout SeededGenerator,
        _ db: Database
    ) throws {
        #expect(try index.check(in: db) == [])
        #expect(try index.count(in: db) == model.count)
        let query = source.randomElement(using: &generator) ?? []
        let exact = try index.exactSearch(query, k: 1_000, in: db)
        #expect(Set(exact.map(\.id)) == Set(model.keys))
        for (id, score) in exact {
            let expected = zip(query, model[id] ?? []).reduce(Float(0)) { $0 + $1.0 * $1.1 }
            #expect(abs(score - expected) < 1e-5)
        }
        let found = try index.search(query, k: 1_000, in: db)
        #expect(found.elementsEqual(exact) { $0.id == $1.id && $0.score == $1.score })
        let some = SortedIDs(model.keys.filter { $0 % 3 == 0 })
        let filtered = try index.search(query, k: 10, filter: .ids(some), in: db)
        #expect(filtered.allSatisfy { some.contains($0.id) } && filtered.count == min(10, some.ids.count))
    }
}
