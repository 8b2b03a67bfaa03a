import Foundation
import GRDB
import VectorIndex

/// Eight readers beside one writer. A reader compares what it finds with the documents that its own transaction sees.
final class Soak: Sendable {
    private let store: Store
    private let seed: UInt64
    private let counts = Counts()

    init(_ path: String, _ seed: UInt64) throws {
        store = try Store(path)
        self.seed = seed
    }

    func run(_ seconds: Int) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        let start = try await withThrowingTaskGroup(of: Void.self) { group in
            let writer = Thread { self.write(until: end) }
            writer.start()
            let readers = (0..<8).map { number in Thread { self.read(number, until: end) } }
            readers.forEach { $0.start() }
            try await Task.sleep(for: .seconds(max(1, seconds / 5)))
            let early = residentBytes()
            try await Task.sleep(until: end + .seconds(2), clock: .continuous)
            return early
        }
        let (reads, writes, faults) = counts.all
        let last = residentBytes()
        print("\(reads) reads, \(writes) transactions in \(seconds) s; memory \(start >> 20) MB after a fifth, \(last >> 20) MB at the end")
        guard faults.isEmpty else { throw Failure("\(faults.count) faults: " + faults.prefix(5).joined(separator: "; ")) }
        let left = try store.faults(seed: seed, atLeast: try await store.pool.read(store.progress))
        guard left.isEmpty else { throw Failure(left.prefix(5).joined(separator: "; ")) }
    }

    private func write(until end: ContinuousClock.Instant) {
        do {
            var model = Model(seed: seed)
            let number = try store.pool.read(store.progress)
            while model.transaction < number { model.advance() }
            while ContinuousClock.now < end {
                try store.apply(model)
                model.advance()
                counts.wrote()
            }
        } catch { counts.fault("writer: \(error)") }
    }

    private func read(_ number: Int, until end: ContinuousClock.Instant) {
        var random = Generator(seed &+ UInt64(number) &* 31)
        let model = Model(seed: seed)
        while ContinuousClock.now < end {
            do {
                try store.pool.read { db in
                    let query = model.vector(Int64(random.next() % UInt64(Model.idCount)), version: Int(random.next() % 50))
                    let total = try Int.fetchOne(db, sql: "SELECT count(*) FROM documents") ?? -1
                    let found = try store.index.search(query, k: 10, width: 60, in: db)
                    if try store.index.count(in: db) != total { counts.fault("count and documents differ") }
                    if found.count != min(10, total) { counts.fault("\(found.count) found of \(total)") }
                    for match in found {
                        let version = try Int.fetchOne(db, sql: "SELECT version FROM documents WHERE id = ?", arguments: [match.id])
                        guard let version, abs(dot(query, model.vector(match.id, version: version)) - match.score) < 1e-5 else {
                            counts.fault("document \(match.id) is not what was found")
                            continue
                        }
                    }
                }
                counts.read()
            } catch { counts.fault("reader: \(error)") }
        }
    }
}

private func residentBytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 4096 } ?? 0
}

private final class Counts: @unchecked Sendable {
    // Why unchecked: everything is used under the lock.
    private let lock = NSLock()
    private var reads = 0
    private var writes = 0
    private var faults: [String] = []

    func read() { lock.withLock { reads += 1 } }
    func wrote() { lock.withLock { writes += 1 } }
    func fault(_ text: String) { lock.withLock { faults.append(text) } }
    var all: (Int, Int, [String]) { lock.withLock { (reads, writes, faults) } }
}
