import Foundation
import Testing

import Footnote

/// What failed is told once, remembered, and tried again when something has changed.
@Suite struct RememberedFailureTests {
    private static let documents = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("IngestionTests/Fixtures/documents")

    @Test func membersOfArchives() async throws {
        let folder = try TemporaryFolder()
        let archive = folder.url.appendingPathComponent("nested.zip")
        try FileManager.default.copyItem(at: Self.documents.appendingPathComponent("nested.zip"), to: archive)
        try folder.write("a.md", "# Gate\n\nThe gate opens at six.\n")
        let base = try await folder.openBase()
        let first = try await base.index(folder.url)
        #expect(!first.isComplete)
        let failed = first.files.filter { $0.status == .failed }
        #expect(failed.count == 1 && failed[0].path.contains("!/") && !failed[0].isRemembered)

        let second = try await base.index(folder.url)
        #expect(second.isComplete && second.count(.failed) == 1)
        #expect(second.files.filter { $0.status == .failed }.map(\.isRemembered) == [true])
        #expect(try await base.files(.failed).map(\.path) == failed.map(\.path))

        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -5000)], ofItemAtPath: archive.path)
        #expect(try await !base.index(folder.url).isComplete)
        try folder.remove("nested.zip")
        #expect(try await base.index(folder.url).count(.failed) == 0)
        #expect(try await base.files(.failed).isEmpty)
    }

    private struct Tape: FileLoader {
        let formatName = "tape"
        let extensions: Set<String> = ["tape"]

        func load(_ bytes: [UInt8], path: String) throws -> FileText {
            var text = FileText()
            text.paragraph("The tape has \(bytes.count) marks.")
            return text
        }
    }

    /// A loader that was not there before, and another time limit, are reasons to try again.
    @Test func otherReaders() async throws {
        let folder = try TemporaryFolder()
        try Data([0, 1, 2, 3, 0, 0, 7, 8]).write(to: folder.url.appendingPathComponent("a.tape"))
        try folder.write("slow.md", String(repeating: "- one *item* of a [list](x)\n", count: 4000))
        let base = try await folder.openBase()
        var options = IndexingOptions()
        options.maximumFileSeconds = 0
        let first = try await base.index([folder.url], options: options)
        #expect(first.fates == ["a.tape": .skipped, "slow.md": .failed])
        #expect(first.files.first { $0.path == "slow.md" }?.reason?.contains("longer than 0 s") == true)
        #expect(try await base.index([folder.url], options: options).isComplete)
        options.maximumFileSeconds = 30
        options.loaders = [Tape()]
        let second = try await base.index([folder.url], options: options)
        #expect(second.fates == ["a.tape": .indexed, "slow.md": .indexed])
        #expect(try await base.index([folder.url], options: options).count(.unchanged) == 2)
    }
}
