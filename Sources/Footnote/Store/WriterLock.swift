import Foundation

/// One writer at a time over all processes, with a name for whoever is in the way.
///
/// SQLite alone would keep writers apart, but its busy handler cannot say who holds the lock and does not
/// wait in order. An advisory lock (`flock`) on a file beside the database is held for each transaction: two
/// processes that index at once take turns, document by document. It is released by the system when a process
/// dies. On file systems without advisory locks SQLite's own locking remains.
struct WriterLock: Sendable {
    let path: String
    let timeout: Duration

    /// The lock while it is held.
    struct Hold: ~Copyable {
        fileprivate let descriptor: Int32

        deinit {
            if descriptor >= 0 { close(descriptor) }
        }
    }

    /// Waits for the lock up to `timeout`.
    /// - Throws: `KnowledgeBaseError.busy` that names the holder, `.readOnly`, or `CancellationError`.
    func acquire(database: String) async throws -> Hold {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw errno == ENOSPC ? KnowledgeBaseError.diskFull(path: database) : .readOnly(path: database)
        }
        let hold = Hold(descriptor: descriptor)
        let start = ContinuousClock.now
        var pause = Duration.milliseconds(2)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { return hold }
            let waited = ContinuousClock.now - start
            guard waited < timeout else {
                throw KnowledgeBaseError.busy(
                    path: database, holder: holder(descriptor), waitedSeconds: Int(waited.components.seconds))
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(40))
        }
        sign(descriptor)
        return hold
    }

    private func sign(_ descriptor: Int32) {
        let text = Array("process \(ProcessInfo.processInfo.processIdentifier) (\(ProcessInfo.processInfo.processName))\n".utf8)
        // Only a courtesy to whoever waits: the lock holds whether or not this succeeds.
        if pwrite(descriptor, text, text.count, 0) == text.count { _ = ftruncate(descriptor, off_t(text.count)) }
    }

    private func holder(_ descriptor: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").first.map(String.init)
    }
}
