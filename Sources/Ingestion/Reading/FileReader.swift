#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads whole files with plain reads, never more than a limit, and notices when a file changes meanwhile.
package struct FileReader: Sendable {
    package static let defaultMaximumSize: Int64 = 64_000_000

    /// Files larger than this, in bytes, are refused unread.
    package var maximumSize: Int64

    package init(maximumSize: Int64 = FileReader.defaultMaximumSize) { self.maximumSize = maximumSize }

    package func read(_ file: FoundFile) throws(IngestionError) -> FileContents {
        FileContents(path: file.path.description, bytes: try read(file.path))
    }

    /// - Throws: `IngestionError` when the file is too large, is gone, may not be read, is not a regular file, or changes
    ///   while it is being read.
    package func read(_ path: BytePath) throws(IngestionError) -> [UInt8] {
        // Without O_NONBLOCK, opening a FIFO that took the file's place would wait for ever.
        let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { throw .fromErrno("open", errno) }
        defer { close(descriptor) }
        let before = try status(descriptor)
        guard before.st_mode & S_IFMT == S_IFREG else { throw .malformed(format: "a file", reason: "it is not a regular file") }
        guard before.st_size <= maximumSize else { throw .tooLarge(size: Int64(before.st_size), limit: maximumSize) }
        let bytes = try contents(descriptor, count: Int(before.st_size))
        let after = try status(descriptor)
        guard bytes.count == Int(before.st_size), FileStamp(before) == FileStamp(after) else { throw .changedWhileReading }
        return bytes
    }

    /// The whole of a file whose size is not known before, as the system's own tables; a megabyte at most.
    static func readAll(_ path: String) throws(IngestionError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .fromErrno("open", errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = [], buffer = [UInt8](repeating: 0, count: 1 << 14)
        while bytes.count < 1 << 20 {
            let got = buffer.withUnsafeMutableBytes { read(descriptor, $0) }
            guard got > 0 else { break }
            bytes += buffer[..<got]
        }
        return bytes
    }

    private func status(_ descriptor: Int32) throws(IngestionError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .fromErrno("stat", errno) }
        return status
    }

    /// Up to `count` bytes and one more, so that a file that grew is noticed.
    private func contents(_ descriptor: Int32, count: Int) throws(IngestionError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count + 1) { buffer, filled in
            while filled <= count {
                let got = Self.read(descriptor, UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...]))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { return }
                filled += got
            }
        }
        guard failure == 0 else { throw .fromErrno("read", failure) }
        return bytes
    }

    private static func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        #elseif canImport(Musl)
        Musl.read(descriptor, buffer.baseAddress, buffer.count)
        #else
        Darwin.read(descriptor, buffer.baseAddress, buffer.count)
        #endif
    }
}

/// What tells one state of a file from another without reading it.
package struct FileStamp: Sendable, Hashable {
    /// Bytes.
    package var size: Int64
    /// Modification time in nanoseconds since 1970.
    package var modified: Int64
    package var inode: UInt64
    package var device: UInt64

    package init(size: Int64, modified: Int64, inode: UInt64, device: UInt64) {
        self.size = size
        self.modified = modified
        self.inode = inode
        self.device = device
    }

    init(_ status: stat) {
        #if canImport(Darwin)
        let time = status.st_mtimespec
        #else
        let time = status.st_mtim
        #endif
        let (seconds, overflow) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        self.init(
            size: Int64(status.st_size), modified: overflow ? 0 : seconds &+ Int64(time.tv_nsec),
            inode: UInt64(truncatingIfNeeded: status.st_ino), device: UInt64(truncatingIfNeeded: status.st_dev))
    }
}
