import Foundation
import GRDB
import Testing

import Footnote

/// Pages, slides, sheets with their rows, cells and chapters, from the file to the citation.
@Suite struct PlaceTests {
    private static let documents = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("IngestionTests/Fixtures/documents")

    private func base(_ name: String, _ folder: TemporaryFolder) async throws -> KnowledgeBase {
        try FileManager.default.copyItem(
            at: Self.documents.appendingPathComponent(name), to: folder.url.appendingPathComponent(name))
        let base = try await folder.openBase()
        try await base.index(folder.url)
        return base
    }

    /// The place of every passage of a document, in order.
    private func places(_ name: String) async throws -> [String] {
        let folder = try TemporaryFolder(), base = try await base(name, folder)
        let document = try #require(try await base.documents().first)
        let chunks = try await base.chunks(of: document.reference)
        try await expectSound(base)
        return chunks.map { $0.location.place?.description ?? "-" }
    }

    @Test func sheets() async throws {
        let places = try await places("fees.xlsx")
        #expect(!places.isEmpty && places.allSatisfy { $0.contains(/^sheet .+, rows? [0-9]+(-[0-9]+)?$/) }, "\(places)")
        #expect(places.contains { $0.contains("rows") })
    }

    @Test func slides() async throws {
        let places = try await places("tides.pptx")
        #expect(!places.isEmpty && places.allSatisfy { $0.hasPrefix("slide") }, "\(places)")
    }

    @Test func cells() async throws {
        let places = try await places("analysis.ipynb")
        #expect(places.contains { $0.hasPrefix("cell") }, "\(places)")
    }

    @Test func chapters() async throws {
        let places = try await places("book.epub")
        #expect(places.contains { $0.hasPrefix("chapter") }, "\(places)")
    }

    private struct Paper: FileLoader {
        let formatName = "paper"
        let extensions: Set<String> = ["paper"]

        func load(_ bytes: [UInt8], path: String) throws -> FileText {
            if String(decoding: bytes, as: UTF8.self).hasPrefix("bad") { throw CocoaError(.fileReadCorruptFile) }
            var text = FileText()
            for (index, page) in String(decoding: bytes, as: UTF8.self).split(separator: "|").enumerated() {
                text.page = index + 1
                text.paragraph(String(page))
            }
            return text
        }
    }

    /// A passage over two pages says both; a sentence quoted from it says its own.
    @Test func quotesHaveTheirOwnPage() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a.paper", "The lock lifts ships.|The keeper of the northern gate is called Ines Vogt.|Nobody lives there.")
        var options = IndexingOptions()
        options.loaders = [Paper()]
        let base = try await folder.openBase()
        #expect(try await base.index([folder.url], options: options).isComplete)
        let result = try #require(try await base.search("keeper of the northern gate").first)
        #expect(result.location.place == SourcePlace(.page, first: 1, last: 3) && result.location.page == 1)
        var asking = AskOptions()
        asking.minimumEvidence = 0
        let answer = try await base.answer("Who is the keeper of the northern gate?", options: asking)
        let citation = try #require(answer.citations.first { $0.quote.contains("Ines") })
        #expect(citation.location.place?.description == "page 2")
    }

    /// A loader of the library's user: it is asked first, what it throws is the reason, and `extract` sees what it sees.
    @Test func loadersOfOnesOwn() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a.paper", "One page.|Another page.")
        let bad = try folder.write("b.paper", "bad bytes")
        var options = IndexingOptions()
        options.loaders = [Paper()]
        let base = try await folder.openBase()
        let report = try await base.index([folder.url], options: options)
        #expect(report.fates == ["a.paper": .indexed, "b.paper": .failed])
        #expect(report.files.first { $0.path == "b.paper" }?.reason?.hasPrefix("not readable as paper: ") == true)
        #expect(try await base.documents().map(\.format) == ["paper"])
        let extracted = await ExtractedFile.read(folder.url.appendingPathComponent("a.paper"), options: options)
        #expect(extracted.first?.blocks.map(\.place) == ["page 1", "page 2"])
        #expect(await ExtractedFile.read(bad, options: options).first?.status == .failed)
    }

    /// A knowledge base from before places were kept: pages and slides come over, all else goes on.
    @Test func olderDatabasesKeepTheirPages() async throws {
        let folder = try TemporaryFolder(), made = try await base("tides.pptx", folder)
        let before = try await made.search("tide").map(\.location.page)
        let path = folder.url.appendingPathComponent(".footnote/knowledge.sqlite").path
        try await DatabaseQueue(path: path).write { db in
            try db.execute(sql: """
                ALTER TABLE chunks ADD COLUMN page INTEGER;
                UPDATE chunks SET page = (SELECT CAST(substr(place, 7) AS INTEGER) FROM places
                  WHERE places.document_id = chunks.document_id AND places.start <= chunks.start ORDER BY start DESC LIMIT 1);
                DROP TABLE near_duplicates; DROP TABLE near_duplicate_bands; DROP TABLE places; ALTER TABLE chunks DROP COLUMN embedded_start; ALTER TABLE chunks DROP COLUMN embedded_end;
                PRAGMA user_version = 2
                """)
        }
        let opened = try await folder.openBase()
        #expect(try await opened.search("tide").map(\.location.page) == before)
        #expect(before.contains { $0 != nil })
        try await expectSound(opened)
    }
}
