import Foundation
import Testing

/// What holds without any model.
@Suite struct UsageTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func helpGoesToStandardOutput() throws {
        let result = try folder.process.run("--help")
        #expect(result.status == 0)
        #expect(result.output.contains("USAGE: footnote"))
        #expect(result.error.isEmpty)
    }

    @Test(arguments: [["--frobnicate"], ["search", "--frobnicate", "x"], ["index"], ["frobnicate"], ["search", "-n", "0", "x"]])
    func argumentsThatAreNotUnderstoodAreRefused(arguments: [String]) throws {
        let result = try folder.process.run(arguments)
        #expect(result.status == 64)
        #expect(result.output.isEmpty)
        #expect(result.error.contains("--help"))
    }

    @Test(arguments: [["search", "x"], ["ask", "x"], ["ls"], ["get", "x"], ["remove", "x"], ["status"], ["doctor"]])
    func withoutAKnowledgeBaseCommandsSayHowToMakeOne(arguments: [String]) throws {
        let result = try folder.process.run(arguments)
        #expect(result.status == 1)
        #expect(result.output.isEmpty)
        #expect(result.error.contains("footnote index"))
        #expect(result.error.split(separator: "\n").count == 1)
    }

    @Test func emptyQuestionIsAUsageError() throws {
        let result = try folder.process.run("ask", "-", input: "  \n")
        #expect(result.status == 64)
        #expect(result.error.contains("question"))
    }

    @Test func aFileOfAnotherKindIsNamedForWhatItIs() throws {
        try folder.write(String(repeating: "This is no database. ", count: 200), to: "notes.txt")
        let result = try folder.process.run("status", "--db", "notes.txt")
        #expect(result.status == 1)
        #expect(result.error.contains("notes.txt"))
        #expect(result.error.split(separator: "\n").count == 1)
    }

    @Test func theEnvironmentNamesTheKnowledgeBaseAndTheFlagGoesBeforeIt() throws {
        var process = folder.process
        process.environment["FOOTNOTE_DB"] = "/nowhere/environment.sqlite"
        #expect(try process.run("status").error.contains("environment.sqlite"))
        #expect(try process.run("status", "--db", "/nowhere/flag.sqlite").error.contains("flag.sqlite"))
    }
}
