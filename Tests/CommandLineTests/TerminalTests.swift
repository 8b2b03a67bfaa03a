#if os(Linux)
import Foundation
import Testing

/// What a person sees: the tool runs inside a terminal that `script` makes.
@Suite(.enabled(if: ModelFolder.hasEmbeddingModel && FileManager.default.isExecutableFile(atPath: "/usr/bin/script")))
struct TerminalTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("# Lamp\n\nThe lamp is lit at dusk. \u{1B}[31mIt is red.\u{1B}[0m\n", to: "docs/lamp.md")
    }

    private func onTerminal(_ arguments: String, environment: [String: String] = [:]) throws -> String {
        var process = folder.process
        process.environment = ["TERM": "xterm"].merging(environment) { $1 }
        let script = try process.makeProcess(
            ["-qec", "'\(FootnoteProcess.executable.path)' \(arguments)", "/dev/null"])
        script.executableURL = URL(fileURLWithPath: "/usr/bin/script")
        let screen = folder.url.appendingPathComponent("screen-\(UUID().uuidString)")
        try Data().write(to: screen)
        script.standardInput = FileHandle.nullDevice
        script.standardOutput = try FileHandle(forWritingTo: screen)
        try script.run()
        script.waitUntilExit()
        return String(decoding: try Data(contentsOf: screen), as: UTF8.self)
    }

    @Test func aTerminalGetsProgressColoursAndLinks() throws {
        #expect(try onTerminal("index docs").contains("1/1 files"))
        let found = try onTerminal("search lamp")
        #expect(found.contains("\u{1B}]8;;file://"))
        #expect(found.contains("\u{1B}[36m"))
        // A document's own escape sequences do not reach the terminal.
        #expect(!found.contains("\u{1B}[31mIt is red"))
    }

    @Test func noColorIsHonoured() throws {
        _ = try folder.process.run("index", "docs")
        #expect(!(try onTerminal("search lamp", environment: ["NO_COLOR": "1"]).contains("\u{1B}[3")))
    }

    @Test func offATerminalThereAreNoEscapeSequences() throws {
        let indexing = try folder.process.run("index", "docs")
        #expect(indexing.error.isEmpty)
        #expect(!indexing.output.contains("\u{1B}"))
        // Piped text is the document's own.
        #expect(try folder.process.run("get", "lamp.md").output.contains("\u{1B}[31mIt is red"))
    }
}
#endif
