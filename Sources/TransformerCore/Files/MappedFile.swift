#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A whole file mapped read-only into memory, unmapped when the last reference goes.
///
/// The size is taken from the open descriptor, never from anything the file says about itself. Pages come from
/// the page cache, so processes that use one model share one copy and opening costs no reading. The price is
/// POSIX's: when another program shortens the file while it is mapped, touching the lost pages ends the process
/// with SIGBUS. Replace model files by renaming a new file over the old one, never by writing into them.
package final class MappedFile: @unchecked Sendable {
    // Sendable because `bytes` is constant and read-only for the life of the object.

    /// Path as given, for messages.
    package let path: String
    package let bytes: UnsafeRawBufferPointer

    /// Maps a regular, non-empty file. Throws `ModelFileError.unreadable` with the system's reason otherwise.
    package init(path: String) throws(ModelFileError) {
        // O_NONBLOCK: opening a pipe must fail on the check below, not wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(file: path, reason: Self.lastError()) }
        defer { close(descriptor) }

        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(file: path, reason: Self.lastError()) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(file: path, reason: "not a regular file") }
        guard status.st_size > 0 else { throw .unreadable(file: path, reason: "the file is empty") }
        let size = Int(status.st_size)

        let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let address, address != MAP_FAILED else {
            throw .unreadable(file: path, reason: Self.lastError())
        }
        self.path = path
        self.bytes = UnsafeRawBufferPointer(start: address, count: size)
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    }

    private static func lastError() -> String {
        String(cString: strerror(errno))
    }
}
