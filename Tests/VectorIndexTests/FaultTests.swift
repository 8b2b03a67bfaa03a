import CFaultVFS
internal import Foundation
import GRDB
import Testing
import VectorIndex

/// Writes that fail and machines that stop, by a file system that does so on demand.
@Suite("Failing disks", .serialized)
struct FaultTests {
    @Test("what was synced survives a crash, and nothing is half there", arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func crash(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let isFull = seed % 2 == 0
        let folder = try TemporaryFolder()
        var model = Journal(seed: seed)
        for round in 0..<12 {
            fault_vfs_reset()
            #expect(fault_vfs_register() == 0)
            let acknowledged: Int
            do {
                let store = try FaultyStore(folder.path, synchronous: isFull ? "FULL" : "NORMAL", vfs: "fault")
                fault_vfs_arm(FAULT_CRASH, UInt64.random(in: 1...(round < 3 ? 60 : 600), using: &generator))
                acknowledged = store.work(&model, transactions: 200)
                try? store.pool.close()
            }
            fault_vfs_lose_unsynced(generator.next())
            try? FileManager.default.removeItem(atPath: folder.path + "-shm")
            let store = try FaultyStore(folder.path, synchronous: "FULL", vfs: nil)
            model = try store.compare(seed: seed, in: isFull ? acknowledged...(acknowledged + 1) : 0...(acknowledged + 1))
        }
    }

    @Test("a full disk or a failed write stops one transaction and no other", arguments: [FAULT_FULL, FAULT_IO], [1, 2, 3] as [UInt64])
    func failingWrites(kind: fault_kind, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let folder = try TemporaryFolder()
        fault_vfs_reset()
        #expect(fault_vfs_register() == 0)
        var model = Journal(seed: seed)
        let store = try FaultyStore(folder.path, synchronous: "NORMAL", vfs: "fault")
        var failures = 0
        for _ in 0..<25 {
            fault_vfs_arm(kind, UInt64.random(in: 1...120, using: &generator))
            let before = model.transaction
            _ = store.work(&model, transactions: 8)
            failures += model.transaction < before + 8 ? 1 : 0
            fault_vfs_arm(FAULT_NONE, 1)
            model = try store.compare(seed: seed, in: model.transaction...(model.transaction + 1))
        }
        #expect(failures > 5)
    }
}

/// The path of a database in a folder of its own, removed with the value.
private final class TemporaryFolder {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fault-\(UUID().uuidString)")
    var path: String { folder.appendingPathComponent("test.sqlite").path }
    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: folder) }
}

/// What a database should hold after a number of transactions, which a seed decides.
private struct Journal {
    static let dimension = 12
    let seed: UInt64
    private(set) var transaction = 0
    private(set) var vectors: [Int64: [Float]] = [:]

    init(seed: UInt64) { self.seed = seed }

    func next() -> (written: [(id: Int64, vector: [Float])], removed: [Int64]) {
        var generator = SeededGenerator(seed: seed &* 1_000_003 &+ UInt64(transaction))
        let removed = (0..<Int.random(in: 0...6, using: &generator)).map { _ in Int64.random(in: 0..<250, using: &generator) }
        let written = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
            var vector = (0..<Self.dimension).map { _ in Float.random(in: -1...1, using: &generator) }
            normalize(&vector)
            return (id: Int64.random(in: 0..<250, using: &generator), vector: vector)
        }
        return (written, removed)
    }

    mutating func advance() {
        let change = next()
        for id in change.removed { vectors[id] = nil }
        for item in change.written { vectors[item.id] = item.vector }
        transaction += 1
    }
}

private struct FaultyStore {
    let pool: DatabasePool
    let index: VectorIndex

    init(_ path: String, synchronous: String, vfs: String?) throws {
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 60")
        }
        pool = try DatabasePool(path: vfs.map { "file:\(path)?vfs=\($0)" } ?? path, configuration: configuration)
        // Not in the configuration: a pool sets its own after that.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = \(synchronous)") }
        index = try pool.write { db in
            if let index = try VectorIndex.open(named: "main", in: db) { return index }
            try db.execute(sql: "CREATE TABLE progress (number INTEGER NOT NULL); INSERT INTO progress VALUES (0)")
            return try VectorIndex.create(named: "main", parameters: IndexParameters(dimension: Journal.dimension, neighbors: 5), in: db)
        }
    }

    /// Transactions until one fails; returns how many the database has by what it said.
    func work(_ model: inout Journal, transactions: Int) -> Int {
        for _ in 0..<transactions {
            let (change, number) = (model.next(), model.transaction + 1)
            do {
                try pool.write { db in
                    try index.remove(ids: change.removed, in: db)
                    try index.insert(change.written, in: db)
                    try db.execute(sql: "UPDATE progress SET number = ?", arguments: [number])
                }
            } catch { break }
            model.advance()
        }
        return model.transaction
    }

    /// Compares the database with the journal at the transaction that it is at, and returns the journal.
    func compare(seed: UInt64, in allowed: ClosedRange<Int>) throws -> Journal {
        try pool.read { db throws in
            let number = try #require(try Int.fetchOne(db, sql: "SELECT number FROM progress"))
            #expect(allowed.contains(number))
            var model = Journal(seed: seed)
            while model.transaction < number { model.advance() }
            #expect(try String.fetchAll(db, sql: "PRAGMA integrity_check") == ["ok"])
            #expect(try index.check(in: db) == [])
            #expect(try index.count(in: db) == model.vectors.count)
            for (id, vector) in model.vectors {
                let stored = try #require(try index.vector(of: id, in: db))
                #expect(zip(stored, vector).allSatisfy { abs($0 - $1) < 1e-6 })
            }
            if let (id, vector) = model.vectors.min(by: { $0.key < $1.key }) {
                #expect(try index.search(vector, k: 1, in: db).first?.id == id)
            }
            return model
        }
    }
}
