import Foundation
import Testing

import Ingestion

#if canImport(Glibc)
import Glibc
#endif

/// A folder that is removed with the value that made it.
final class TemporaryFolder {
    let path: String

    init() throws {
        let base = NSTemporaryDirectory() + "ingestion-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
        path = URL(fileURLWithPath: base).resolvingSymlinksInPath().path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ content: String = "text") throws {
        let file = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content.utf8).write(to: file)
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path + "/" + name, withDestinationPath: target)
    }

    /// Walks the folder; each report as `name` or `name: reason`.
    func walk(_ options: WalkOptions = WalkOptions(), roots: [String] = [""]) -> [String] {
        let roots = roots.map { BytePath($0.isEmpty ? path : path + "/" + $0) }
        return FolderWalker(roots, options: options).map { item in
            let name = item.path.description.replacingOccurrences(of: path + "/", with: "")
            switch item {
            case .file: return name
            case .skipped(_, let reason): return "\(name): \(reason)".replacingOccurrences(of: path + "/", with: "")
            case .failed(_, let error): return "\(name)! \(error)"
            }
        }
    }
}

@Suite struct FolderWalkerTests {
    @Test func orderHiddenAndNesting() throws {
        let folder = try TemporaryFolder()
        for name in ["b.md", "a/z.md", "a/b/c.md", "a.md", ".hidden", ".git/config", "Z.md", "知识.md"] { try folder.write(name) }
        #expect(folder.walk() == [".git: hidden", ".hidden: hidden", "Z.md", "a/b/c.md", "a/z.md", "a.md", "b.md", "知识.md"])
        #expect(folder.walk(roots: [".hidden", "a", "a/b", "a/z.md"]) == [
            ".hidden", "a/b/c.md", "a/z.md", "a/b: already read as part of another path", "a/z.md: already read as part of another path",
        ])
        #expect(folder.walk(roots: ["nowhere"]) == ["nowhere! the file vanished before it could be read"])
    }

    @Test func emptyFolder() throws {
        #expect(try TemporaryFolder().walk().isEmpty)
    }

    @Test func ignoreFiles() throws {
        let folder = try TemporaryFolder()
        for name in ["build/x.md", "src/build/y.md", "src/a.log", "src/keep.log", "src/deep/b.log", "notes.txt", "src/notes.txt", "doc/one/secret.md", "doc/two/x/secret.md", "logs"] {
            try folder.write(name)
        }
        try folder.write(".gitignore", "# comment\n*.log\n!keep.log\n/notes.txt\nlogs/\ndoc/**/secret.md\n\\#x\n")
        try folder.write(".footnoteignore", "build/\n")
        try folder.write("src/.gitignore", "!deep/b.log\nbuild/\n")
        let names = folder.walk().filter { !$0.hasSuffix(": hidden") }
        #expect(names == [
            "build: ignored by \"build/\" in .footnoteignore", "doc/one/secret.md: ignored by \"doc/**/secret.md\" in .gitignore",
            "doc/two/x/secret.md: ignored by \"doc/**/secret.md\" in .gitignore", "logs", "notes.txt: ignored by \"/notes.txt\" in .gitignore",
            "src/a.log: ignored by \"*.log\" in .gitignore", "src/build: ignored by \"build/\" in src/.gitignore", "src/deep/b.log", "src/keep.log", "src/notes.txt",
        ])
    }

    @Test func ignoreFilesAboveTheRootHoldInARepository() throws {
        let folder = try TemporaryFolder()
        try folder.write(".gitignore", "docs/private/\n*.tmp\n")
        try folder.write(".git/info/exclude", "local.md\n")
        for name in ["docs/private/a.md", "docs/b.md", "docs/c.tmp", "docs/local.md"] { try folder.write(name) }
        #expect(folder.walk(roots: ["docs"]).filter { !$0.contains(":") } == ["docs/b.md"])
    }

    @Test(arguments: [
        ("*.md", "a/b.md", true), ("/*.md", "a/b.md", false), ("a/*.md", "a/b.md", true), ("a/*.md", "a/c/b.md", false), ("a/**/b.md", "a/b.md", true),
        ("a/**/b.md", "a/x/y/b.md", true), ("**/foo", "x/foo", true), ("**/foo", "foo", true), ("foo/**", "foo/a/b", true), ("foo/**", "foo", false), ("a?c", "abc", true), ("a?c", "a/c", false),
        ("a?c", "aéc", true), ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false), ("[]]x", "]x", true), ("a\\*b", "a*b", true), ("a\\*b", "axb", false), ("[", "[", true), ("a**b", "axxb", true),
        ("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", String(repeating: "a", count: 200), false),
    ])
    func globs(_ pattern: String, _ path: String, _ expected: Bool) {
        #expect(GlobPattern(pattern).matches(Array(path.utf8)[...]) == expected)
    }

    @Test func selection() throws {
        let folder = try TemporaryFolder()
        for name in ["a.md", "b.txt", "drafts/c.md", "d/e.md"] { try folder.write(name) }
        var options = WalkOptions()
        options.selection = GlobSelection(["*.md", "!drafts"])
        #expect(folder.walk(options) == ["a.md", "b.txt: not selected by the given patterns", "d/e.md", "drafts: not selected by the given patterns"])
    }

    @Test func links() throws {
        let folder = try TemporaryFolder(), other = try TemporaryFolder()
        try other.write("outside.md")
        for name in ["a/real.md", ".store/kept.md"] { try folder.write(name) }
        try folder.link("a/loop", to: "..")
        try folder.link("a/self", to: "self")
        try folder.link("again.md", to: "a/real.md")
        try folder.link("kept.md", to: ".store/kept.md")
        try folder.link("store", to: ".store")
        try folder.link("out", to: other.path)
        try folder.link("gone", to: "nowhere")
        #expect(folder.walk() == [
            ".store: hidden", "a/real.md", "a/loop: a link that loops back to \(folder.path)", "a/self: a link that loops back to a/self",
            "again.md: a link to a/real.md, which is read there", "gone: a link to nothing", "kept.md", "out: a link out of the folder, to \(other.path)",
            "store/kept.md: already read as part of another path",
        ].map { $0.replacingOccurrences(of: folder.path + "/", with: "") })
    }

    @Test func specialFilesAndForeignNames() throws {
        let folder = try TemporaryFolder()
        #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
        let name = BytePath(folder.path).appending([0x66, 0xFF, 0xC3, 0x28, 0x2E, 0x6D, 0x64])
        let descriptor = name.withCString { open($0, O_CREAT | O_WRONLY, 0o600) }
        #if os(Linux)
        #expect(descriptor >= 0)
        _ = "# Hi".withCString { Glibc.write(descriptor, $0, 4) }
        close(descriptor)
        #expect(folder.walk() == ["f\\xFF\\xC3(.md", "pipe: not a regular file: a named pipe"])
        guard case .file(let file) = FolderWalker([BytePath(folder.path)]).first(where: { _ in true }) else { Issue.record("no file"); return }
        let contents = try FileReader().read(file)
        #expect(contents.path.hasSuffix("f\\xFF\\xC3(.md") && contents.pathExtension == "md" && contents.bytes == Array("# Hi".utf8))
        #endif
    }

    @Test(.enabled(if: geteuid() != 0, "root may read everything")) func unreadableFolder() throws {
        let folder = try TemporaryFolder()
        try folder.write("locked/a.md")
        try folder.write("b.md")
        chmod(folder.path + "/locked", 0)
        defer { chmod(folder.path + "/locked", 0o700) }
        #expect(folder.walk() == ["b.md", "locked! permission denied; check the owner and the mode of the file and its folders"])
    }

    @Test func readingIsBounded() throws {
        let folder = try TemporaryFolder()
        try folder.write("a.md", String(repeating: "x", count: 100))
        #expect(throws: IngestionError.tooLarge(size: 100, limit: 99)) { try FileReader(maximumSize: 99).read(BytePath(folder.path + "/a.md")) }
        #expect(throws: IngestionError.vanished) { try FileReader().read(BytePath(folder.path + "/b.md")) }
        #expect(throws: IngestionError.self) { try FileReader().read(BytePath(folder.path)) }
        // A sparse file of a gigabyte is refused by its size alone.
        let descriptor = open(folder.path + "/big.txt", O_CREAT | O_WRONLY, 0o600)
        #expect(ftruncate(descriptor, 1_000_000_000) == 0)
        close(descriptor)
        #expect(throws: IngestionError.tooLarge(size: 1_000_000_000, limit: 64_000_000)) { try FileReader().read(BytePath(folder.path + "/big.txt")) }
        #expect(IngestionError.tooLarge(size: 1_000_000_000, limit: 64_000_000).description.contains("1 GB, the limit is 64 MB"))
    }
}
