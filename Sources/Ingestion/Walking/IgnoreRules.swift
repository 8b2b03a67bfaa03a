/// The rules of one ignore file, after `gitignore(5)`.
struct IgnoreFile: Sendable {
    static let names = [".gitignore", ".footnoteignore"]

    struct Rule: Sendable {
        var pattern: GlobPattern
        var text: String
        var isNegated: Bool
        var foldersOnly: Bool
    }

    /// Where the file lies, for reports.
    let path: String
    private(set) var rules: [Rule] = []

    init(path: String, bytes: [UInt8]) {
        self.path = path
        for line in bytes.split(separator: Ascii.newline) { add(line) }
    }

    private mutating func add(_ line: ArraySlice<UInt8>) {
        var line = line
        if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
        if line.last == 0x0D { line.removeLast() }
        // Trailing spaces do not count unless a backslash stands before them.
        while line.last == Ascii.space, line.dropLast().last != Ascii.backslash { line.removeLast() }
        guard let first = line.first, first != Ascii.hash else { return }
        let text = String(decoding: line, as: UTF8.self)
        let isNegated = first == UInt8(ascii: "!")
        if isNegated { line.removeFirst() }
        let foldersOnly = line.last == UInt8(ascii: "/")
        if foldersOnly { line.removeLast() }
        guard !line.isEmpty, rules.count < 10_000 else { return }
        rules.append(Rule(pattern: GlobPattern(Array(line)), text: text, isNegated: isNegated, foldersOnly: foldersOnly))
    }

    /// The last rule that speaks of `path`, which is relative to the folder of the ignore file.
    func verdict(on path: ArraySlice<UInt8>, isFolder: Bool) -> Rule? {
        rules.last { (!$0.foldersOnly || isFolder) && $0.pattern.matches(path) }
    }
}

/// The ignore files that hold for a folder: those of the folders above it and its own.
struct IgnoreStack: Sendable {
    private struct Level {
        var file: IgnoreFile
        /// Absolute path of the folder the rules are relative to, with a final `/`.
        var base: [UInt8]
    }

    private var levels: [Level] = []

    /// Adds the ignore files that lie in `folder`; a later one outweighs an earlier one.
    mutating func enter(_ folder: BytePath, read: (BytePath) -> [UInt8]?) {
        for name in IgnoreFile.names { add(folder.appending(Array(name.utf8)), for: folder, read: read) }
    }

    mutating func add(_ path: BytePath, for folder: BytePath, read: (BytePath) -> [UInt8]?) {
        guard let bytes = read(path) else { return }
        let file = IgnoreFile(path: path.description, bytes: bytes)
        guard !file.rules.isEmpty else { return }
        levels.append(Level(file: file, base: folder.bytes.last == UInt8(ascii: "/") ? folder.bytes : folder.bytes + [UInt8(ascii: "/")]))
    }

    /// Why `path` is ignored; `nil` if it is not.
    func reason(for path: BytePath, isFolder: Bool) -> SkipReason? {
        for level in levels.reversed() where path.bytes.starts(with: level.base) {
            guard let rule = level.file.verdict(on: path.bytes[level.base.count...], isFolder: isFolder) else { continue }
            return rule.isNegated ? nil : .ignored(rule: rule.text, source: level.file.path)
        }
        return nil
    }
}
