import Foundation

/// Digests of big files, computed once and kept beside them.
///
/// Hashing a hundred megabytes takes longer than everything else at start-up. The digest is kept in a hidden file
/// together with the size, modification time and inode it belongs to; when these differ it is computed anew.
enum FileDigestCache {
    /// SHA-256 in hexadecimal.
    static func digest(of file: URL) throws -> String {
        guard let stamp = RecordedStamp(path: file.path) else {
            throw ModelError.unreadable(path: file.path, reason: "it does not exist")
        }
        let key = "\(stamp.size) \(stamp.modified) \(stamp.inode)"
        let cache = cacheFile(of: file)
        if let text = try? String(contentsOf: cache, encoding: .utf8) {
            let lines = text.split(separator: "\n")
            if lines.count == 2, lines[0] == key, lines[1].utf8.count == 64 { return String(lines[1]) }
        }
        let digest: String
        do {
            digest = try SHA256Digest.hexadecimal(ofFile: file)
        } catch {
            throw ModelError.unreadable(path: file.path, reason: "\(error)")
        }
        // Where the folder cannot be written it is computed each time.
        try? Data("\(key)\n\(digest)\n".utf8).write(to: cache, options: .atomic)
        return digest
    }

    /// Where the digest of a file is kept.
    static func cacheFile(of file: URL) -> URL {
        file.deletingLastPathComponent().appendingPathComponent(".\(file.lastPathComponent).sha256")
    }
}

extension RecordedStamp {
    /// `nil` when there is no such file.
    init?(path: String) {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        #if canImport(Darwin)
        let time = info.st_mtimespec
        #else
        let time = info.st_mtim
        #endif
        self.init(
            size: Int64(info.st_size), modified: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec),
            inode: Int64(truncatingIfNeeded: info.st_ino))
    }
}
