/// The bytes of a file, wherever they lie, and what it is called in messages.
struct FileBytes: @unchecked Sendable {
    // Sendable because the bytes never change while `owner` lives.
    let path: String
    let bytes: UnsafeRawBufferPointer
    /// Keeps `bytes` valid.
    let owner: AnyObject

    init(_ file: MappedFile) {
        path = file.path
        bytes = file.bytes
        owner = file
    }

    /// - Parameter owner: nil for bytes that live as long as the process, such as those of a constant of the program.
    init(_ bytes: UnsafeRawBufferPointer, name: String, owner: AnyObject?) {
        path = name
        self.bytes = bytes
        self.owner = owner ?? StaticOwner.shared
    }

    /// A copy of a file's bytes. Throws `ModelFileError`.
    static func contents(path: String) throws(ModelFileError) -> [UInt8] {
        let file = try MappedFile(path: path)
        // Bytes do not keep their file mapped by themselves.
        return withExtendedLifetime(file) { Array(file.bytes) }
    }

    private final class StaticOwner: Sendable {
        static let shared = StaticOwner()
    }
}
