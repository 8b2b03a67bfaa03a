import Testing

import Ingestion

@Suite struct OfficeLoaderTests {
    @Test func word() throws {
        let document = try DocumentFixture.load("manual.docx")
        #expect(document.title == "Harbour manual")
        #expect(document.metadata["author"] == "Harbour office")
        #expect(document.outline.map { $0.replacing(/[ ][0-9-]+:/, with: ":") } == [
            "h1[Harbour manual]: Harbour manual", "h1[Pilots]: Pilots", "p: A pilot boards at the outer buoy.", "p: The fee is fifty crowns[1].",
            "li: 1. Call the tower", "li: 2. Wait for the light", "li: - Keep the channel", "h2[Fees]: Fees",
            "th: Ship | Fee", "tr: Barge | 12", "tr: Liner | 90", "p: Seen", "p: secret order white order", "p: See page 4.",
            "p: [1] Since the spring.", "p: [Comment 3 by Ada] Check the sum.",
        ])
        #expect(document.blocks.filter(\.isHidden).map { document.text($0.range) } == ["secret order white order"])
        let shown = document.withoutHiddenText()
        shown.checkInvariants(isSource: true)
        #expect(!shown.text.contains("secret") && shown.text.contains("Seen") && shown.blocks.count == document.blocks.count - 1)
        #expect(shown.notices == ["one passage is hidden and was left out"])
    }

    @Test func presentation() throws {
        let document = try DocumentFixture.load("tides.pptx")
        #expect(document.parts == [
            "@slide 1 h1[Tides]: Tides", "@slide 1 li: - rise twice a day", "@slide 1 li: - fall twice a day", "@slide 1 p: Notes: Point at the moon.",
            "@slide 2 th: Tide | Hour", "@slide 2 tr: high | 6", "@slide 2 tr: low | 12", "(@slide 3 not shown)",
        ])
    }

    @Test func spreadsheet() throws {
        let document = try DocumentFixture.load("fees.xlsx")
        #expect(document.parts == [
            "@sheet Fees, row 1 h1[Fees]: Fees", "@sheet Fees, row 2 th: Ship | Date | Share", "@sheet Fees, row 3 tr: Barge | 2024-02-28 | 25%",
            "@sheet Fees, row 4 tr: Liner |  | TRUE", "(@sheet Keys, row 1 Keys)", "(@sheet Keys, row 1 door code)",
        ])
    }

    @Test func openDocument() throws {
        #expect(try DocumentFixture.load("notes.odt").parts == [
            "h1[Locks]: Locks", "p: A lock lifts[1] ships.", "(unseen)", "li: - open", "li:   - slowly", "th: Gate | Lift", "tr: North | 3 m", "p: [1] With water.",
        ])
        #expect(try DocumentFixture.load("stock.ods").parts == [
            "@sheet Stock, row 1 h1[Stock]: Stock", "@sheet Stock, row 1 th: Part | Count", "@sheet Stock, row 2 tr: Rope | 7",
        ])
        #expect(try DocumentFixture.load("talk.odp").parts == ["@slide 1 h1[Lamps]: Lamps", "@slide 1 p: Lamps burn oil.", "@slide 1 p: Notes: Show one."])
    }

    @Test func book() throws {
        let document = try DocumentFixture.load("book.epub")
        #expect(document.title == "The lamp book" && document.metadata["author"] == "N. Oil")
        #expect(document.parts == ["@chapter 1 h1[One]: One", "@chapter 1 p: First chapter.", "@chapter 2 h1[Two]: Two", "@chapter 2 p: Second chapter."])
    }

    @Test func richText() throws {
        let document = try DocumentFixture.load("letter.rtf")
        #expect(document.title == "A letter")
        #expect(document.parts == [
            "h1[Dear ängstrom]: Dear ängstrom", "p: First — line[1]", "p: Привет", "(unseen)", "th: Ship | Fee", "tr: Barge | 12", "p: Last", "p: [1] A note.",
        ])
    }

    /// Entities are not expanded, and no file is read for them.
    @Test func entities() throws {
        let document = try DocumentFixture.load("entities.docx")
        #expect(document.parts.first == "p: before" && !document.text.contains("aaaa") && !document.text.contains("root:"))
    }
}
