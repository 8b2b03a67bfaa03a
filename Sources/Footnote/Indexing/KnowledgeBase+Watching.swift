public import Foundation
import Ingestion

/// How folders are followed.
public struct WatchOptions: Sendable {
    public var indexing = IndexingOptions()
    /// Seconds without a further change after which a burst is taken to be over.
    public var quietSeconds = 0.4
    /// Seconds after which a burst that does not end is taken up all the same.
    public var longestBurst = 10.0
    /// Seconds between looks where the system gives no notice of changes; `nil` looks only then, every 30 seconds.
    public var pollSeconds: Double?

    public init() {}
}

/// What happens while folders are followed.
public enum WatchEvent: Sendable {
    /// Changes were taken up.
    case indexed(IndexingReport)
    /// Changes are looked for from time to time, and why.
    case polling(reason: String, seconds: Double)
    /// A run failed; the next change, or the next look, tries again.
    case failed(String)
}

extension KnowledgeBase {
    /// Indexes files and folders, then follows them: every change is taken up shortly after it has come to rest. Ends when
    /// its task is cancelled.
    /// - Parameter event: called in order, from the run's own task.
    /// - Throws: what the first run throws; later ones are reported and tried again.
    public func watch(
        _ paths: [URL], options: WatchOptions = WatchOptions(), event: @escaping @Sendable (WatchEvent) -> Void
    ) async throws {
        let roots = paths.map { KnowledgeBaseLocation.resolved($0).path }
        let watcher = WatcherBox(FolderWatcher(roots: roots, ignoring: [location.database.path, location.database.deletingLastPathComponent().path + "/.footnote"]))
        event(.indexed(try await index(paths, options: options.indexing)))
        var interval = options.pollSeconds
        if let reason = watcher.limitation {
            interval = interval ?? 30
            event(.polling(reason: reason, seconds: interval ?? 30))
        }
        while !Task.isCancelled {
            guard await watcher.change(options, interval: interval) else { break }
            do {
                let report = try await index(paths, options: options.indexing)
                if report.files.contains(where: { [.indexed, .moved, .removed].contains($0.status) }) || report.embedded > 0 { event(.indexed(report)) }
            } catch is CancellationError {
                break
            } catch {
                event(.failed("\(error)"))
            }
        }
    }
}

/// Holds the watcher for the one task that uses it.
private final class WatcherBox: @unchecked Sendable {
    private let watcher: FolderWatcher
    private let queue = DispatchQueue(label: "footnote.watching")

    init(_ watcher: FolderWatcher) { self.watcher = watcher }

    var limitation: String? { watcher.limitation }

    /// Waits for a change and until it has come to rest, or for the next look.
    /// - Returns: false when the task was cancelled.
    func change(_ options: WatchOptions, interval: Double?) async -> Bool {
        let started = Date()
        while !Task.isCancelled {
            if await wait(0.5) { break }
            if let interval, Date().timeIntervalSince(started) >= interval { return true }
        }
        let burst = Date()
        while !Task.isCancelled, Date().timeIntervalSince(burst) < options.longestBurst {
            if await !wait(options.quietSeconds) { break }
        }
        await withCheckedContinuation { continuation in
            queue.async {
                self.watcher.refresh()
                continuation.resume()
            }
        }
        return !Task.isCancelled
    }

    private func wait(_ seconds: Double) async -> Bool {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.watcher.wait(seconds: seconds)) }
        }
    }
}
