/// The bytes of one file and the name it goes by; what a loader is given.
package struct FileContents: Sendable {
    /// The path as people read it; loaders look at its extension and never open it.
    package let path: String
    package let bytes: [UInt8]

    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    /// The last component of the path.
    package var name: Substring { path.split(separator: "/").last ?? "" }

    /// The extension in lower case without the full stop; empty if there is none.
    package var pathExtension: String {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }

    /// Decodes the bytes as text; see `TextDecoder`.
    package func decoded(declared: String? = nil) -> DecodedText { TextDecoder.decode(bytes, declared: declared) }
}
