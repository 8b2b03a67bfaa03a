import Foundation
import Testing

/// What happens when somebody pulls the plug, with the real embedding model.
@Suite(.enabled(if: ModelFolder.hasEmbeddingModel)) struct InterruptionTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func writeManyFiles(_ count: Int) throws {
        for number in 0..<count {
            let sentences = (0..<40).map { "Buoy \(number) lies \($0) miles off the cape and is painted in colour \($0 * number)." }
            try folder.write(sentences.joined(separator: "\n\n"), to: "docs/buoy-\(number).md")
        }
    }

    @Test func controlCLeavesASoundKnowledgeBaseThatCanGoOn() throws {
        try writeManyFiles(60)
        let process = try folder.process.makeProcess(["index", "docs", "-v"])
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        // Long enough for the first documents to be committed, too short for all.
        Thread.sleep(forTimeInterval: 0.8)
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        #expect(try folder.process.run("doctor", "--deep").status == 0)
        #expect(try folder.process.run("index", "docs").status == 0)
        let status = try folder.process.run("status", "--json").output
        #expect(status.contains("\"documents\":60"))
    }

    @Test func twoProcessesMayIndexAtOnce() throws {
        try writeManyFiles(8)
        let processes = try (0..<2).map { _ in
            let process = try folder.process.makeProcess(["index", "docs"])
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            return process
        }
        for process in processes {
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
        #expect(try folder.process.run("status", "--json").output.contains("\"documents\":8"))
        #expect(try folder.process.run("doctor", "--deep").status == 0)
    }

    @Test func aReaderThatGoesAwayEndsTheCommandQuietly() throws {
        try folder.write("The lamp is lit at dusk.", to: "docs/lamp.md")
        _ = try folder.process.run("index", "docs")
        let shell = try folder.process.makeProcess([])
        let errors = folder.url.appendingPathComponent("errors")
        try Data().write(to: errors)
        shell.executableURL = URL(fileURLWithPath: "/bin/bash")
        shell.arguments = ["-c", "{ sleep 0.2; exec '\(FootnoteProcess.executable.path)' ls; } | true; exit ${PIPESTATUS[0]}"]
        shell.standardError = try FileHandle(forWritingTo: errors)
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 141)
        #expect(try Data(contentsOf: errors).isEmpty)
    }
}
