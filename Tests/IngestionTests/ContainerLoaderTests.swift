import Testing

import Ingestion

@Suite struct ContainerLoaderTests {
    @Test func mail() throws {
        let files = try DocumentFixture.all("mail.eml")
        let document = try #require(files[0].document)
        #expect(document.title == "Tides and fees for May")
        #expect(document.metadata["from"] == "Jürgen <j@example.org>")
        #expect(document.parts == [
            "h1[Tides and fees for May]: Tides and fees for May",
            "p: From: Jürgen <j@example.org>⏎To: office@example.org⏎Date: Fri, 3 May 2024 10:00:00 +0000", "p: The fee is fünfzig.",
        ])
        #expect(files.dropFirst().map(\.summary) == ["mail.eml!/fées.csv: CSV, 2 blocks"])
    }

    @Test func mailbox() throws {
        let files = try DocumentFixture.all("box.mbox")
        #expect(files.map(\.summary) == ["box.mbox: mailbox, 0 blocks", "box.mbox!/1.eml: mail, 3 blocks", "box.mbox!/2.eml: mail, 3 blocks"])
        #expect(files[1].document?.text.contains("\nFrom here on.") == true)
    }

    @Test func savedPage() throws {
        #expect(try DocumentFixture.load("page.mht").parts == ["h1[Saved]: Saved", "p: Kept – whole."])
    }

    @Test func zip() throws {
        #expect(try DocumentFixture.all("files.zip").map(\.summary) == [
            "files.zip: archive, 0 blocks", "files.zip!/a.md: Markdown, 2 blocks", "files.zip!/inner.zip: archive, 0 blocks",
            "files.zip!/inner.zip!/deep/c.md: Markdown, 2 blocks",
            "files.zip!/escape.md: skipped, its name leads out of the archive: ../escape.md", "files.zip!/abs.md: skipped, its name leads out of the archive: /abs.md",
            "files.zip!/C:/win.md: skipped, its name leads out of the archive: C:/win.md", "files.zip!/b.bin: skipped, not text: binary data",
        ])
    }

    @Test func tar() throws {
        let files = try DocumentFixture.all("files.tar.gz")
        #expect(files.map(\.summary) == [
            "files.tar.gz: archive, 0 blocks", "files.tar.gz!/x/\(String(repeating: "long", count: 40)).md: Markdown, 2 blocks", "files.tar.gz!/y.txt: plain text, 1 blocks",
            "files.tar.gz!/up.txt: skipped, its name leads out of the archive: ../up.txt", "files.tar.gz!/link: skipped, a link or device in an archive",
        ])
    }

    @Test func bombs() throws {
        let clock = ContinuousClock()
        let time = try clock.measure {
            let files = try DocumentFixture.all("bomb.zip")
            #expect(files.count == 1)
            guard case .failed(.expandsTooFar) = files[0].outcome else { Issue.record("\(files[0].summary)"); return }
        }
        #expect(time < .seconds(20))
        let nested = try DocumentFixture.all("nested.zip")
        guard case .failed(.nestedTooDeep) = nested.last?.outcome else { Issue.record("\(nested.map(\.summary))"); return }
        var limits = LoadLimits()
        limits.members = 3
        let files = try DocumentFixture.all("files.zip", limits: limits)
        guard case .failed(.tooManyMembers) = files.last?.outcome else { Issue.record("\(files.map(\.summary))"); return }
    }

    /// Cut off or changed anywhere, archives and messages give what they give, without a crash.
    @Test(arguments: ["files.zip", "manual.docx", "fees.xlsx", "notes.odt", "book.epub", "letter.rtf", "mail.eml", "box.mbox", "files.tar.gz", "tides.pptx", "analysis.ipynb"])
    func damage(_ name: String) throws {
        let bytes = try DocumentFixture.bytes(name)
        var random = SeededGenerator(seed: 11)
        for round in 0..<150 {
            var damaged = bytes
            if round % 3 == 0 {
                damaged.removeLast(Int.random(in: 1..<bytes.count, using: &random))
            } else {
                for _ in 0..<Int.random(in: 1...12, using: &random) { damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...255, using: &random) }
            }
            for file in LoaderRegistry.standard.loadAll(FileContents(path: name, bytes: damaged)) { file.document?.checkInvariants(isSource: false) }
        }
    }
}
