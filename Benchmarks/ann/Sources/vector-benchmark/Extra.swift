import Foundation
import GRDB
import VectorIndex

extension Run {
    private func mean(_ found: [[Match]], _ exact: [[Int64]]) -> Double {
        let hits = zip(found, exact).reduce(0) { $0 + Set($1.0.map(\.id)).intersection($1.1).count }
        return Double(hits) / Double(max(exact.reduce(0) { $0 + $1.count }, 1))
    }

    /// The ten nearest by looking at every row, in memory: what a filter's search must not be slower than.
    private func scan(_ query: [Float], _ rows: [(id: Int64, vector: [Float])]) -> [Int64] {
        var best: [(score: Double, id: Int64)] = []
        for row in rows {
            let score = Similarity.dot(query, row.vector)
            if best.count == 10, let last = best.last, score <= last.score { continue }
            best.insert((score, row.id), at: best.firstIndex { $0.score < score } ?? best.count)
            if best.count > 10 { best.removeLast() }
        }
        return best.map(\.id)
    }

    private func unit(_ vector: [Float]) -> [Float] {
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return vector.map { $0 / max(length, 1e-20) }
    }

    /// Searches that allow a share of the vectors: half, a tenth, a hundredth and a thousandth.
    func filter() throws {
        let vectors = try VectorFile(vectorPath)
        let skip = try options.integer("skip", 1000)
        let queries = (0..<(try options.integer("queries", 100))).map { unit(vectors[$0]) }
        let pool = try open()
        let index = try index(pool)
        try pool.read { db in
            // The nodes come into memory first: what is compared is looking at vectors, not reading them.
            _ = try index.search(queries, k: 10, width: 300, in: db)
            for share in try options.integers("shares", [500, 100, 10, 1]) {
                let ids = (skip..<vectors.count).map { Int64($0) }.filter { ((UInt64(bitPattern: $0) &* 0x9E37_79B9_7F4A_7C15) >> 44) % 1000 < share }
                let rows = ids.map { (id: $0, vector: unit(vectors[Int($0)])) }
                let allowed = Filter.ids(SortedIDs(ids))
                var before = processorSeconds()
                let exact = queries.map { scan($0, rows) }
                let scanning = processorSeconds() - before
                _ = try queries.map { try index.search($0, k: 10, width: 100, filter: allowed, in: db) }
                before = processorSeconds()
                let found = try queries.map { try index.search($0, k: 10, width: 100, filter: allowed, in: db) }
                let time = processorSeconds() - before
                try report([
                    "what": "filter", "allowed": ids.count, "recall": mean(found, exact),
                    "ms": time * 1e3 / Double(queries.count), "exact_scan_ms": scanning * 1e3 / Double(queries.count),
                ])
            }
        }
    }

    /// Half of the vectors are replaced by others, in transactions of a hundred; compared with an index built afresh.
    func churn() throws {
        let vectors = try VectorFile(vectorPath)
        let skip = try options.integer("skip", 1000)
        let count = try min(options.integer("count", 20_000), (vectors.count - skip) * 2 / 3)
        let queries = (0..<(try options.integer("queries", 300))).map { unit(vectors[$0]) }
        func items(_ rows: some Sequence<Int>) -> [(id: Int64, vector: [Float])] { rows.map { (Int64($0), vectors[$0]) } }
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        let pool = try open()
        let parameters = IndexParameters(dimension: vectors.dimension)
        let (old, fresh) = try pool.write { db in
            (try VectorIndex.create(named: "main", parameters: parameters, in: db), try VectorIndex.create(named: "fresh", parameters: parameters, in: db))
        }
        try pool.write { db in try old.insert(items(skip..<(skip + count)), in: db) }
        let bytes = fileSize(path)
        // Every second one goes; as many others come.
        let gone = Array(stride(from: skip, to: skip + count, by: 2))
        for start in stride(from: 0, to: gone.count, by: 100) {
            let part = gone[start..<min(start + 100, gone.count)]
            try pool.write { db in
                try old.remove(ids: part.map { Int64($0) }, in: db)
                try old.insert(items((skip + count + start)..<(skip + count + start + part.count)), in: db)
            }
        }
        let now = Array(stride(from: skip + 1, to: skip + count, by: 2)) + Array((skip + count)..<(skip + count + gone.count))
        let after = fileSize(path)
        try pool.write { db in try fresh.insert(items(now), in: db) }
        let rows = now.map { (id: Int64($0), vector: unit(vectors[$0])) }
        let exact = queries.map { scan($0, rows) }
        try pool.read { db in
            for width in [20, 40, 80, 120] {
                let replaced = try old.search(queries, k: 10, width: width, in: db)
                try report([
                    "what": "churn", "vectors": now.count, "width": width, "recall_replaced": mean(replaced, exact),
                    "recall_fresh": mean(try fresh.search(queries, k: 10, width: width, in: db), exact),
                    "bytes_before": bytes, "bytes_after": after, "findings": try old.check(in: db).count,
                ])
            }
        }
    }
}
