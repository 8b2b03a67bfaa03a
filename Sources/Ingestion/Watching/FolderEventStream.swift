#if os(macOS)
import CoreServices
import Foundation

/// Notices of changes below folders from FSEvents.
final class FolderEventStream {
    private let signal: ChangeSignal
    private let stream: FSEventStreamRef

    /// `nil` when the system starts no stream.
    /// - Parameter ignored: prefixes of absolute paths whose changes are not told.
    init?(roots: [String], ignoring ignored: [String]) {
        let signal = ChangeSignal(ignoring: ignored)
        // The stream does not own the signal; it is stopped before this object, which does, goes.
        var context = FSEventStreamContext(
            version: 0, info: Unmanaged.passUnretained(signal).toOpaque(), retain: nil, release: nil, copyDescription: nil)
        let callback: FSEventStreamCallback = { _, info, _, paths, _, _ in
            guard let info else { return }
            let names = Unmanaged<CFArray>.fromOpaque(paths).takeUnretainedValue() as? [String] ?? []
            Unmanaged<ChangeSignal>.fromOpaque(info).takeUnretainedValue().tell(names)
        }
        let flags = kFSEventStreamCreateFlagUseCFTypes | kFSEventStreamCreateFlagFileEvents | kFSEventStreamCreateFlagNoDefer
            | kFSEventStreamCreateFlagWatchRoot
        guard let stream = FSEventStreamCreate(
            kCFAllocatorDefault, callback, &context, roots as CFArray, FSEventStreamEventId(kFSEventStreamEventIdSinceNow), 0.1,
            FSEventStreamCreateFlags(flags))
        else { return nil }
        FSEventStreamSetDispatchQueue(stream, DispatchQueue(label: "footnote.fsevents"))
        guard FSEventStreamStart(stream) else {
            FSEventStreamInvalidate(stream)
            FSEventStreamRelease(stream)
            return nil
        }
        self.signal = signal
        self.stream = stream
    }

    deinit {
        FSEventStreamStop(stream)
        FSEventStreamInvalidate(stream)
        FSEventStreamRelease(stream)
    }

    /// Waits until something changed, and returns whether it did.
    func wait(seconds: Double) -> Bool { signal.wait(seconds: seconds) }
}

/// A flag that one thread sets and another waits for.
private final class ChangeSignal: @unchecked Sendable {
    // Why unchecked is sound: the flag is touched under the condition's lock only.
    private let condition = NSCondition()
    private var hasChanged = false
    private let ignored: [String]

    init(ignoring ignored: [String]) { self.ignored = ignored }

    func tell(_ paths: [String]) {
        guard paths.isEmpty || paths.contains(where: counts) else { return }
        condition.lock()
        hasChanged = true
        condition.signal()
        condition.unlock()
    }

    private func counts(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        if name.hasPrefix("."), name != ".footnoteignore", name != ".gitignore" { return false }
        return !ignored.contains { path.hasPrefix($0) }
    }

    func wait(seconds: Double) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        let end = Date(timeIntervalSinceNow: max(0, seconds))
        while !hasChanged, condition.wait(until: end) {}
        defer { hasChanged = false }
        return hasChanged
    }
}
#endif
