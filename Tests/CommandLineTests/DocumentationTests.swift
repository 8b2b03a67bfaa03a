import Foundation
import Testing

/// The documentation says what the tool does.
@Suite struct DocumentationTests {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test func commandReferenceIsWhatHelpSays() throws {
        let folder = try TemporaryFolder()
        var process = folder.process
        process.environment["FOOTNOTE"] = FootnoteProcess.executable.path
        let script = try process.makeProcess([])
        let page = folder.url.appendingPathComponent("commands.md")
        try Data().write(to: page)
        script.executableURL = Self.root.appendingPathComponent("scripts/command-reference.sh")
        script.standardOutput = try FileHandle(forWritingTo: page)
        try script.run()
        script.waitUntilExit()
        let committed = try Data(contentsOf: Self.root.appendingPathComponent("docs/commands.md"))
        #expect(try Data(contentsOf: page) == committed, "run `make docs` and commit docs/commands.md")
    }

    /// Every block of Swift on these pages stands in a file below Examples/, which `make test` builds.
    @Test(arguments: ["README.md", "docs/library.md"])
    func swiftSnippetsAreCompiled(page: String) throws {
        let text = try String(contentsOf: Self.root.appendingPathComponent(page), encoding: .utf8)
        let examples = FileManager.default.enumerator(
            at: Self.root.appendingPathComponent("Examples"), includingPropertiesForKeys: nil)
        var sources = ""
        while let file = examples?.nextObject() as? URL {
            guard file.pathExtension == "swift", !file.path.contains("/.build/") else { continue }
            sources += Self.unindented(try String(contentsOf: file, encoding: .utf8)) + "\n"
        }
        let blocks = text.components(separatedBy: "```swift\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        #expect(!blocks.isEmpty, "no Swift on \(page)")
        for block in blocks { #expect(sources.contains(Self.unindented(block)), "not in Examples/: \(block)") }
    }

    private static func unindented(_ text: String) -> String {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
    }
}
