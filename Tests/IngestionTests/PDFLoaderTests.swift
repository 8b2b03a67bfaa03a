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

    /// White on white, not painted, transparent, of no size; and not what is white on dark, or lies over an image.
    @Test func hiddenText() throws {
        let document = try DocumentFixture.load("hidden.pdf")
        let seen = document.blocks.filter { !$0.isHidden }.map { document.text($0.range) }.joined(separator: " ")
        let hidden = document.blocks.filter(\.isHidden).map { document.text($0.range) }.joined(separator: " ")
        for words in ["Plain words are seen.", "White words on a dark bar.", "A layer over an image.", "Light grey words are seen."] {
            #expect(seen.contains(words), "\(seen)")
        }
        for words in ["White words on white paper.", "Words that are not painted.", "Words of glass.", "Nearly white words.", "Words of no size."] {
            #expect(hidden.contains(words) && !seen.contains(words), "\(hidden)")
        }
        let kept = document.withoutHiddenText()
        #expect(!kept.text.contains("paper") && kept.notices.contains("one passage is hidden and was left out"))
    }

    /// Letters and words from the right, numbers and other scripts among them from the left.
    @Test func rightToLeft() throws {
        let document = try DocumentFixture.load("hebrew.pdf")
        #expect(document.parts == ["@page 1 p: שלום לנמל 2024 בלילה", "@page 1 p: THE WORD נמל IS SHORT."])
    }

    /// Headings that are no larger than the text are known from the bookmarks, over line ends and with other numbers.
    @Test func outline() throws {
        let document = try DocumentFixture.load("outline.pdf")
        #expect(document.parts == [
            "@page 1 h1[1. Harbour rules]: 1. Harbour rules", "@page 1 p: Every ship gives its name at the gate.",
            "@page 1 h2[1.1 Lights and signals at night]: 1.1 Lights and signals at night", "@page 1 p: A lamp burns on the mast until dawn.",
            "@page 2 h1[2. Fees]: 2. Fees", "@page 2 p: The sum is set each year.",
        ])
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
