import Dispatch
import Foundation

/// Ends work cleanly on Ctrl-C: the first signal cancels the task, a second one ends the process at once.
/// Both leave a sound knowledge base, since every document is one transaction.
enum Interruption {
    private static let record = Record()

    /// How the process was asked to end, if it was.
    static var received: ExitStatus? { record.status }

    /// Waits for something that cannot be cancelled, such as a line of input; a signal then ends the process at once.
    static func whileWaiting<Value>(_ body: () -> Value) -> Value {
        record.isWaiting = true
        defer { record.isWaiting = false }
        return body()
    }

    /// Runs `work` in a task that SIGINT and SIGTERM cancel.
    static func cancelling(_ work: sending @escaping () async throws -> Void) async throws {
        let task = Task { try await work() }
        let sources = [(SIGINT, ExitStatus.interrupted), (SIGTERM, .terminated)].map { number, ending in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
            source.setEventHandler {
                if record.set(ending) != nil || record.isWaiting { _exit(ending.rawValue) }
                task.cancel()
            }
            source.resume()
            return source
        }
        defer { sources.forEach { $0.cancel() } }
        try await task.value
        if let received { throw received.quiet }
    }
}

/// The signal that arrived first. Sendable because the lock guards its variables.
private final class Record: @unchecked Sendable {
    private let lock = NSLock()
    private var first: ExitStatus?
    private var waiting = false

    var isWaiting: Bool {
        get { lock.withLock { waiting } }
        set { lock.withLock { waiting = newValue } }
    }

    var status: ExitStatus? { lock.withLock { first } }

    /// Remembers the first status; returns the one remembered before.
    func set(_ status: ExitStatus) -> ExitStatus? {
        lock.withLock {
            defer { first = first ?? status }
            return first
        }
    }
}
