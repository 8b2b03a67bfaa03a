import CKernels
import GRDB
import Testing
import VectorIndex

@Suite("Sketches")
struct SketchTests {
    private static func vector(_ count: Int, _ generator: inout SeededGenerator) -> [Int8] {
        // Like embeddings: normal elements, and a few that are far larger.
        var values = (0..<count).map { _ in (0..<4).reduce(0) { sum, _ in sum + Int.random(in: -12...12, using: &generator) } }
        values[Int.random(in: 0..<count, using: &generator)] = 127
        return values.map { Int8($0) }
    }

    private static func sketch(_ values: [Int8], bias: Float = 0) -> (words: [UInt64], factor: Float) {
        var scratch = [Int32](repeating: 0, count: values.count)
        var words = [UInt64](repeating: 0xABCD, count: ck_sketch_words(values.count))
        let factor = ck_sketch_i8(values, values.count, &scratch, &words)
        #expect(words[0] == 0xABCD && words[1] == 0xABCD, "the first two words are not the sketch's")
        words[0] = UInt64(factor.bitPattern >> 16) << 48 | 0xABCD
        words[1] = UInt64(bias.bitPattern >> 16) << 48 | 0xABCD
        return (words, factor)
    }

    /// Calls with the addresses of rows.
    private static func withRows<T>(_ rows: [[UInt64]], _ body: ([UnsafePointer<UInt64>?]) -> T) -> T {
        let copies = rows.map { row in
            let copy = UnsafeMutableRawPointer.allocate(byteCount: 8 * row.count, alignment: 64).bindMemory(to: UInt64.self, capacity: row.count)
            copy.initialize(from: row, count: row.count)
            return copy
        }
        defer { copies.forEach { UnsafeMutableRawPointer($0).deallocate() } }
        return body(copies.map { UnsafePointer($0) })
    }

    @Test("estimates miss products by what is said, on the average not at all", arguments: [64, 128, 200, 384, 500, 768, 1_024, 4_100])
    func estimates(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        var (errors, squares) = (0.0, 0.0)
        let trials = 300
        for _ in 0..<trials {
            let (a, b) = (Self.vector(count, &generator), Self.vector(count, &generator))
            let (words, factor) = Self.sketch(a)
            var scratch = [Int32](repeating: 0, count: count)
            var planes = [UInt64](repeating: .max, count: 4 * ck_sketch_words(count))
            planes.withUnsafeMutableBufferPointer { planes in
                var query = ck_sketch_query_i8(b, count, 0.5, 1, &scratch, planes.baseAddress)
                var sum: Int32 = 0
                Self.withRows([words]) { ck_sketch_sums(&query, $0, 1, &sum) }
                let product = zip(a, b).reduce(0) { $0 + Int($1.0) * Int($1.1) }
                let error = (Double(factor) * Double(sum) * Double(query.unit) - 0.5 * Double(product)) / (Double(factor) * Double(query.margin))
                errors += error
                squares += error * error
            }
        }
        #expect(abs(errors / Double(trials)) < 0.2, "standard deviations")
        #expect((0.5...1.2).contains((squares / Double(trials)).squareRoot()), "standard deviations")
    }

    @Test("sums and choices are the same on every instruction set", arguments: [64, 100, 384, 500, 1_000, 1_024])
    func instructionSets(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        var scratch = [Int32](repeating: 0, count: count)
        let vectors = (0..<71).map { _ in Self.vector(count, &generator) }
        let slots = vectors.indices.map { UInt32($0) }
        defer { _ = ck_use_isa_on_thread(ck_best_isa()) }
        var expected: (sketches: [[UInt64]], sums: [Int32], kept: [UInt32])?
        for isa in 0...5 {
            _ = ck_use_isa_on_thread(ck_isa(rawValue: UInt32(isa)))
            let sketches = vectors.map { Self.sketch($0, bias: -3).words }
            var planes = [UInt64](repeating: 0, count: 4 * ck_sketch_words(count))
            var sums = [Int32](repeating: -1, count: vectors.count + 1)
            var kept = [UInt32](repeating: .max, count: vectors.count + 1)
            planes.withUnsafeMutableBufferPointer { planes in
                var query = ck_sketch_query_i8(vectors[0], count, 1, 1, &scratch, planes.baseAddress)
                Self.withRows(sketches) { rows in
                    ck_sketch_sums(&query, rows, rows.count, &sums)
                    let count = ck_sketch_select(&query, rows, slots, rows.count, 5_000, &kept)
                    #expect(kept[count...].allSatisfy { $0 == .max || $0 < 71 })
                    kept = Array(kept.prefix(count))
                }
            }
            #expect(sums.last == -1)
            if let expected {
                #expect(expected.sketches == sketches && expected.sums == sums && expected.kept == kept)
            } else {
                #expect(kept.contains(0) && kept.count < 71, "itself at least, but not all")
                expected = (sketches, sums, kept)
            }
        }
    }

    @Test("a slot without a sketch is kept, whatever the bound")
    func none() {
        var scratch = [Int32](repeating: 0, count: 384)
        var planes = [UInt64](repeating: 0, count: 4 * ck_sketch_words(384))
        let zeros = [UInt64](repeating: 0, count: ck_sketch_words(384))
        #expect(Self.sketch([Int8](repeating: 0, count: 384)).factor == 0)
        planes.withUnsafeMutableBufferPointer { planes in
            var query = ck_sketch_query_i8([Int8](repeating: 3, count: 384), 384, 1, 1, &scratch, planes.baseAddress)
            var kept: [UInt32] = [0, 0]
            let count = Self.withRows([zeros, zeros]) { ck_sketch_select(&query, $0, [7, 8], 2, .infinity, &kept) }
            #expect(count == 2 && kept == [7, 8])
        }
    }

    /// With 128 elements or more there are sketches.
    @Test("searches find what exact search finds, for each metric and kind", arguments: Metric.allCases, [CodeKind.int8, .float16])
    func recall(metric: Metric, code: CodeKind) throws {
        let vectors = clusteredVectors(3_100, dimension: 192, seed: 5).enumerated().map { index, vector in
            metric == .cosine ? vector : vector.map { $0 * (1 + Float(index % 7) / 10) }
        }
        let database = try TemporaryDatabase()
        let index = try database.makeIndex(IndexParameters(dimension: 192, metric: metric, code: code))
        try database.pool.write { db in
            try index.insert(vectors.dropFirst(100).enumerated().map { (Int64($0.offset), $0.element) }, in: db)
        }
        var found = 0
        try database.pool.read { db in
            for query in vectors.prefix(100) {
                let exact = Set(try index.exactSearch(query, k: 10, in: db).map(\.id))
                found += try index.search(query, k: 10, width: 80, in: db).count { exact.contains($0.id) }
            }
        }
        #expect(Double(found) / 1_000 > 0.95)
    }

    @Test("a replaced vector is found by what it is now")
    func replaced() throws {
        let vectors = clusteredVectors(1_000, dimension: 128, seed: 9)
        let others = clusteredVectors(1_000, dimension: 128, seed: 10)
        let database = try TemporaryDatabase()
        let index = try database.makeIndex(IndexParameters(dimension: 128))
        try database.pool.write { db in try index.insert(vectors.enumerated().map { (Int64($0.offset), $0.element) }, in: db) }
        // Every sketch is in memory before it is out of date.
        try database.pool.read { db in
            let found = try vectors.count { try index.search($0, k: 1, in: db).first?.score ?? 0 > 0.999 }
            #expect(found > 985)
        }
        try database.pool.write { db in
            _ = try index.remove(ids: (0..<500).map { Int64($0) }, in: db)
            try index.insert((0..<500).map { (Int64($0), others[$0]) }, in: db)
        }
        try database.pool.read { db in
            let right = try (0..<1_000).count { id in
                try index.search(id < 500 ? others[id] : vectors[id], k: 1, in: db).first?.id == Int64(id)
            }
            #expect(right > 985)
        }
    }
}
