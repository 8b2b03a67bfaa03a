/// The bytes of one file and the name it goes by; what a loader is given.
package struct FileContents: Sendable {
    /// The path as people read it; loaders look at its extension and never open it.
    package let path: String
    package let bytes: [UInt8]
    /// What reading it may cost.
    package let budget: LoadBudget
    /// How many archives or messages it stands in.
    package let nesting: Int

    package init(path: String, bytes: [UInt8], budget: LoadBudget = LoadBudget(), nesting: Int = 0) {
        self.path = path
        self.bytes = bytes
        self.budget = budget
        self.nesting = nesting
    }

    /// The same file with a budget of its own, which begins now.
    package func limited(by limits: LoadLimits) -> FileContents {
        FileContents(path: path, bytes: bytes, budget: LoadBudget(limits), nesting: nesting)
    }

    /// A file within this one, at the same cost.
    package func member(_ path: String, _ bytes: [UInt8]) -> FileContents {
        FileContents(path: path, bytes: bytes, budget: budget, nesting: nesting + 1)
    }

    /// The same file under another name, with what was packed in it.
    func unpacked(as path: String, _ bytes: [UInt8]) -> FileContents {
        FileContents(path: path, bytes: bytes, budget: budget, nesting: nesting)
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
