internal import Foundation
import GRDB
import Testing
import VectorIndex

@Suite("Transactions and concurrency")
struct TransactionTests {
    private struct Undo: Error {}
    private let vectors = clusteredVectors(600, dimension: 130, seed: 11)

    @Test("a transaction rolled back leaves nothing, in the file or in memory")
    func rollback() throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 130, neighbors: 6))
        try file.pool.write { try index.insert(items(vectors.prefix(300)), in: $0) }
        let before = try file.pool.read { try index.search(vectors[5], k: 50, in: $0) }
        #expect(throws: Undo.self) {
            try file.pool.write { db throws in
                try index.insert(items(vectors.dropFirst(300), from: 301), in: db)
                try index.remove(ids: 1...200, in: db)
                #expect(try index.count(in: db) == 400)
                #expect(try index.search(vectors[5], k: 500, in: db).count == 400)
                throw Undo()
            }
        }
        func unchanged(_ db: Database) throws -> Bool {
            #expect(try index.check(in: db) == [])
            #expect(try index.count(in: db) == 300)
            return try index.search(vectors[5], k: 50, in: db).elementsEqual(before) { $0 == $1 }
        }
        #expect(try file.pool.read(unchanged))
        #expect(try file.pool.write(unchanged))
    }

    @Test("the writer sees its own changes, readers do not until the commit")
    func isolation() throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 130, neighbors: 6))
        try file.pool.write { try index.insert(items(vectors.prefix(200)), in: $0) }
        let snapshot = try file.pool.makeSnapshot()
        let before = try snapshot.read { try index.search(vectors[250], k: 200, in: $0) }
        try file.pool.write { db throws in
            try index.remove(ids: 1...100, in: db)
            try index.insert(items(vectors[200..<300], from: 201), in: db)
            #expect(try index.search(vectors[250], k: 1, in: db).first?.id == 251)
            let outside = try file.pool.unsafeRead { try index.search(vectors[250], k: 200, in: $0) }
            #expect(outside.elementsEqual(before) { $0 == $1 })
        }
        let after = try file.pool.read { try index.search(vectors[250], k: 500, in: $0) }
        #expect(Set(after.map(\.id)) == Set(101...300))
        // A reader that began before the commit still sees what it saw, now beside a cache that has moved on.
        try snapshot.read { db throws in
            #expect(try index.search(vectors[250], k: 200, in: db).elementsEqual(before) { $0 == $1 })
            #expect(try index.check(in: db) == [])
        }
    }

    @Test("what another connection's index writes is noticed")
    func otherProcess() throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 130, neighbors: 6))
        try file.pool.write { try index.insert(items(vectors.prefix(100)), in: $0) }
        #expect(try file.pool.read { try index.search(vectors[150], k: 500, in: $0).count } == 100)
        let queue = try DatabaseQueue(path: file.path)
        for step in 0..<4 {
            try queue.write { db throws in
                let other = try #require(try VectorIndex.open(named: "main", in: db))
                try other.insert(items(vectors[(100 + step * 50)..<(150 + step * 50)], from: Int64(101 + step * 50)), in: db)
                try other.remove(ids: [Int64(step + 1)], in: db)
            }
            try file.pool.read { db throws in
                #expect(try index.check(in: db) == [])
                #expect(try index.search(vectors[150], k: 500, in: db).count == 100 + (step + 1) * 49)
            }
            try file.pool.write { try index.insert(items(vectors[500...500], from: 1_000), in: $0) }
            try file.pool.write { _ = try index.remove(ids: [1_000], in: $0) }
        }
    }

    @Test("eight readers beside a writer always see a whole index")
    func readersAndWriter() async throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 130, neighbors: 6, constructionWidth: 40))
        let (pool, vectors) = (file.pool, vectors)
        try await pool.write { try index.insert(items(vectors.prefix(150)), in: $0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Each transaction moves a window of 150 vectors on by ten.
                for step in 0..<40 {
                    let first = Int64(step * 10)
                    try await pool.write { db throws in
                        try index.remove(ids: (first + 1)...(first + 10), in: db)
                        let added = (first + 151)...(first + 160)
                        try index.insert(added.map { ($0, vectors[Int($0 - 1)]) }, in: db)
                    }
                }
            }
            for reader in 0..<8 {
                group.addTask {
                    var last: Int64 = 0
                    while last < 401 {
                        let before = last
                        last = try await pool.read { db throws -> Int64 in
                            let found = try index.search(vectors[reader * 70], k: 600, in: db).map(\.id).sorted()
                            let first = try #require(found.first)
                            #expect(first >= before && first % 10 == 1)
                            #expect(found == Array(first...(first + 149)))
                            if reader == 0 { #expect(try index.check(in: db) == []) }
                            return first
                        }
                        await Task.yield()
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a budget smaller than the index holds, and changes no answer")
    func budget() throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 130, neighbors: 6))
        try file.pool.write { try index.insert(items(vectors), in: $0) }
        let full = try file.pool.read { db in try (0..<600).map { try index.search(vectors[$0], k: 10, in: db).map(\.id) } }
        for budget in [0, 10_000, 50_000] {
            index.setCacheBudget(budget)
            #expect(index.cachedBytes <= budget)
            try file.pool.read { db throws in
                for number in 0..<600 {
                    #expect(try index.search(vectors[number], k: 10, in: db).map(\.id) == full[number])
                    #expect(index.cachedBytes <= budget + 1_000)
                }
            }
        }
    }

    @Test("memory taken from the system keeps to the budget, whatever is asked", arguments: CodeKind.allCases)
    func reserved(_ kind: CodeKind) throws {
        let file = try TemporaryDatabase()
        _ = try file.makeIndex(IndexParameters(dimension: 256, neighbors: 8, constructionWidth: 40, code: kind))
        let many = clusteredVectors(3_000, dimension: 256, seed: 4)
        let budget = 1_500_000
        let index = try #require(try file.pool.read { try VectorIndex.open(named: "main", cacheBudget: budget, in: $0) })
        let full = try #require(try file.pool.read { try VectorIndex.open(named: "main", in: $0) })
        try file.pool.write { try full.insert(items(many), in: $0) }
        let odd = SortedIDs((1...3_000).filter { $0 % 2 == 1 })
        try file.pool.read { db throws in
            for number in 0..<300 {
                let (query, filter) = (many[number * 7], number % 3 == 0 ? Filter.ids(odd) : .all)
                let found = try index.search(query, k: 10, filter: filter, in: db).map(\.id)
                #expect(try found == full.search(query, k: 10, filter: filter, in: db).map(\.id))
                // A piece for each size of block may be asked for beyond it.
                #expect(index.reservedBytes <= budget + 512_000)
            }
            #expect(full.reservedBytes > budget + 512_000 || kind == .binary)
        }
    }

    /// In-edges, which searches never read, are left out of what is kept in memory: changes must find them in the file.
    @Test("what searches keep is small, and changes go on from it")
    func changesAfterSearches() throws {
        let file = try TemporaryDatabase()
        let built = try file.makeIndex(IndexParameters(dimension: 48, constructionWidth: 40))
        let vectors = clusteredVectors(2_000, dimension: 48, seed: 51)
        try file.pool.write { try built.insert(items(vectors.prefix(1_500)), in: $0) }
        guard let index = try file.pool.read({ try VectorIndex.open(named: "main", in: $0) }) else { throw VectorIndexError.noSuchIndex("main") }
        try file.pool.read { db in for vector in vectors.prefix(1_500) { _ = try index.search(vector, k: 1, width: 40, in: db) } }
        // 128 bytes of code, 160 of edges, 128 of the exact part; a sixteenth of nodes have further levels and all of their blob.
        #expect(index.cachedBytes < 1_500 * (128 + 160 + 128) + 100 * 320)
        for start in stride(from: 0, to: 500, by: 5) {
            try file.pool.write { db in
                try index.remove(ids: (start..<(start + 5)).map { Int64(2 * $0 + 1) }, in: db)
                try index.insert(items(vectors[(1_500 + start)..<(1_505 + start)], from: 1_501 + Int64(start)), in: db)
            }
            _ = try file.pool.read { try index.search(vectors[start], k: 10, in: $0) }
        }
        try file.pool.read { db throws in
            #expect(try index.check(in: db).isEmpty)
            #expect(try meanRecall(index, clusteredVectors(50, dimension: 48, seed: 52), in: db) >= 0.97)
        }
    }

    @Test("removed vectors are gone from the file, and their slots are used again")
    func secureRemoval() throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 130, neighbors: 6))
        try file.pool.write { try index.insert(items(vectors.prefix(200)), in: $0) }
        // Both parts of a vector: what follows the checksum of each.
        func parts(_ id: Int64) throws -> [Data] {
            try file.pool.read { db in
                let slot = try Int64.fetchOne(db, sql: "SELECT slot FROM vector_index_1_ids WHERE id = ?", arguments: [id])
                return try [("codes", "code", 24), ("vectors", "vector", 4)].map { table, column, header in
                    let sql = "SELECT \(column) FROM vector_index_1_\(table) WHERE slot = ?"
                    return try #require(try Data.fetchOne(db, sql: sql, arguments: [slot])).dropFirst(header)
                }
            }
        }
        func fileHolds(_ part: Data) throws -> Bool {
            try file.pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
            return try Data(contentsOf: URL(fileURLWithPath: file.path)).range(of: part) != nil
        }
        let stored = try parts(42)
        for part in stored { #expect(try fileHolds(part)) }
        try file.pool.write { _ = try index.remove(ids: 1...100, in: $0) }
        for part in stored { #expect(try !fileHolds(part)) }
        try file.pool.write { try index.insert(items(vectors[300..<400], from: 301), in: $0) }
        try file.pool.read { db throws in
            #expect(try Int.fetchOne(db, sql: "SELECT slots FROM vector_indexes") == 200)
            #expect(try index.check(in: db) == [])
        }
    }
}
