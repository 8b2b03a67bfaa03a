internal import Foundation
import CKernels
import GRDB
import Testing
import VectorIndex

@Suite("Kinds of codes")
struct CodeKindTests {
    /// Recall within a graph of each kind, and what it may lose.
    private static let leastRecall: [CodeKind: Double] = [.int8: 0.98, .float16: 0.98, .binary: 0.95]

    @Test("recall, exact scores, updates and the deep check, for every kind and metric", arguments: CodeKind.allCases, [Metric.cosine, .euclidean, .dot])
    func everyKind(_ kind: CodeKind, _ metric: Metric) throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 100, metric: metric, code: kind))
        let vectors = clusteredVectors(2_040, dimension: 100, seed: 1)
        try file.pool.write { db throws in
            try index.insert(items(vectors.dropFirst(40)), in: db)
            try index.remove(ids: (1...2_000).filter { $0 % 3 == 0 }, in: db)
            try index.insert(items(vectors[40..<340]), in: db)
        }
        try file.pool.read { db throws in
            #expect(try index.check(in: db) == [])
            #expect(try VectorIndex.open(named: "main", in: db)?.parameters == index.parameters)
            let least = try #require(Self.leastRecall[kind])
            #expect(try meanRecall(index, Array(vectors.prefix(40)), in: db) >= least)
            for query in vectors.prefix(5) {
                for match in try index.search(query, k: 10, in: db) {
                    let product = zip(query, vectors[39 + Int(match.id)]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
                    let expected = metric == .euclidean ? -max(0, 2 - 2 * product).squareRoot() : product
                    #expect(abs(Double(match.score) - expected) < 1e-5)
                }
                let few = try index.scores(query, of: [1, 2, 9_999], in: db)
                let all = try index.exactSearch(query, k: 2_000, in: db)
                #expect(few.count == 2 && few[1] == all.first { $0.id == 1 }?.score)
            }
        }
    }

    @Test("a second index takes over from the first, in steps, whatever changed meanwhile", arguments: CodeKind.allCases)
    func copies(_ kind: CodeKind) throws {
        let file = try TemporaryDatabase()
        let vectors = clusteredVectors(500, dimension: 40, seed: 3)
        let first = try file.makeIndex(IndexParameters(dimension: 40))
        let second = try file.makeIndex(IndexParameters(dimension: 40, neighbors: 8, code: kind), named: "next")
        try file.pool.write { try first.insert(items(vectors[..<400]), in: $0) }
        var last = Int64.min
        for step in 0..<3 {
            let (added, next) = try file.pool.write { try second.copyMissing(from: first, after: last, limit: 100, in: $0) }
            #expect(added == 100)
            last = next
            try file.pool.write { db throws in
                try first.remove(ids: [Int64(step) + 1, 390 - Int64(step)], in: db)
                try first.insert(items(vectors[(400 + step)...(400 + step)], from: 401 + Int64(step)), in: db)
            }
        }
        try file.pool.write { db throws in
            #expect(try second.removeAbsent(from: first, in: db) == 3)
            _ = try second.copyMissing(from: first, limit: .max, in: db)
            try VectorIndex.rename("main", to: "old", in: db)
            try VectorIndex.rename("next", to: "main", in: db)
            #expect(throws: VectorIndexError.alreadyExists("old")) { try VectorIndex.rename("main", to: "old", in: db) }
        }
        try file.pool.read { db throws in
            #expect(try VectorIndex.identity(named: "main", in: db) == second.identity)
            #expect(try second.ids(in: db) == first.ids(in: db))
            #expect(try second.check(in: db) == [])
            for id in try first.ids(in: db) {
                let (a, b) = (try #require(try first.vector(of: id, in: db)), try #require(try second.vector(of: id, in: db)))
                #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-6 })
            }
        }
    }

    @Test("products with rows of signs, on every instruction set", arguments: [1, 7, 8, 63, 64, 65, 130, 384, 1_023])
    func signs(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        let query = (0..<count).map { _ in Int8.random(in: -127...127, using: &generator) }
        let rows = (0..<9).map { _ in (0..<(count + 7) / 8).map { _ in UInt8.random(in: 0...255, using: &generator) } }
        let expected = rows.map { row in
            query.indices.reduce(Int32(0)) { $0 + (row[$1 / 8] >> UInt8($1 % 8) & 1 == 1 ? Int32(query[$1]) : -Int32(query[$1])) }
        }
        for isa in 0...5 {
            _ = ck_use_isa_on_thread(ck_isa(rawValue: UInt32(isa)))
            let copies = rows.map { row in
                let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: row.count)
                copy.initialize(from: row, count: row.count)
                return copy
            }
            defer { copies.forEach { $0.deallocate() } }
            var results = [Int32](repeating: -1, count: rows.count + 1)
            ck_dots_i8_signs(query, copies.map { UnsafePointer($0) as UnsafePointer<UInt8>? }, rows.count, count, &results)
            #expect(Array(results.dropLast()) == expected && results.last == -1)
        }
        _ = ck_use_isa_on_thread(ck_best_isa())
    }
}
