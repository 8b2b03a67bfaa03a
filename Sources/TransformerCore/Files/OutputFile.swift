#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that is written from the front beside its place and put there when it is whole.
final class OutputFile {
    private let path: String
    private let partial: String
    private var descriptor: Int32

    /// Throws `ModelFileError.unwritable`.
    init(path: String) throws(ModelFileError) {
        self.path = path
        partial = path + ".partial"
        descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.lastError(path) }
    }

    /// What was not finished goes away.
    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(partial)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
        var done = 0
        while done < bytes.count {
            guard let base = bytes.baseAddress else { return }
            #if canImport(Glibc)
                let count = Glibc.write(descriptor, base + done, bytes.count - done)
            #elseif canImport(Musl)
                let count = Musl.write(descriptor, base + done, bytes.count - done)
            #else
                let count = Darwin.write(descriptor, base + done, bytes.count - done)
            #endif
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Self.lastError(path) }
            done += count
        }
    }

    func write(_ bytes: [UInt8]) throws(ModelFileError) {
        // `withUnsafeBytes` forgets which error it passes on.
        let result: Result<Void, ModelFileError> = bytes.withUnsafeBytes { buffer in
            do throws(ModelFileError) {
                try write(buffer)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Puts the file in its place.
    func finish() throws(ModelFileError) {
        guard close(descriptor) == 0 else {
            descriptor = -1
            throw Self.lastError(path)
        }
        descriptor = -1
        guard rename(partial, path) == 0 else { throw Self.lastError(path) }
    }

    private static func lastError(_ path: String) -> ModelFileError {
        .unwritable(file: path, reason: String(cString: strerror(errno)))
    }
}
