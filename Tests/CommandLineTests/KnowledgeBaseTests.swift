import Foundation
import Testing

/// A knowledge base made, read and taken apart by the command line, with the real embedding model.
@Suite(.enabled(if: ModelFolder.hasEmbeddingModel)) struct KnowledgeBaseCommandTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(
            """
            # Lighthouse

            ## Keys
            The lamp room key hangs behind the stove. It is rotated every 90 days.

            ## Fog
            In fog the horn sounds twice a minute.
            """, to: "docs/lighthouse.md")
        try folder.write("茶馆每周一闭馆。参观需要提前预约。\n", to: "docs/茶馆.txt")
    }

    private func json(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func indexMakesAKnowledgeBaseAndTheSecondTimeFindsNothingToDo() throws {
        let first = try json(folder.process.run("index", "docs", "--json").output)
        #expect((first["counts"] as? [String: Int])?["indexed"] == 2)
        #expect(FileManager.default.fileExists(atPath: folder.url.appendingPathComponent(".footnote").path))
        let second = try json(folder.process.run("index", "docs", "--json").output)
        #expect((second["counts"] as? [String: Int])?["unchanged"] == 2)
        #expect(second["embedded"] as? Int == 0)
    }

    @Test func searchFindsThePassageAndNothingElseIsPrinted() throws {
        let indexing = try folder.process.run("index", "docs")
        #expect(indexing.status == 0)
        #expect(indexing.error.isEmpty)
        let result = try folder.process.run("search", "where is the key", "--json", "-n", "1")
        #expect(result.status == 0)
        #expect(result.error.isEmpty)
        let found = try #require(try json(result.output)["results"] as? [[String: Any]])
        #expect(found.first?["path"] as? String == "docs/lighthouse.md")
        #expect(found.first?["heading_path"] as? [String] == ["Lighthouse", "Keys"])
        let explained = try folder.process.run("search", "lamp", "--explain")
        #expect(explained.output.contains("lexical #1"))
        #expect(explained.output.contains("fused"))
        #expect(!explained.output.contains("\u{1B}"))
    }

    @Test func twoCharacterChineseWordsAreFound() throws {
        _ = try folder.process.run("index", "docs")
        let result = try folder.process.run("search", "闭馆", "--mode", "lexical", "--json")
        let found = try #require(try json(result.output)["results"] as? [[String: Any]])
        #expect(found.first?["path"] as? String == "docs/茶馆.txt")
    }

    @Test func metadataNarrowsWhatIsFound() throws {
        try folder.write("---\nstatus: draft\nauthor: Ines\n---\n# Plan\n\nThe lamp will be electric.\n", to: "docs/plan.md")
        _ = try folder.process.run("index", "docs")
        let result = try folder.process.run("search", "lamp", "--metadata", "status=Draft", "--json")
        let found = try #require(try json(result.output)["results"] as? [[String: Any]])
        #expect(found.map { $0["path"] as? String } == ["docs/plan.md"])
        #expect(try folder.process.run("search", "lamp", "--metadata", "status=final").status == 3)
        #expect(try folder.process.run("search", "lamp", "--metadata", "status").status == 64)
    }

    @Test func nothingFoundIsStatusThree() throws {
        _ = try folder.process.run("index", "docs")
        let result = try folder.process.run("search", "zzyzx", "--mode", "lexical")
        #expect(result.status == 3)
        #expect(result.output.isEmpty)
    }

    #if os(Linux)
    @Test func aFileThatCannotBeReadIsStatusFourAndTheOthersAreIn() throws {
        // A regular file that nobody can read from its beginning, root included.
        let result = try folder.process.run("index", "docs", "/proc/self/mem")
        #expect(result.status == 4)
        #expect(result.output.contains("/mem: read failed"))
        #expect(try folder.process.run("ls").output.contains("lighthouse.md"))
    }
    #endif

    @Test func filesAboveTheSizeLimitAreReported() throws {
        let result = try folder.process.run("index", "docs", "--max-file-size", "60")
        #expect(result.status == 0)
        #expect(result.output.contains("lighthouse.md: the file has"))
        #expect(try folder.process.run("index", "docs", "--max-file-size", "lots").status == 64)
    }

    @Test func linesOfADocumentArePrintedAsTheyAre() throws {
        _ = try folder.process.run("index", "docs")
        #expect(try folder.process.run("get", "docs/lighthouse.md:3-4").output
            == "## Keys\nThe lamp room key hangs behind the stove. It is rotated every 90 days.\n")
        #expect(try folder.process.run("get", "lighthouse.md:1").output == "# Lighthouse\n")
        #expect(try folder.process.run("get", "docs/lighthouse.md:99").status == 1)
        #expect(try folder.process.run("get", "nothing.md").status == 1)
    }

    /// Lines of a page are those of its file, however few its visible text has.
    @Test func linesOfAPageAreThoseOfItsFile() throws {
        let head = String(repeating: "<meta name=\"a\" content=\"b\">\n", count: 30)
        try folder.write(
            "<html><head>\n\(head)</head><body>\n<p>The horn sounds twice a minute.</p>\n</body></html>\n", to: "docs/horn.html")
        _ = try folder.process.run("index", "docs")
        #expect(try folder.process.run("get", "docs/horn.html:33").output.contains("The horn sounds twice a minute."))
    }

    @Test func aRemovedDocumentIsGone() throws {
        _ = try folder.process.run("index", "docs")
        #expect(try folder.process.run("remove", "docs/茶馆.txt").output == "docs/茶馆.txt\n")
        #expect(try folder.process.run("search", "闭馆", "--mode", "lexical").status == 3)
        #expect(try json(folder.process.run("status", "--json").output)["documents"] as? Int == 1)
        #expect(try folder.process.run("doctor", "--deep").status == 0)
    }

    @Test func aQuestionMayComeFromStandardInput() throws {
        _ = try folder.process.run("index", "docs")
        let result = try folder.process.run("search", "-", "--json", input: "fog horn\n")
        #expect(try json(result.output)["query"] as? String == "fog horn")
    }

    @Test func aQuestionIsAnsweredWithTheWordsOfItsSource() throws {
        _ = try folder.process.run("index", "docs")
        let result = try folder.process.run("ask", "--extractive", "--json", "How often is the lamp room key rotated?")
        #expect(result.status == 0)
        let answer = try json(result.output)
        #expect(answer["outcome"] as? String == "answered")
        let citation = try #require((answer["citations"] as? [[String: Any]])?.first)
        #expect(citation["type"] as? String == "char_location")
        let quote = try #require(citation["cited_text"] as? String)
        let start = try #require(citation["start_char_index"] as? Int), end = try #require(citation["end_char_index"] as? Int)
        let text = try folder.process.run("get", "docs/lighthouse.md").output.unicodeScalars
        #expect(String(String.UnicodeScalarView(text.dropFirst(start).prefix(end - start))) == quote)
    }

    @Test func aQuestionWithoutEvidenceIsRefusedWithStatusThree() throws {
        _ = try folder.process.run("index", "docs")
        let result = try folder.process.run("ask", "--extractive", "Who won the football world cup in 2018?")
        #expect(result.status == 3)
        #expect(result.output.isEmpty)
        let object = try json(folder.process.run("ask", "--extractive", "--json", "Who won the football world cup?").output)
        #expect(object["outcome"] as? String == "no_evidence")
    }

    @Test func aConversationAnswersEachLineOfItsInput() throws {
        _ = try folder.process.run("index", "docs")
        let input = "How often is the lamp room key rotated?\n\nIn fog, how often does the horn sound?\n/quit\nnever read\n"
        let result = try folder.process.run("chat", "--extractive", "--json", input: input)
        #expect(result.status == 0)
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 2)
        for line in lines { #expect(try json(String(line))["outcome"] as? String == "answered") }
    }
}
