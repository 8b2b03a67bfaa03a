import Foundation
import Testing

/// Manifests, replay and log by the command line, with the real embedding model and quoted answers.
@Suite(.enabled(if: ModelFolder.hasEmbeddingModel)) struct ReplayCommandTests {
    let folder: TemporaryFolder
    static let question = "How often is the lamp room key rotated?"

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("# Keys\n\nThe lamp room key hangs behind the stove. The lamp room key is rotated every 90 days.\n", to: "docs/keys.md")
        try folder.write("# Fog\n\nIn fog the horn sounds twice a minute.\n", to: "docs/fog.md")
        _ = try folder.process.run("index", "docs")
    }

    private func ask(_ more: String...) throws -> FootnoteProcess.Result {
        try folder.process.run(["ask", Self.question, "--extractive"] + more)
    }

    @Test func anAnswerIsReplayedByteForByteUntilItsDocumentChanges() throws {
        #expect(try ask("--manifest", "answer.json").status == 0)
        let same = try folder.process.run("replay", "answer.json")
        #expect(same.status == 0, "\(same.output) \(same.error)")
        #expect(same.output == "identical\n")
        try folder.write("# Keys\n\nThe lamp room key is rotated every 30 days.\n", to: "docs/keys.md")
        _ = try folder.process.run("index", "docs")
        let changed = try folder.process.run("replay", "answer.json", "--json")
        #expect(changed.status == 1)
        let report = try #require(try JSONSerialization.jsonObject(with: Data(changed.output.utf8)) as? [String: Any])
        #expect(report["identical"] as? Bool == false)
        let kinds = try #require(report["differences"] as? [[String: Any]]).compactMap { $0["kind"] as? String }
        #expect(Set(kinds).isSuperset(of: ["knowledge_base", "passage_changed", "answer"]))
    }

    @Test func aFileThatIsNoManifestIsOneLineAndStatusOne() throws {
        try folder.write("{\"format\": 7}", to: "other.json")
        let result = try folder.process.run("replay", "other.json")
        #expect(result.status == 1)
        #expect(result.output.isEmpty)
        #expect(result.error.hasPrefix("error: ") && result.error.contains("version 7"))
    }

    @Test func theLogListsQuestionsUnlessItIsOff() throws {
        _ = try ask("--no-log")
        var silent = folder.process
        silent.environment["FOOTNOTE_LOG"] = "off"
        _ = try silent.run("ask", Self.question, "--extractive")
        #expect(try folder.process.run("log", "--json").output == "[]\n")
        _ = try ask()
        let entries = try #require(
            try JSONSerialization.jsonObject(with: Data(try folder.process.run("log", "--json").output.utf8)) as? [[String: Any]])
        #expect(entries.map { $0["question"] as? String } == [Self.question])
        #expect(try folder.process.run("log").output.contains("docs/keys.md:3"))
        #expect(try folder.process.run("log", "--clear").output == "forgot 1 question\n")
        #expect(try folder.process.run("log").output.isEmpty)
    }

    @Test func chatExplainsHowAFollowUpIsUnderstood() throws {
        let result = try folder.process.run(
            ["chat", "--extractive", "--explain", "--json", "--no-log"], input: "\(Self.question)\nWhere does it hang?\n")
        #expect(result.error.contains("understood as: Where does the lamp room key hang?"), "\(result.error)")
        let last = try #require(result.output.split(separator: "\n").last)
        let answer = try #require(try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
        #expect(answer["rewritten_question"] as? String == "Where does the lamp room key hang?")
    }
}
