import Foundation
import Testing

/// Files, folders, disks and databases as they must not be, with the real embedding model: an error that says what to
/// do, a truthful exit status, nothing lost, no crash.
@Suite(.enabled(if: ModelFolder.hasEmbeddingModel)) struct BadInputTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("# Lamp\n\nThe lamp is lit at dusk and put out at dawn.", to: "docs/lamp.md")
    }

    private func path(_ name: String) -> String { folder.url.appendingPathComponent(name).path }

    private func shell(_ script: String) throws -> FootnoteProcess.Result {
        let process = try folder.process.makeProcess([])
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", script]
        let output = folder.url.appendingPathComponent("shell-output")
        try Data().write(to: output)
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = process.standardOutput
        try process.run()
        process.waitUntilExit()
        let text = String(decoding: try Data(contentsOf: output), as: UTF8.self)
        return FootnoteProcess.Result(status: process.terminationStatus, output: text, error: "")
    }

    private func expectSound(documents: Int, sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(try folder.process.run("doctor", "--deep").status == 0, sourceLocation: sourceLocation)
        let status = try folder.process.run("status", "--json").output
        #expect(status.contains("\"documents\":\(documents)"), sourceLocation: sourceLocation)
    }

    @Test func aFileOfOneGigabyteIsSkippedAndSaidSo() throws {
        // Sparse: it takes no room on the disk.
        try folder.write("Large", to: "docs/huge.txt")
        #expect(truncate(path("docs/huge.txt"), 1 << 30) == 0)
        let result = try folder.process.run("index", "docs")
        #expect(result.status == 0)
        #expect(result.output.contains("huge.txt: the file has"))
        try expectSound(documents: 1)
    }

    @Test func foldersAsTheyShouldNotBe() throws {
        let result = try shell(
            """
            mkdir -p docs/loop docs/empty && ln -s .. docs/loop/up && ln -s nowhere docs/dangling.md
            printf 'Bad name, good text.' > "docs/$(printf 'n\\xff\\xfeme.txt')"
            mkfifo docs/pipe.txt
            '\(FootnoteProcess.executable.path)' index docs
            """)
        #expect(result.status == 0 || result.status == 4)
        #expect(result.output.contains("loop") || result.output.contains("link"))
        try expectSound(documents: 2)
        #expect(try folder.process.run("search", "good text", "--mode", "lexical").status == 0)
        let nothing = try folder.process.run("index", "docs/empty", "--db", path("empty.sqlite"))
        #expect(nothing.status == 0)
    }

    @Test func killedWithoutWarningLosesNothingThatWasCommitted() throws {
        for number in 0..<50 {
            let sentences = (0..<40).map { "Buoy \(number) lies \($0) miles off the cape, painted in colour \($0 * number)." }
            try folder.write(sentences.joined(separator: "\n\n"), to: "docs/buoy-\(number).md")
        }
        for delay in [0.1, 0.4, 0.7] {
            let process = try folder.process.makeProcess(["index", "docs"])
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            Thread.sleep(forTimeInterval: delay)
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            if FileManager.default.fileExists(atPath: path(".footnote/knowledge.sqlite")) {
                #expect(try folder.process.run("doctor", "--deep").status == 0)
            }
        }
        #expect(try folder.process.run("index", "docs").status == 0)
        try expectSound(documents: 51)
    }

    @Test func filesThatVanishAndChangeMeanwhile() throws {
        for number in 0..<300 { try folder.write("Note \(number). Nothing more to say of it.", to: "docs/note-\(number).txt") }
        let result = try shell(
            """
            '\(FootnoteProcess.executable.path)' index docs > report.txt 2>&1 & job=$!
            for n in $(seq 299 -1 0); do rm -f docs/note-$n.txt; echo changed >> docs/lamp.md; done
            wait $job; echo status $?
            """)
        #expect(result.output.contains("status 0") || result.output.contains("status 4"))
        #expect(try folder.process.run("index", "docs").status == 0)
        try expectSound(documents: 1)
    }

    @Test func damagedAndForeignDatabasesAreNamedForWhatTheyAre() throws {
        _ = try folder.process.run("index", "docs")
        let database = path(".footnote/knowledge.sqlite")
        let whole = try Data(contentsOf: URL(fileURLWithPath: database))
        for name in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: database + name) }

        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path("half.sqlite")))
        var scrambled = whole
        for offset in stride(from: 4096, to: whole.count - 64, by: 611) { scrambled[offset] ^= 0x5a }
        try scrambled.write(to: URL(fileURLWithPath: path("scrambled.sqlite")))
        for name in ["half.sqlite", "scrambled.sqlite"] {
            for command in [["search", "lamp", "--mode", "lexical"], ["ls"], ["doctor", "--deep"], ["index", "docs"]] {
                let result = try folder.process.run(command + ["--db", path(name)])
                #expect([0, 1, 3, 4].contains(result.status), "\(name) \(command): \(result.status) \(result.error)")
            }
            #expect(try folder.process.run("doctor", "--deep", "--db", path(name)).status != 0)
        }
        var newer = whole
        newer.replaceSubrange(60..<64, with: [0, 0, 3, 231])  // user_version in SQLite's file header
        try newer.write(to: URL(fileURLWithPath: path("newer.sqlite")))
        let refused = try folder.process.run("status", "--db", path("newer.sqlite"))
        #expect(refused.status == 1)
        #expect(refused.error.contains("newer version"))
    }

    #if os(Linux)
    /// Needs the right to mount; without it there is nothing to test on.
    @Test func aFullDiskSaysSoAndKeepsWhatWasThere() throws {
        guard getuid() == 0, try shell("mkdir disk && mount -t tmpfs -o size=3m tmpfs disk").status == 0 else { return }
        defer { _ = try? shell("umount disk") }
        let database = path("disk/base.sqlite")
        #expect(try folder.process.run("index", "docs", "--db", database).status == 0)
        for number in 0..<200 {
            let sentences = (0..<60).map { "Buoy \(number) lies \($0) miles off the cape, painted in colour \($0 * number)." }
            try folder.write(sentences.joined(separator: "\n\n"), to: "docs/buoy-\(number).md")
        }
        let result = try folder.process.run("index", "docs", "--db", database)
        #expect(result.status == 1)
        #expect(result.error.contains("no space left"))
        #expect(try folder.process.run("search", "lamp", "--mode", "lexical", "--db", database).output.contains("lamp"))
        #expect(try folder.process.run("ls", "--db", database).output.contains("lamp.md"))
    }
    #endif
}
