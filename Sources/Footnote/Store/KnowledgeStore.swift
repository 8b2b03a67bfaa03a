import Foundation
import GRDB

/// The SQLite database: opened, checked for being ours, migrated, and read and written through here only.
///
/// Many readers see consistent snapshots beside one writer (WAL). Opening reads a constant amount.
final class KnowledgeStore: Sendable {
    let location: KnowledgeBaseLocation
    let isReadOnly: Bool
    let vectors: VectorStore
    private let pool: any DatabaseReader
    private let lock: WriterLock

    var path: String { location.database.path }

    /// Opens the database, and makes it when `create` is set and it is missing.
    /// - Throws: `KnowledgeBaseError`.
    init(location: KnowledgeBaseLocation, create: Bool, readOnly: Bool, lockTimeout: Duration, indexMemory: Int? = nil) throws {
        vectors = VectorStore(budget: indexMemory)
        let path = location.database.path
        let exists = FileManager.default.fileExists(atPath: path)
        guard exists || (create && !readOnly) else { throw KnowledgeBaseError.notFound(path: path) }
        self.location = location
        lock = WriterLock(path: path + "-lock", timeout: lockTimeout)
        do {
            if !exists { try Self.createFolder(location) }
            isReadOnly = readOnly || (exists && !Self.isWritable(location))
            pool = try isReadOnly ? Self.openForReading(path) : Self.open(path)
            try pool.read { db in try Self.checkIdentity(db, path: path, mayBeEmpty: !isReadOnly) }
            try migrateIfNeeded()
        } catch {
            throw KnowledgeBaseError.translating(error, path: path)
        }
    }

    /// A consistent snapshot.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await pool.read(body)
        } catch {
            throw KnowledgeBaseError.translating(error, path: path)
        }
    }

    /// One transaction: all of it, or nothing. Waits for other writers up to the lock timeout, or as long as is said.
    func write<Value: Sendable>(
        waiting timeout: Duration? = nil, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        let pool = try writer()
        let lock = timeout.map { WriterLock(path: self.lock.path, timeout: $0) } ?? self.lock
        let hold = try await lock.acquire(database: path)
        defer { withExtendedLifetime(hold) {} }
        do {
            // Once begun, a transaction is finished even if the task is cancelled: what was embedded is kept.
            return try await Task { try await pool.write(body) }.value
        } catch {
            throw KnowledgeBaseError.translating(error, path: path)
        }
    }

    /// Moves the write-ahead log into the database file and empties it, so that removed content is gone from
    /// both. Does nothing while a reader still needs the log.
    func checkpoint() async throws {
        let pool = try writer()
        let hold = try await lock.acquire(database: path)
        defer { withExtendedLifetime(hold) {} }
        do {
            _ = try await pool.writeWithoutTransaction { db in try db.checkpoint(.truncate) }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            return
        } catch {
            throw KnowledgeBaseError.translating(error, path: path)
        }
    }

    private func writer() throws -> DatabasePool {
        guard !isReadOnly, let pool = pool as? DatabasePool else { throw KnowledgeBaseError.readOnly(path: path) }
        return pool
    }
}

// MARK: - Opening

extension KnowledgeStore {
    private static func createFolder(_ location: KnowledgeBaseLocation) throws {
        let folder = location.database.deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let ignore = folder.appendingPathComponent(".gitignore")
            if folder.lastPathComponent == KnowledgeBaseLocation.folderName,
                !FileManager.default.fileExists(atPath: ignore.path)
            {
                // The knowledge base is made from the folder's files: it does not belong in their repository.
                try Data("*\n".utf8).write(to: ignore)
            }
        } catch let error as CocoaError where error.code == .fileWriteOutOfSpace {
            throw KnowledgeBaseError.diskFull(path: folder.path)
        } catch {
            throw KnowledgeBaseError.readOnly(path: folder.path)
        }
    }

    private static func isWritable(_ location: KnowledgeBaseLocation) -> Bool {
        access(location.database.path, W_OK) == 0
            && access(location.database.deletingLastPathComponent().path, W_OK) == 0
    }

    private static func open(_ path: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = 8
        configuration.prepareDatabase { db in
            // Deleted content is overwritten with zeros.
            try db.execute(sql: "PRAGMA secure_delete = ON")
            // A commit survives the process; the log is synced at checkpoints, so that power loss can undo the
            // last documents but never damages the file.
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
            // Readers' pages should fit the processor's caches: the system keeps the file, and to read a page again costs
            // less than to find it, and room for it, in main memory.
            try db.execute(sql: "PRAGMA cache_size = \(db.configuration.readonly ? -4000 : -16000)")
        }
        return try DatabasePool(path: path, configuration: configuration)
    }

    /// In a folder that cannot be written SQLite cannot make the shared-memory file that WAL needs. The
    /// file is then opened as unchanging, which it is as long as nobody can write it.
    private static func openForReading(_ path: String) throws -> any DatabaseReader {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = 8
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            try pool.read { db in _ = try Schema.version(db) }
            return pool
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN || error.resultCode == .SQLITE_READONLY {
            let log = (try? FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int) ?? 0
            guard log == 0, let escaped = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) else {
                throw error
            }
            return try DatabaseQueue(path: "file:\(escaped)?immutable=1", configuration: configuration)
        }
    }

    private static func checkIdentity(_ db: Database, path: String, mayBeEmpty: Bool) throws {
        let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Schema.version(db)
        let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        if tables == 0, application == 0, version == 0, mayBeEmpty { return }
        guard application == Schema.applicationID else {
            throw KnowledgeBaseError.notAKnowledgeBase(path: path, reason: "it is another program's database")
        }
        guard version <= Schema.currentVersion else {
            throw KnowledgeBaseError.newerVersion(path: path, found: version, supported: Schema.currentVersion)
        }
    }

    private func migrateIfNeeded() throws {
        let version = try pool.read(Schema.version)
        guard version < Schema.currentVersion else { return }
        if isReadOnly, version >= Schema.oldestReadableVersion { return }
        guard let pool = pool as? DatabasePool, !isReadOnly else {
            throw KnowledgeBaseError.readOnly(path: path)
        }
        try pool.write { db in
            try Schema.migrate(db)
            if version == 0 {
                try Meta.set(.createdAt, Timestamp.now(), db)
                try Meta.set(.lexicalText, String(LexicalText.version), db)
            }
        }
    }
}
