#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The few calls the walker makes, over byte paths.
enum FileSystem {
    enum Kind: Equatable { case file, folder, link, other(String) }

    struct Status {
        var kind: Kind
        var stamp: FileStamp
        var identity: FileIdentity { FileIdentity(device: stamp.device, inode: stamp.inode) }
    }

    /// - Parameter followsLinks: whether a link's target is described rather than the link.
    static func status(_ path: BytePath, followsLinks: Bool) -> Result<Status, IngestionError> {
        var status = stat()
        let result = path.withCString { followsLinks ? stat($0, &status) : lstat($0, &status) }
        guard result == 0 else { return .failure(.fromErrno("stat", errno)) }
        let kind: Kind = switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .folder
        case S_IFLNK: .link
        case S_IFIFO: .other("a named pipe")
        case S_IFSOCK: .other("a socket")
        case S_IFBLK, S_IFCHR: .other("a device")
        default: .other("of an unknown kind")
        }
        return .success(Status(kind: kind, stamp: FileStamp(status)))
    }

    /// The names in a folder in ascending byte order, without `.` and `..`.
    static func names(in folder: BytePath) -> Result<[[UInt8]], IngestionError> {
        guard let stream = folder.withCString({ opendir($0) }) else { return .failure(.fromErrno("opendir", errno)) }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: UInt8.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) { bytes in
                    Array(UnsafeBufferPointer(start: bytes, count: strnlen(UnsafeRawPointer(bytes).assumingMemoryBound(to: CChar.self), MemoryLayout.size(ofValue: entry.pointee.d_name))))
                }
            }
            if name != [UInt8(ascii: ".")], name != Array("..".utf8) { names.append(name) }
        }
        if errno != 0 { return .failure(.fromErrno("readdir", errno)) }
        names.sort { $0.lexicographicallyPrecedes($1) }
        return .success(names)
    }

    /// The path with every link resolved; `nil` if it leads nowhere.
    static func resolved(_ path: BytePath) -> BytePath? {
        guard let resolved = path.withCString({ realpath($0, nil) }) else { return nil }
        defer { free(resolved) }
        return BytePath(bytes: Array(UnsafeRawBufferPointer(start: resolved, count: strlen(resolved))))
    }

    /// A small file's bytes; `nil` if it is not there, is no regular file, or has more than a megabyte.
    static func smallFile(_ path: BytePath) -> [UInt8]? {
        try? FileReader(maximumSize: 1_000_000).read(path)
    }
}

/// What makes two paths the same file.
struct FileIdentity: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
}
