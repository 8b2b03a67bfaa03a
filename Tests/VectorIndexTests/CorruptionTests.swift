internal import Foundation
import GRDB
import Testing
import VectorIndex

@Suite("Damaged tables")
struct CorruptionTests {
    private let vectors = clusteredVectors(300, dimension: 12, seed: 21)

    private static let damages = [
        "UPDATE vector_index_1_links SET links = substr(links, 1, 20)",
        "UPDATE vector_index_1_links SET links = x''",
        "UPDATE vector_index_1_links SET links = CAST(x'ff' || substr(links, 2) AS BLOB)",
        // More edges than there is room for.
        "UPDATE vector_index_1_links SET links = CAST(substr(links, 1, 8) || x'ffff' || substr(links, 11) AS BLOB)",
        // An edge to a slot that does not exist.
        "UPDATE vector_index_1_links SET links = CAST(substr(links, 1, 12) || x'ffffff7f' || substr(links, 17) AS BLOB)",
    "UPDATE vector_index_1_links SET links = CAST(substr(links, 1, 12) || x'ffff' || substr(links, 15) AS BLOB)",
    "UPDATE vector_index_1_links SET links = CAST(substr(links, 1, 16) || x'ffffff7f' || substr(links, 21) AS BLOB)",
        "DELETE FROM vector_index_1_links",
        "DELETE FROM vector_index_1_codes",
        "UPDATE vector_index_1_codes SET code = x'0102'",
        "UPDATE vector_index_1_codes SET code = zeroblob(length(code))",
        "UPDATE vector_index_1_vectors SET vector = x'00'",
        "UPDATE vector_index_1_vectors SET id = id + 1000",
        "DELETE FROM vector_index_1_vectors WHERE slot % 2",
        "UPDATE vector_indexes SET entry = 100000",
        "UPDATE vector_indexes SET entry = -1",
        "UPDATE vector_indexes SET entry = NULL",
        "UPDATE vector_indexes SET top_level = 15",
        "UPDATE vector_indexes SET top_level = 1000",
        "UPDATE vector_indexes SET count = 1000000",
        "UPDATE vector_indexes SET slots = 10",
        "UPDATE vector_indexes SET slots = 9000000000000000000",
        "UPDATE vector_indexes SET generation = -5",
        "UPDATE vector_index_1_ids SET slot = slot + 1",
        "UPDATE vector_index_1_ids SET slot = -slot",
        "DELETE FROM vector_index_1_ids WHERE id % 2",
        "INSERT INTO vector_index_1_free (slot) VALUES (5)",
        "INSERT INTO vector_index_1_free (slot) VALUES (-5)",
    ]

    @Test("is reported as an error or a finding, never a crash or an endless loop", arguments: damages)
    func damage(_ sql: String) throws {
        let file = try TemporaryDatabase()
        try file.makeIndex(IndexParameters(dimension: 12, neighbors: 4)).fill(vectors, file)
        try file.pool.write { try $0.execute(sql: sql) }
        let index = try file.pool.read { try #require(try VectorIndex.open(named: "main", in: $0)) }
        try file.pool.read { db throws in
            #expect(try !index.check(in: db).isEmpty)
            _ = outcome { try index.search(vectors[0], k: 10, in: db) }
            _ = outcome { try index.search(vectors[0], k: 10, filter: .ids(SortedIDs(1...300)), in: db) }
            _ = outcome { try index.search(vectors[0], k: 10, filter: .matching { $0 % 9 == 0 }, in: db) }
            _ = outcome { try index.exactSearch(vectors[0], k: 10, in: db) }
        }
        let change = outcome {
            try file.pool.write { db throws in
                try index.insert(items(vectors.prefix(40), from: 1_000), in: db)
                try index.remove(ids: 1...200, in: db)
            }
        }
        _ = change
        try file.pool.write { db throws in
            _ = try index.rebuild(in: db)
            #expect(try index.check(in: db) == [])
        }
        try file.pool.read { db throws in
            #expect(try index.check(in: db) == [])
            _ = try index.search(vectors[0], k: 10, in: db)
        }
    }

    /// Runs the body; errors of the index and of SQLite are what may come.
    private func outcome(_ body: () throws -> some Any) -> Bool {
        do {
            _ = try body()
            return true
        } catch is VectorIndexError {
            return false
        } catch is DatabaseError {
            return false
        } catch {
            Issue.record("an error of another kind: \(error)")
            return false
        }
    }

    @Test("random bytes in links and codes", arguments: [1, 2, 3, 4] as [UInt64])
    func flippedBytes(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let file = try TemporaryDatabase()
        try file.makeIndex(IndexParameters(dimension: 12, neighbors: 4)).fill(vectors, file)
        try file.pool.write { db throws in
            for table in ["links", "codes"] {
                for _ in 0..<200 {
                    let slot = Int.random(in: 0..<300, using: &generator)
                    let sql = "SELECT \(table == "codes" ? "code" : "links") FROM vector_index_1_\(table) WHERE slot = ?"
                    var blob = try #require(try Data.fetchOne(db, sql: sql, arguments: [slot]))
                    blob[Int.random(in: 0..<blob.count, using: &generator)] = .random(in: 0...255, using: &generator)
                    let column = table == "codes" ? "code" : "links"
                    try db.execute(sql: "UPDATE vector_index_1_\(table) SET \(column) = ? WHERE slot = ?", arguments: [blob, slot])
                }
            }
        }
        let index = try file.pool.read { try #require(try VectorIndex.open(named: "main", in: $0)) }
        for query in vectors.prefix(100) {
            _ = outcome { try file.pool.read { try index.search(query, k: 10, in: $0) } }
            _ = outcome { try file.pool.write { try index.insert([(Int64.random(in: 1...400, using: &generator), query)], in: $0) } }
            _ = outcome { try file.pool.write { try index.remove(ids: [Int64.random(in: 1...400, using: &generator)], in: $0) } }
        }
        try file.pool.write { _ = try index.rebuild(in: $0) }
        #expect(try file.pool.read { try index.check(in: $0) } == [])
    }

    @Test("a rebuild keeps every vector, and a failed change leaves the index as it was")
    func rebuild() throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 12, neighbors: 4))
        try index.fill(vectors, file)
        try file.pool.write { _ = try index.remove(ids: [17, 18], in: $0) }
        let before = try file.pool.read { try index.exactSearch(vectors[3], k: 400, in: $0) }
        try file.pool.write { db throws in
            let report = try index.rebuild(in: db)
            #expect(report.kept == 298 && report.lostSlots.isEmpty)
        }
        try file.pool.read { db throws in
            #expect(try index.exactSearch(vectors[3], k: 400, in: db).elementsEqual(before) { $0 == $1 })
            #expect(try index.search(vectors[3], k: 400, in: db).elementsEqual(before) { $0 == $1 })
            #expect(try index.check(in: db) == [])
        }
    }

    @Test("an index of another format is refused", arguments: [1, 2, 4])
    func otherFormat(number: Int) throws {
        let file = try TemporaryDatabase()
        _ = try file.makeIndex(IndexParameters(dimension: 12))
        try file.pool.write { try $0.execute(sql: "UPDATE vector_indexes SET format = \(number)") }
        #expect(throws: VectorIndexError.unsupported(index: "main", what: "format \(number), this one knows 3")) {
            try file.pool.read { try VectorIndex.open(named: "main", in: $0) }
        }
    }
}

extension VectorIndex {
    fileprivate func fill(_ vectors: [[Float]], _ file: TemporaryDatabase) throws {
        try file.pool.write { try insert(items(vectors), in: $0) }
    }
}
