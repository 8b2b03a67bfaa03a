import GRDB
import Testing
import VectorIndex

/// Where walks end, and what scans keep: against exact search.
@Suite("Reach of searches")
struct ReachTests {
    @Test("filters find what exact search finds, at any share and in any metric", arguments: Metric.allCases, CodeKind.allCases)
    func filters(metric: Metric, code: CodeKind) throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 48, metric: metric, constructionWidth: 60, code: code))
        let vectors = clusteredVectors(3_000, dimension: 48, seed: 11)
        let queries = clusteredVectors(20, dimension: 48, seed: 12)
        try file.pool.write { try index.insert(items(vectors), in: $0) }
        try file.pool.read { db throws in
            for step: Int64 in [1, 2, 3, 10, 100, 600] {
                let allowed = (1...3_000).filter { $0 % step == 0 }
                for filter in [Filter.ids(SortedIDs(allowed)), .matching { $0 % step == 0 }] {
                    let mean = try meanRecall(index, queries, filter: filter, in: db)
                    #expect(mean >= 0.95, "one of \(step)")
                }
            }
        }
    }

    /// Where the nearest are copies, their distance is what codes are wrong by: it must not end a walk.
    @Test("a walk does not end among near copies of its query", arguments: [Metric.cosine, .euclidean])
    func nearCopies(metric: Metric) throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 48, metric: metric, constructionWidth: 60))
        let query = clusteredVectors(1, dimension: 48, seed: 21)[0]
        let copies = clusteredVectors(30, dimension: 48, seed: 22).map { other in zip(query, other).map { $0 + 0.004 * $1 } }
        try file.pool.write { try index.insert(items(clusteredVectors(600, dimension: 48, seed: 23) + copies), in: $0) }
        try file.pool.read { db throws in
            for k in [10, 20, 30] {
                let exact = try index.exactSearch(query, k: k, in: db)
                #expect(exact.allSatisfy { $0.id > 600 })
                #expect(recall(try index.search(query, k: k, width: 40, in: db), exact) == 1)
            }
            let allowed = SortedIDs((1...630).filter { $0 % 3 == 0 })
            let few = try index.exactSearch(query, k: 10, filter: .ids(allowed), in: db)
            #expect(recall(try index.search(query, k: 10, width: 40, filter: .ids(allowed), in: db), few) == 1)
        }
    }

    @Test("more width finds more, and reaches all")
    func width() throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 48, constructionWidth: 60))
        try file.pool.write { try index.insert(items(clusteredVectors(3_000, dimension: 48, seed: 31)), in: $0) }
        let queries = clusteredVectors(40, dimension: 48, seed: 32)
        try file.pool.read { db throws in
            let recalls = try [10, 40, 160, 1_000].map { try meanRecall(index, queries, width: $0, in: db) }
            #expect(recalls == recalls.sorted())
            #expect(recalls[2] >= 0.98)
            #expect(recalls[3] == 1)
        }
    }

    /// More lie within what codes can tell apart than a scan puts down before it looks at them, and many are equal.
    @Test("a scan of near copies and equal vectors is exact, whatever is asked for", arguments: Metric.allCases)
    func scan(metric: Metric) throws {
        let file = try TemporaryDatabase()
        let index = try file.makeIndex(IndexParameters(dimension: 48, metric: metric, constructionWidth: 40))
        let query = clusteredVectors(1, dimension: 48, seed: 41)[0]
        let copies = clusteredVectors(440, dimension: 48, seed: 42).map { other in zip(query, other).map { $0 + 0.01 * $1 } }
        let others = clusteredVectors(1_000, dimension: 48, seed: 43)
        try file.pool.write { try index.insert(items(others.prefix(500) + copies + copies + others.suffix(500)), in: $0) }
        let allowed = Filter.ids(SortedIDs((1...1_880).filter { $0 % 40 == 0 || (501...1_380).contains($0) }))
        try file.pool.read { db throws in
            for k in [1, 10, 100, 800, 2_000] {
                let exact = try index.exactSearch(query, k: k, filter: allowed, in: db)
                // So wide that codes alone decide nothing.
                let found = try index.search(query, k: k, width: 2_000, filter: allowed, in: db)
                let isSame = found.elementsEqual(exact) { $0.id == $1.id && $0.score == $1.score }
                #expect(isSame, "\(k) results")
            }
        }
    }
}
