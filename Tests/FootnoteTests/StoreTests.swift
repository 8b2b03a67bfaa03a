import Foundation
import GRDB
import Testing

import Footnote

@Suite struct StoreTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("a.md", "# Alpha\n\nThe harbour opens at six.\n")
        try folder.write("b.md", "# Beta\n\nThe lighthouse keeper is called Ines.\n")
    }

    private var databasePath: String { folder.url.appendingPathComponent(".footnote/knowledge.sqlite").path }

    private func openingError() async -> KnowledgeBaseError? {
        do {
            _ = try await folder.openBase()
            return nil
        } catch {
            return error as? KnowledgeBaseError
        }
    }

    @Test func refusesNewerVersions() async throws {
        _ = try await folder.openBase()
        try await DatabaseQueue(path: databasePath).write { try $0.execute(sql: "PRAGMA user_version = 999") }
        guard case .newerVersion(_, 999, _) = await openingError() else {
            Issue.record("a newer database was opened")
            return
        }
    }

    @Test func refusesOtherFiles() async throws {
        try folder.write(".footnote/knowledge.sqlite", String(repeating: "This is no database. ", count: 500))
        guard case .notAKnowledgeBase = await openingError() else {
            Issue.record("a text file was opened")
            return
        }
    }

    @Test func refusesOtherDatabases() async throws {
        try folder.write(".footnote/note.txt", "")
        try await DatabaseQueue(path: databasePath).write { try $0.execute(sql: "CREATE TABLE other (x)") }
        guard case .notAKnowledgeBase = await openingError() else {
            Issue.record("another program's database was opened")
            return
        }
    }

    @Test func reportsDamage() async throws {
        do {
            let base = try await folder.openBase()
            try await base.index(folder.url)
        }
        try await DatabaseQueue(path: databasePath).writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        var bytes = try Data(contentsOf: URL(fileURLWithPath: databasePath))
        for index in stride(from: 4096 + 100, to: bytes.count, by: 37) { bytes[index] ^= 0x5A }
        try bytes.write(to: URL(fileURLWithPath: databasePath))
        do {
            let base = try await folder.openBase()
            let report = try await base.check(deep: true)
            #expect(!report.isSound)
        } catch {
            #expect(error is KnowledgeBaseError, "\(error)")
        }
    }

    @Test func damagedTextIsNoticed() async throws {
        let base = try await folder.openBase()
        try await base.index(folder.url)
        try await expectSound(base)
        try await DatabaseQueue(path: databasePath).write {
            try $0.execute(sql: "UPDATE texts SET text = replace(text, 'harbour', 'harbOur')")
        }
        let report = try await base.check(deep: true)
        #expect(report.items.first { $0.name == "texts" }?.isSound == false)
    }

    @Test func missingBaseIsNotMade() async throws {
        var options = KnowledgeBaseOptions(embeddingModel: .none)
        options.createIfMissing = false
        await #expect(throws: KnowledgeBaseError.self) { try await KnowledgeBase(at: folder.url, options: options) }
        #expect(!FileManager.default.fileExists(atPath: databasePath))
    }

    @Test func interruptedRunKeepsWholeDocuments() async throws {
        struct Interruption: Error {}
        for index in 0..<400 { try folder.write("many/\(index).md", document(index)) }
        let calls = CallCounter()
        let model = HashingEmbeddingModel { _ in if calls.next() > 4 { throw Interruption() } }
        do {
            let base = try await folder.openBase(model: model)
            await #expect(throws: Interruption.self) { try await base.index(folder.url) }
        }
        let base = try await folder.openBase()
        try await expectSound(base)
        let kept = try await base.documents()
        #expect(kept.count > 0 && kept.count < 402)
        #expect(kept.allSatisfy { $0.chunks > 0 })
        let report = try await base.index(folder.url)
        #expect(report.count(.unchanged) == kept.count && report.count(.indexed) == 402 - kept.count)
    }

    /// The files as a process that dies leaves them: copied while a run is writing.
    @Test func copyTakenDuringARunIsSound() async throws {
        for index in 0..<300 { try folder.write("many/\(index).md", document(index)) }
        let base = try await folder.openBase(model: HashingEmbeddingModel { _ in usleep(3000) })
        let run = Task { try await base.index(folder.url) }
        var copies: [TemporaryFolder] = []
        for _ in 0..<5 {
            try await Task.sleep(for: .milliseconds(8))
            let copy = try TemporaryFolder()
            try copy.write(".footnote/note.txt", "")
            // Under a read transaction no checkpoint moves pages from log to file while both are copied.
            try await DatabaseQueue(path: databasePath).read { db in
                _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema")
                for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: databasePath + suffix) {
                    try FileManager.default.copyItem(
                        atPath: databasePath + suffix,
                        toPath: copy.url.appendingPathComponent(".footnote/knowledge.sqlite\(suffix)").path)
                }
            }
            copies.append(copy)
        }
        _ = try await run.value
        for copy in copies {
            let reopened = try await copy.openBase()
            try await expectSound(reopened)
            #expect(try await reopened.documents().allSatisfy { $0.chunks > 0 })
        }
    }

    @Test func twoWritersTakeTurns() async throws {
        for index in 0..<150 {
            try folder.write("left/\(index).md", document(index))
            try folder.write("right/\(index).md", document(1000 + index))
        }
        let first = try await folder.openBase(), second = try await folder.openBase()
        async let left = first.index(folder.url.appendingPathComponent("left"))
        async let right = second.index(folder.url.appendingPathComponent("right"))
        let reports = try await (left, right)
        #expect(reports.0.count(.indexed) == 150 && reports.1.count(.indexed) == 150)
        #expect(try await first.documents().count == 300)
        try await expectSound(first)
    }

    @Test func waitingWriterNamesTheOther() async throws {
        let base = try await folder.openBase(lockTimeout: .milliseconds(150))
        let lock = open(databasePath + "-lock", O_RDWR | O_CREAT, 0o644)
        defer { close(lock) }
        #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
        let name = Array("process 4711 (footnote)\n".utf8)
        #expect(pwrite(lock, name, name.count, 0) == name.count)
        do {
            try await base.index(folder.url)
            Issue.record("two writers at once")
        } catch KnowledgeBaseError.busy(_, let holder, _) {
            #expect(holder == "process 4711 (footnote)")
        }
    }

    @Test func changingTheModelNeedsForce() async throws {
        do {
            let base = try await folder.openBase(model: HashingEmbeddingModel(name: "first"))
            try await base.index(folder.url)
        }
        let other = try await folder.openBase(model: HashingEmbeddingModel(name: "second", dimension: 48))
        await #expect(throws: KnowledgeBaseError.modelMismatch(stored: "first (64 dimensions)", given: "second")) {
            try await other.index(folder.url)
        }
        await #expect(throws: KnowledgeBaseError.modelMismatch(stored: "first (64 dimensions)", given: "second")) {
            try await other.search("harbour")
        }
        #expect(try await !other.check().isSound)
        var options = IndexingOptions()
        options.force = true
        let report = try await other.index(folder.url.appendingPathComponent("a.md"), options: options)
        #expect(report.count(.indexed) == 2, "a rebuild takes every document, not only those named")
        #expect(try await other.search("harbour").first?.document.path == "a.md")
        #expect(try await other.status().model?.name == "second")
        try await expectSound(other)
    }

    @Test func readsWhereItCannotWrite() async throws {
        do {
            let base = try await folder.openBase()
            try await base.index(folder.url)
        }
        var options = KnowledgeBaseOptions(embeddingModel: .model(HashingEmbeddingModel()))
        options.readOnly = true
        let base = try await KnowledgeBase(at: folder.url, options: options)
        #expect(try await base.search("lighthouse keeper").first?.document.path == "b.md")
        await #expect(throws: KnowledgeBaseError.readOnly(path: databasePath)) { try await base.index(folder.url) }
    }

    @Test func locationsAreFoundUpward() async throws {
        _ = try await folder.openBase()
        let inner = folder.url.appendingPathComponent("x/y/z")
        try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
        let root = KnowledgeBaseLocation.resolved(folder.url).path
        #expect(KnowledgeBaseLocation.find(from: inner, environment: [:])?.root.path == root)
        let named = KnowledgeBaseLocation.find(from: inner, environment: ["FOOTNOTE_DB": folder.url.path])
        #expect(named?.database.path == root + "/.footnote/knowledge.sqlite")
        let file = KnowledgeBaseLocation(URL(fileURLWithPath: "/nowhere/some.db"))
        #expect(file.database.path == "/nowhere/some.db" && file.root.path == "/nowhere")
    }
}

/// Counts calls from many tasks.
final class CallCounter: Sendable {
    private let lock = NSLock()
    nonisolated(unsafe) private var count = 0

    /// The number of this call, from 1.
    func next() -> Int {
        lock.withLock {
            count += 1
            return count
        }
    }
}
