import Testing

import Ingestion

@Suite(.enabled(if: LoaderRegistry.version.contains("pdftotext"))) struct PDFLoaderTests {
    @Test func pages() throws {
        let document = try DocumentFixture.load("report.pdf")
        #expect(document.parts == [
            "@page 1 h1[Keeping the light]: Keeping the light",
            "@page 1 p: The keeper lights the lamp each evening and notes the hour in a book that stays on the table by the window all through the winter months of the year.",
            "@page 1 p: Ships pass on the far side of the bar where the water is deep enough, and they sound the horn once to greet the keeper as they go by in the evening.",
            "@page 2 h1[Fees]: Fees", "@page 2 p: Each ship pays by its size, and the sum is set each year.",
            "@page 2 th: Ship | Flag | Fee", "@page 2 tr: Barge | red | 12", "@page 2 tr: Liner | blue | 90", "@page 2 tr: Tug | none | 4",
            "@page 3 p: The last page says little.", "(@page 3 unseen order)",
        ])
        #expect(document.notices.contains { $0.hasPrefix("page 4 has no text layer") })
    }

    @Test func chunksKeepTheirPage() throws {
        let chunks = StructuredChunker(tokenCount: { $0.split(separator: " ").count }).chunks(of: try DocumentFixture.load("report.pdf"))
        #expect(chunks.map(\.place) == [.page(1), .page(2)])
    }

    @Test func manyPages() throws {
        let document = try DocumentFixture.load("long.pdf")
        #expect(document.blocks.count == 2000)
        #expect(document.blocks.last?.place == .page(2000))
    }

    @Test func damaged() throws {
        let bytes = try DocumentFixture.bytes("report.pdf")
        for bytes in [Array("%PDF-1.7\nnothing".utf8), Array(bytes.prefix(300)), Array("not a PDF".utf8)] {
            let outcome = LoaderRegistry.standard.load(FileContents(path: "a.pdf", bytes: bytes))
            guard case .failed(.malformed) = outcome else { Issue.record("\(outcome)"); continue }
        }
    }

    @Test func slowFilesAreStopped() throws {
        var limits = LoadLimits()
        limits.seconds = 0.05
        let outcome = try DocumentFixture.all("long.pdf", limits: limits)[0].outcome
        guard case .failed(.outOfTime) = outcome else { Issue.record("\(outcome)"); return }
    }
}
