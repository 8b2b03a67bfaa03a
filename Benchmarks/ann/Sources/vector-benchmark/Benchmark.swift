import Foundation
import GRDB
import VectorIndex

/// Times the vector index on a file of vectors, and prints a line of JSON for each measurement.
@main
enum Benchmark {
    static let usage = """
        usage: vector-benchmark COMMAND ...
          build VECTORS.npy DATABASE [--skip 1000] [--count all] [--batch 50000] [--neighbors 16] [--width 128] [--code i8] [--threads 2]
          search VECTORS.npy DATABASE --truth TRUTH [--queries 1000] [--widths 20,40,80,120,200,300] [--passes 2] [--warm 0]
          insert VECTORS.npy DATABASE [--from ROW] [--count 200] [--warm 0]     one vector a transaction
          first VECTORS.npy DATABASE                                 open, and answer one question
          filter VECTORS.npy DATABASE [--queries 100] [--shares 500,100,10,1]    so many of a thousand vectors allowed
          churn VECTORS.npy DATABASE [--count 20000]                 makes DATABASE, replaces half of it, compares with a fresh index
        The first rows of VECTORS are questions and stay out of the index; a vector's id is its row.
        --warm answers so many other questions first, rows of VECTORS from the end; --budget is the index's memory in MB.
        TRUTH holds for each question the rows of its nearest vectors, as Int32, ten for each.
        """

    static func main() {
        do {
            let arguments = CommandLine.arguments.dropFirst()
            guard let command = arguments.first else { throw Failure(usage) }
            let options = try Options(Array(arguments.dropFirst()))
            guard options.positional.count == 2 else { throw Failure(usage) }
            let run = Run(options, options.positional[0], options.positional[1])
            switch command {
            case "build": try run.build()
            case "search": try run.search()
            case "insert": try run.insert()
            case "first": try run.first()
            case "filter": try run.filter()
            case "churn": try run.churn()
            default: throw Failure(usage)
            }
        } catch {
            FileHandle.standardError.write(Data("vector-benchmark: \(error)\n".utf8))
            exit(1)
        }
    }
}

struct Run {
    let options: Options
    let vectorPath: String
    let path: String

    init(_ options: Options, _ vectorPath: String, _ path: String) {
        self.options = options
        self.vectorPath = vectorPath
        self.path = path
    }

    /// As the knowledge base opens its database.
    func open() throws -> DatabasePool {
        let cache = try options.integer("cache", 16_000)
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA secure_delete = ON; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -\(cache)")
        }
        return try DatabasePool(path: path, configuration: configuration)
    }

    func index(_ pool: DatabasePool) throws -> VectorIndex {
        let budget = try options.text("budget").map { _ in try options.integer("budget", 0) << 20 }
        guard let index = try pool.read({ db in try VectorIndex.open(named: "main", cacheBudget: budget, in: db) }) else {
            throw Failure("\(path) holds no index: build it first")
        }
        return index
    }

    private func code() throws -> CodeKind {
        let text = options.text("code") ?? CodeKind.int8.rawValue
        guard let kind = CodeKind(rawValue: text) else {
            throw Failure("--code is one of " + CodeKind.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return kind
    }

    func build() throws {
        let vectors = try VectorFile(vectorPath)
        let skip = try options.integer("skip", 1000)
        let end = try min(vectors.count, skip + options.integer("count", .max - skip))
        let batch = try options.integer("batch", 50_000)
        let threads = try options.integer("threads", 2)
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        let start = ContinuousClock.now
        let pool = try open()
        let parameters = try IndexParameters(
            dimension: vectors.dimension, neighbors: options.integer("neighbors", 16),
            constructionWidth: options.integer("width", 128), code: code())
        let index = try pool.write { db in try VectorIndex.create(named: "main", parameters: parameters, in: db) }
        for first in stride(from: skip, to: end, by: batch) {
            let items = (first..<min(first + batch, end)).map { (id: Int64($0), vector: vectors[$0]) }
            try pool.write { db in try index.insert(items, threads: threads, in: db) }
            if options.text("progress") != nil {
                FileHandle.standardError.write(Data("\(first + items.count - skip) in \(seconds(since: start)) s\n".utf8))
            }
        }
        _ = try pool.writeWithoutTransaction { db in try db.checkpoint(.truncate) }
        let time = seconds(since: start)
        let memory = memory()
        try pool.close()
        try report([
            "what": "build", "vectors": end - skip, "seconds": time, "per_second": Double(end - skip) / time, "processor_seconds": processorSeconds(),
            "bytes": fileSize(path), "resident": memory.resident, "anonymous": memory.anonymous,
        ])
    }

    /// Answers other questions, so that what is measured is neither a cold start nor the same questions again.
    private func warm(_ vectors: VectorFile, _ index: VectorIndex, _ pool: DatabasePool) throws {
        let count = try options.integer("warm", 0)
        guard count > 0, count < vectors.count else { return }
        let step = vectors.count / (count + 1)
        try pool.read { db in
            for number in 1...count { _ = try index.search(vectors[vectors.count - number * step], k: 10, width: 60, in: db) }
        }
    }

    func search() throws {
        let vectors = try VectorFile(vectorPath)
        let count = try options.integer("queries", 1000)
        guard let truthPath = options.text("truth") else { throw Failure("search needs --truth") }
        let truth = try Data(contentsOf: URL(fileURLWithPath: truthPath)).withUnsafeBytes { bytes in
            (0..<(bytes.count / 4)).map { Int64(bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) }
        }
        guard truth.count >= 10 * count else { throw Failure("\(truthPath) holds too few answers") }
        let queries = (0..<count).map { vectors[$0] }
        let pool = try open()
        let index = try index(pool)
        try warm(vectors, index, pool)
        for width in try options.integers("widths", [20, 40, 80, 120, 200, 300]) {
            for pass in 1...(try options.integer("passes", 2)) {
                let (found, time, processor) = try pool.read { db in
                    let (start, before) = (ContinuousClock.now, processorSeconds())
                    let found = try queries.map { try index.search($0, k: 10, width: width, in: db) }
                    return (found, seconds(since: start), processorSeconds() - before)
                }
                var hits = 0
                for (number, list) in found.enumerated() {
                    let expected = Set(truth[(10 * number)..<(10 * number + 10)])
                    hits += list.filter { expected.contains($0.id) }.count
                }
                let memory = memory()
                try report([
                    "what": "search", "width": width, "pass": pass, "recall": Double(hits) / Double(10 * count),
                    "queries_per_second": Double(count) / time, "queries_per_processor_second": Double(count) / processor, "cached": index.cachedBytes,
                    "resident": memory.resident, "anonymous": memory.anonymous,
                ])
            }
        }
    }

    func insert() throws {
        let vectors = try VectorFile(vectorPath)
        let count = try options.integer("count", 200)
        let from = try options.integer("from", vectors.count - count)
        let pool = try open()
        let index = try index(pool)
        try warm(vectors, index, pool)
        var times: [Double] = []
        for row in from..<(from + count) {
            let vector = vectors[row]
            let start = ContinuousClock.now
            // An id of its own, so that it is one more vector and takes no other's place.
            try pool.write { db in try index.insert([(Int64(row) + (1 << 40), vector)], in: db) }
            times.append(seconds(since: start))
        }
        try pool.write { db in _ = try index.remove(ids: (from..<(from + count)).map { Int64($0) + (1 << 40) }, in: db) }
        times.sort()
        try report([
            "what": "insert", "count": count, "median_ms": times[count / 2] * 1e3, "p99_ms": times[count * 99 / 100] * 1e3,
        ])
    }

    func first() throws {
        let vectors = try VectorFile(vectorPath)
        let start = ContinuousClock.now
        let pool = try open()
        let index = try index(pool)
        let opened = seconds(since: start)
        let found = try pool.read { db in try index.search(vectors[0], k: 10, in: db) }
        try report([
            "what": "first", "open_ms": opened * 1e3, "open_and_answer_ms": seconds(since: start) * 1e3, "found": found.count,
            "resident": memory().resident,
        ])
    }
}
