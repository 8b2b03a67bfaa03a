#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Says when something below folders has changed. It does not say what: a flood of events, or events that were lost, come
/// to the same.
///
/// On Linux by inotify, on macOS by FSEvents. Elsewhere, on network folders and where watches run out, it says nothing: then
/// look from time to time.
package final class FolderWatcher {
    /// Why changes are not seen, so that polling is needed; `nil` while they are.
    package private(set) var limitation: String?
    private let roots: [String]
    /// Changes to paths that begin so are our own.
    private let ignored: [String]
    private var descriptor: Int32 = -1
    private var folders: [Int32: String] = [:]
    #if os(macOS)
    private var events: FolderEventStream?
    #endif

    /// - Parameters:
    ///   - roots: absolute paths of files and folders.
    ///   - ignored: prefixes of absolute paths whose changes are not told.
    package init(roots: [String], ignoring ignored: [String] = []) {
        self.roots = roots
        self.ignored = ignored
        #if canImport(Glibc)
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        if descriptor < 0 { limitation = "the system gives no notice of changes: \(errorMessage(errno))" }
        refresh()
        #elseif os(macOS)
        events = FolderEventStream(roots: roots, ignoring: ignored)
        if events == nil { limitation = "the system gives no notice of changes" }
        #else
        limitation = "this system's notices of changes are not used"
        #endif
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Waits until something changed, and returns whether it did.
    /// - Parameter seconds: the longest wait.
    package func wait(seconds: Double) -> Bool {
        #if os(macOS)
        if let events { return events.wait(seconds: seconds) }
        #endif
        guard descriptor >= 0 else {
            usleep(UInt32(min(max(seconds, 0), 10) * 1_000_000))
            return false
        }
        var file = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&file, 1, Int32(max(0, seconds) * 1000)) > 0 else { return false }
        return drain()
    }

    /// Watches folders that have come into being.
    package func refresh() {
        guard descriptor >= 0 else { return }
        for root in roots {
            var status = stat()
            guard stat(root, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR { add(root, depth: 0) } else if let slash = root.lastIndex(of: "/") { watch(String(root[..<slash])) }
        }
    }

    private func add(_ folder: String, depth: Int) {
        guard depth < 256, limitation == nil, watch(folder), let directory = opendir(folder) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            guard entry.pointee.d_type == UInt8(DT_DIR) || entry.pointee.d_type == UInt8(DT_UNKNOWN) else { continue }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
            guard !name.hasPrefix("."), name != "node_modules" else { continue }
            let path = folder + "/" + name
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { continue }
            add(path, depth: depth + 1)
        }
    }

    @discardableResult
    private func watch(_ folder: String) -> Bool {
        #if canImport(Glibc)
        let events = UInt32(IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
        let watch = inotify_add_watch(descriptor, folder.isEmpty ? "/" : folder, events)
        guard watch >= 0 else {
            if errno == ENOSPC { limitation = "the system watches no more folders (fs.inotify.max_user_watches)" }
            return false
        }
        folders[watch] = folder
        if Self.isRemote(folder) { limitation = "\(folder) is a network folder, which gives no notice of changes" }
        return true
        #else
        return false
        #endif
    }

    #if canImport(Glibc)
    /// Whether the file system that holds the folder belongs to another machine: by its type in the table of mounts.
    private static func isRemote(_ folder: String) -> Bool {
        remoteMounts.contains { folder == $0 || folder.hasPrefix($0.hasSuffix("/") ? $0 : $0 + "/") }
    }

    private static let remoteMounts: [String] = {
        guard let bytes = try? FileReader.readAll("/proc/self/mounts") else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line -> String? in
            let fields = line.split(separator: " ")
            guard fields.count > 2, ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph", "afs"].contains(String(fields[2])) else { return nil }
            return String(fields[1]).replacing("\\040", with: " ")
        }
    }()
    #endif

    /// Reads what has come in; returns whether any of it counts.
    private func drain() -> Bool {
        var changed = false
        #if canImport(Glibc)
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            var offset = 0
            // struct inotify_event: watch, mask, cookie, length of the name, name.
            while offset + 16 <= count {
                let watch = Int32(truncatingIfNeeded: buffer.number(offset, 4) ?? 0), mask = UInt32(buffer.number(offset + 4, 4) ?? 0)
                let length = Int(buffer.number(offset + 12, 4) ?? 0), end = min(offset + 16 + length, count)
                let name = String(decoding: buffer[(offset + 16)..<end].prefix { $0 != 0 }, as: UTF8.self)
                offset += 16 + length
                if counts(watch, mask, name) { changed = true }
            }
        }
        #endif
        return changed
    }

    #if canImport(Glibc)
    private func isFile(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_nlink == 1
    }

    private func counts(_ watch: Int32, _ mask: UInt32, _ name: String) -> Bool {
        if mask & UInt32(IN_Q_OVERFLOW) != 0 { return true }
        if mask & UInt32(IN_IGNORED) != 0 {
            folders[watch] = nil
            return false
        }
        if name.hasPrefix("."), name != ".footnoteignore", name != ".gitignore" { return false }
        let path = (folders[watch] ?? "") + "/" + name
        if ignored.contains(where: { path.hasPrefix($0) }) { return false }
        // A new file is told of when it has been written and closed; a new folder, or a link, at once.
        return mask & UInt32(IN_CREATE) == 0 || !isFile(path)
    }
    #endif
}
