import Foundation
import Testing

import Footnote

@Suite struct IndexingTests {
    let folder: TemporaryFolder
    let model = HashingEmbeddingModel()

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("keys.md", "# Keys\n\nRotate the signing keys every ninety days.\n\nKeep the old key for a week.\n")
        try folder.write("guide/backup.md", "# Backup\n\nThe backup server keeps seven daily copies.\n")
    }

    @Test func indexesAndFinds() async throws {
        let base = try await folder.openBase(model: model)
        let report = try await base.index(folder.url)
        #expect(report.fates == ["keys.md": .indexed, "guide/backup.md": .indexed])
        #expect(report.isComplete && report.embedded == report.chunks && report.chunks > 0)
        let results = try await base.search("How often must the signing keys be rotated?")
        let first = try #require(results.first)
        #expect(first.document.path == "keys.md")
        #expect(first.text.contains("ninety days"))
        let text = try await base.text(of: first.document)
        #expect(text[first.range].map(String.init) == first.text)
        #expect(try await base.text(of: first.document, in: first.range) == first.text)
        #expect(first.scores.lexicalRank == 1 && first.scores.denseRank != nil && first.scores.denseScore != nil)
        try await expectSound(base)
    }

    @Test func sequenceEndsWithTheReport() async throws {
        let base = try await folder.openBase(model: model)
        var files: [String] = [], last: IndexingReport?, found = 0
        for try await event in base.indexing([folder.url]) {
            switch event {
            case .progress(let progress): found = progress.filesFound
            case .file(let file): files.append(file.path)
            case .finished(let report): last = report
            }
        }
        #expect(found == 2)
        #expect(files.sorted() == ["guide/backup.md", "keys.md"])
        #expect(last?.files.count == 2)
        #expect(try await base.indexing([folder.url]).report.count(.unchanged) == 2)
    }

    @Test func secondRunDoesNothing() async throws {
        let base = try await folder.openBase(model: model)
        try await base.index(folder.url)
        let before = model.embedded
        let report = try await base.index(folder.url)
        #expect(report.count(.unchanged) == 2 && report.embedded == 0)
        #expect(model.embedded == before)
    }

    @Test func touchedFileIsUnchanged() async throws {
        let base = try await folder.openBase(model: model)
        try await base.index(folder.url)
        let before = model.embedded
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -5000)],
            ofItemAtPath: folder.url.appendingPathComponent("keys.md").path)
        #expect(try await base.index(folder.url).fates["keys.md"] == .unchanged)
        #expect(model.embedded == before)
    }

    @Test func changedFileEmbedsOnlyWhatChanged() async throws {
        let paragraphs = (0..<12).map { index in
            "## Part \(index)\n\n" + Array(repeating: "Sentence of part \(index).", count: 30).joined(separator: " ") + "\n\n"
        }
        try folder.write("long.md", "# Long\n\n" + paragraphs.joined())
        let base = try await folder.openBase(model: model)
        try await base.index(folder.url)
        let before = model.embedded
        var changed = paragraphs
        changed[5] = "## Part 5\n\nAn entirely different matter: zeppelins.\n\n"
        try folder.write("long.md", "# Long\n\n" + changed.joined())
        let report = try await base.index(folder.url)
        #expect(report.fates["long.md"] == .indexed)
        #expect((1...3).contains(model.embedded - before))
        #expect(try await base.search("zeppelins").first?.document.path == "long.md")
        try await expectSound(base)
    }

    @Test func renameDoesNotEmbed() async throws {
        let base = try await folder.openBase(model: model)
        try await base.index(folder.url)
        let chunk = try await base.search("ninety days").first?.chunkID
        let before = model.embedded
        try folder.move("keys.md", to: "security/rotation.md")
        let report = try await base.index(folder.url)
        #expect(report.fates == ["security/rotation.md": .moved, "guide/backup.md": .unchanged])
        #expect(model.embedded == before)
        let found = try await base.search("ninety days").first
        #expect(found?.document.path == "security/rotation.md")
        #expect(found?.chunkID == chunk)
    }

    @Test func copyIsADocumentOfItsOwn() async throws {
        let base = try await folder.openBase(model: model)
        try await base.index(folder.url)
        let before = model.embedded
        try folder.write("copy.md", "# Keys\n\nRotate the signing keys every ninety days.\n\nKeep the old key for a week.\n")
        #expect(try await base.index(folder.url).fates["copy.md"] == .indexed)
        #expect(model.embedded == before)
        #expect(try await base.documents().count == 3)
        let results = try await base.search("ninety days")
        #expect(Set(results.map(\.text)).count == results.count)
    }

    @Test func removedFileLeavesNoTrace() async throws {
        try folder.write("secret.md", "# Xylozanthum\n\nThe password is quetzalcoatlus and nothing else.\n")
        let base = try await folder.openBase(model: model)
        try await base.index(folder.url)
        #expect(try await base.search("quetzalcoatlus").first?.document.path == "secret.md")
        try folder.remove("secret.md")
        #expect(try await base.index(folder.url).fates["secret.md"] == .removed)
        #expect(try await base.search("quetzalcoatlus").allSatisfy { $0.document.path != "secret.md" })
        let bytes = try folder.bytes(below: ".footnote")
        // The lexical index holds stems: a piece of the word finds them too.
        for word in ["quetzalcoatl", "Xylozanth", "xylozanth", "secret.md"] {
            #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word) is still in the files")
        }
        try await expectSound(base)
    }

    @Test func otherFoldersAreLeftAlone() async throws {
        let base = try await folder.openBase(model: model)
        try await base.index(folder.url)
        try folder.remove("keys.md")
        let report = try await base.index(folder.url.appendingPathComponent("guide"))
        #expect(report.fates == ["guide/backup.md": .unchanged])
        #expect(try await base.documents().count == 2)
        #expect(try await base.index(folder.url.appendingPathComponent("keys.md")).fates == ["keys.md": .removed])
        await #expect(throws: KnowledgeBaseError.self) {
            try await base.index(folder.url.appendingPathComponent("never.md"))
        }
    }

    @Test func dryRunChangesNothing() async throws {
        let base = try await folder.openBase(model: model)
        var options = IndexingOptions()
        options.dryRun = true
        let report = try await base.index(folder.url, options: options)
        #expect(report.fates["keys.md"] == .indexed)
        #expect(try await base.documents().isEmpty && model.embedded == 0)
    }

    @Test func collectionsAreLabels() async throws {
        let base = try await folder.openBase(model: model)
        try await base.index(folder.url)
        var options = IndexingOptions()
        options.collection = "guides"
        let before = model.embedded
        #expect(try await base.index(folder.url.appendingPathComponent("guide"), options: options).count(.moved) == 1)
        #expect(model.embedded == before)
        #expect(try await base.status().collections.map(\.name) == ["default", "guides"])
        var search = SearchOptions()
        search.filter.collections = ["guides"]
        #expect(try await base.search("keys", options: search).allSatisfy { $0.document.collection == "guides" })
    }
}
