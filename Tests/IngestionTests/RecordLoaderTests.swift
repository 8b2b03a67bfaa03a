import Testing

import Ingestion

@Suite struct RecordLoaderTests {
    private func load(_ name: String, _ text: String) -> LoadedDocument {
        guard case .loaded(let document, _) = LoaderRegistry.standard.load(FileContents(path: name, bytes: Array(text.utf8))) else {
            return LoadedDocument(text: "", blocks: [])
        }
        document.checkInvariants()
        return document
    }

    @Test func jsonEntriesAreRecords() {
        let document = load("a.json", "{\"title\": \"A \\u00e9\\ud83d\\ude00 \\ud800\",\n \"list\": [1, {\"x\": []}],\n\"n\": -1.5e+3}")
        #expect(document.title == "A é😀 \u{FFFD}")
        #expect(document.outline == ["record 1: \"title\": \"A \\u00e9\\ud83d\\ude00 \\ud800\"", "record 2: \"list\": [1, {\"x\": []}]", "record 3: \"n\": -1.5e+3"])
        #expect(load("a.json", "[ 1 ,{\"a\":\n2}, \"s\" ]").outline == ["record 1: 1", "record 1-2: {\"a\":⏎2}", "record 2: \"s\""])
        #expect(load("a.json", " 42 ").outline == ["record 1: 42"])
        #expect(load("a.json", "[]").isEmpty && load("a.json", "  ").isEmpty)
    }

    @Test(arguments: ["{", "[1,]", "{\"a\" 1}", "{\"a\":1,}", "[01]", "[1 2]", "\"\\x\"", "\"\\u12g4\"", "nul", "[1] x", "{1:2}", "-", "1.", "[\"a\nb\"]"])
    func brokenJSONIsTextWithANotice(_ text: String) {
        let document = load("a.json", text)
        #expect(document.notices.count == 1 && !document.isEmpty)
    }

    @Test func depthIsBounded() {
        #expect(load("a.json", String(repeating: "[", count: 500) + String(repeating: "]", count: 500)).notices.isEmpty)
        let deep = load("a.json", String(repeating: "[", count: 1_000_000))
        #expect(deep.notices.first?.contains("nested deeper") == true)
        #expect(load("a.json", String(repeating: "{\"a\":", count: 100_000)).notices.count == 1)
    }

    @Test func jsonLines() {
        let document = load("a.jsonl", "{\"a\": 1}\r\n\n{\"b\": 2}\nbroken\n")
        #expect(document.outline == ["record 1: {\"a\": 1}", "record 3: {\"b\": 2}", "record 4: broken"])
        #expect(document.notices.count == 1)
    }

    @Test func csvRows() {
        let document = load("a.csv", "name,age\n\"A, \"\"B\"\"\nC\",3\n\nd,4\n")
        #expect(document.outline == ["th 1: name,age", "tr 2-3: \"A, \"\"B\"\"⏎C\",3", "tr 5: d,4"])
        #expect(load("a.csv", "1;2\n3;4").outline == ["tr 1: 1;2", "tr 2: 3;4"])
        #expect(load("a.tsv", "a\tb\n1\t\n").outline == ["th 1: a\tb", "tr 2: 1"])
        let open = load("a.csv", "a,b\n\"x,1\ny,2\n")
        #expect(open.outline == ["th 1: a,b", "tr 2: \"x,1", "tr 3: y,2"] && open.notices.count == 1)
    }

    @Test func hugeLines() {
        let document = load("a.csv", "a,b\n" + String(repeating: "x,", count: 500_000))
        #expect(document.blocks.count == 2)
        let chunks = StructuredChunker(tokenCount: { ($0.utf8.count + 3) / 4 }).chunks(of: document)
        #expect(chunks.count > 100 && chunks.allSatisfy { $0.range.count <= 220 * 16 })
    }

    @Test func randomTextKeepsTheInvariants() {
        var random = SeededGenerator(seed: 11)
        let atoms = ["{", "}", "[", "]", ",", ":", "\"", "a", "\\", "\n", " ", "1", "é", "\"a\"", "true", ";", "\t"]
        for name in ["a.json", "a.jsonl", "a.csv", "a.tsv", "a.txt"] {
            for _ in 0..<1000 {
                _ = load(name, (0..<Int.random(in: 1...20, using: &random)).map { _ in atoms.randomElement(using: &random) ?? "" }.joined())
            }
        }
    }
}
