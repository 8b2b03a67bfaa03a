import Foundation
import GRDB
import Testing

import Footnote

@Suite("Generations") struct GenerationTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for number in 0..<30 { try folder.write("\(number).md", "# Number \(number)\n\nThe keeper of lighthouse \(number) is called Ines.\n") }
    }

    private func found(_ base: KnowledgeBase) async throws -> [String] {
        try await base.search("Who keeps lighthouse 7?").map(\.document.path)
    }

    @Test("vector settings change behind the answers, and back again", arguments: VectorSettings.Codes.allCases)
    func rebuild(_ codes: VectorSettings.Codes) async throws {
        let base = try await folder.openBase()
        try await base.index(folder.url)
        let before = try await found(base)
        try await base.rebuildVectors(VectorSettings(codes: codes, neighbors: 8)) { done, total in #expect(done <= total) }
        #expect(try await base.generations().map(\.state) == [.active, .previous])
        #expect(try await base.generations()[0].settings == VectorSettings(codes: codes, neighbors: 8))
        #expect(try await found(base) == before)
        #expect(try await base.check(deep: true).findings == [])
        // What changes is in both when it counts.
        try folder.write("new.md", "# New\n\nThe harbour master is called Tom.\n")
        try folder.remove("3.md")
        try await base.index(folder.url)
        #expect(try await base.rollback())
        #expect(try await base.generations()[0].settings == VectorSettings())
        #expect(try await base.generations().map(\.vectors) == [30, 30])
        #expect(try await base.check(deep: true).findings == [])
        #expect(try await folder.openBase().search("Who is the harbour master?").first?.document.path == "new.md")
        #expect(try await base.dropPrevious())
        #expect(try await base.generations().count == 1)
        #expect(try await !base.rollback())
    }

    @Test("an interrupted rebuild goes on, and the old index answers meanwhile")
    func interrupted() async throws {
        let base = try await folder.openBase()
        try await base.index(folder.url)
        let before = try await found(base)
        let task = Task {
            try await base.rebuildVectors(VectorSettings(codes: .float16)) { _, _ in withUnsafeCurrentTask { $0?.cancel() } }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await base.generations().map(\.state) == [.active, .building])
        #expect(try await found(base) == before)
        try await folder.openBase().rebuildVectors(VectorSettings(codes: .float16))
        #expect(try await base.generations().map(\.settings.codes) == [.float16, .int8])
        #expect(try await found(base) == before)
    }

    @Test("a change of cutting can be undone until it is dropped, and keeps no removed document")
    func cutting() async throws {
        let base = try await folder.openBase()
        try await base.index(folder.url)
        var options = IndexingOptions()
        options.chunking = ChunkingChoice(.fixed, maximumTokens: 64)
        try await base.index([folder.url], options: options)
        #expect(try await base.generations().map(\.state) == [.active, .previous])
        try await base.remove(path: "5.md")
        #expect(try await base.generations().map(\.vectors) == [29, 29])
        #expect(try await base.rollback())
        #expect(try await base.documents().count == 29)
        #expect(try await base.check(deep: true).findings == [])
        #expect(try await base.dropPrevious())
        #expect(try await base.generations().count == 1)
        #expect(try await base.documents().count == 29)
    }

    @Test("searches see the active generation alone, whichever is kept beside it", arguments: SearchOptions.Mode.allCases)
    func kept(_ mode: SearchOptions.Mode) async throws {
        let base = try await folder.openBase()
        try await base.index(folder.url)
        let alone = try await base.search("Who keeps lighthouse 7?", options: SearchOptions(mode: mode, limit: 40))
        var options = IndexingOptions()
        options.chunking = ChunkingChoice(.fixed, maximumTokens: 64)
        try await base.index([folder.url], options: options)
        let current = try await base.documents().map(\.reference.id)
        let results = try await base.search("Who keeps lighthouse 7?", options: SearchOptions(mode: mode, limit: 40))
        #expect(results.count == alone.count)
        #expect(results.allSatisfy { current.contains($0.document.id) })
        // The older one again, with a document that is newer than all of the other.
        #expect(try await base.rollback())
        try folder.write("new.md", "# New\n\nThe keeper of lighthouse 99 is called Tom.\n")
        try await base.index(folder.url)
        let again = try await base.search("Who keeps lighthouse 7?", options: SearchOptions(mode: mode, limit: 40))
        #expect(again.count == alone.count + 1)
        #expect(Set(again.map(\.document.id)).intersection(current).isEmpty)
    }
}
