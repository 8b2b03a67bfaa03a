import Foundation
import GRDB
import Testing

import Footnote

/// Writes the longest line of what it was given, and notes what that was.
final class QuotingLanguageModel: LanguageModel {
    let identity: ModelIdentity
    let contextLength = 4096

    init(name: String = "quoting") { identity = ModelIdentity(name: name, digest: String(repeating: "a", count: 64)) }

    func tokenCount(_ text: String) -> Int { text.split(separator: " ").count }
    func promptTokenCount(_ messages: [ChatMessage]) throws -> Int { messages.reduce(0) { $0 + tokenCount($1.content) } }

    func generate(_ request: GenerationRequest) -> AsyncThrowingStream<GenerationEvent, any Error> {
        let lines = request.messages.last?.content.split(separator: "\n") ?? []
        let text = lines.filter { $0.hasSuffix(".") && !$0.contains("sentences") }.max { $0.count < $1.count }.map(String.init) ?? "Nothing."
        return AsyncThrowingStream { continuation in
            continuation.yield(.text(text))
            continuation.yield(.finished(.init(reason: .endOfText, promptTokens: 1, generatedTokens: 1, promptSeconds: 0, generationSeconds: 0)))
            continuation.finish()
        }
    }
}

@Suite struct ReplayTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("docs/keys.md", "# Keys\n\nAccess keys expire after 90 days and are rotated by the harbour office.\n")
        try folder.write("docs/fog.md", "# Fog\n\nThe horn sounds twice a minute in fog.\n")
    }

    private func open(language: any LanguageModel = QuotingLanguageModel(), logs: Bool = false, readOnly: Bool = false) async throws -> KnowledgeBase {
        var options = KnowledgeBaseOptions(embeddingModel: .model(HashingEmbeddingModel()))
        options.languageModel = .model(language)
        options.logsQuestions = logs
        options.readOnly = readOnly
        options.lockTimeout = .seconds(600)
        return try await KnowledgeBase(at: folder.url, options: options)
    }

    private func asking() -> AskOptions {
        AskOptions(minimumEvidence: 0)
    }

    private func indexed(_ base: KnowledgeBase) async throws { _ = try await base.index(folder.url.appendingPathComponent("docs")) }

    @Test func theSameKnowledgeBaseGivesTheSameBytes() async throws {
        let base = try await open()
        try await indexed(base)
        let answer = try await base.answer("When do access keys expire?", options: asking())
        let manifest = try #require(answer.manifest)
        #expect(manifest.result.text == answer.text)
        #expect(manifest.passages.contains { $0.path.hasSuffix("keys.md") })
        #expect(manifest.prompt?.messages.last?.content.contains("When do access keys expire?") == true)
        #expect(manifest.models.language?.name == "quoting")
        #expect(manifest.models.embedding?.name == "hashing")
        let read = try AnswerManifest(Data(try manifest.encoded()), path: "m.json")
        #expect(read == manifest)
        let report = try await base.replay(read)
        #expect(report.isIdentical)
        #expect(report.differences.isEmpty, "\(report.differences)")
    }

    @Test func aChangedDocumentIsNamed() async throws {
        let base = try await open()
        try await indexed(base)
        let manifest = try #require(try await base.answer("When do access keys expire?", options: asking()).manifest)
        try folder.write("docs/keys.md", "# Keys\n\nAccess keys expire after 30 days and are rotated by the harbour office.\n")
        try await indexed(base)
        let report = try await base.replay(manifest)
        #expect(!report.isIdentical)
        let kinds = Set(report.differences.map(\.kind))
        #expect(kinds.isSuperset(of: [.knowledgeBase, .passageChanged, .prompt, .answer]), "\(report.differences)")
    }

    @Test func aRemovedDocumentAndAnotherModelAreNamed() async throws {
        let base = try await open()
        try await indexed(base)
        let manifest = try #require(try await base.answer("When do access keys expire?", options: asking()).manifest)
        try await base.remove(path: "docs/keys.md")
        let other = try await open(language: QuotingLanguageModel(name: "other"))
        let report = try await other.replay(manifest)
        let kinds = Set(report.differences.map(\.kind))
        #expect(kinds.isSuperset(of: [.languageModel, .passageRemoved, .answer]), "\(report.differences)")
    }

    @Test func optionsSurviveTheFile() async throws {
        var options = AskOptions(extractive: true, contextTokens: 77, maximumTokens: 33, minimumEvidence: 0.25,
            history: [ChatMessage(role: .user, content: "Before?")])
        options.search = SearchOptions(mode: .dense, limit: 4, minimumScore: 0.1, filter: SearchFilter(paths: ["a/**"], collections: ["c"], metadata: ["Some_Key": "v"]))
        options.search.candidates = 55
        options.sampling.seed = .max
        options.sampling.temperature = 0.7
        let manifest = try await example(options)
        let read = try AnswerManifest(Data(try manifest.encoded()), path: "m.json")
        #expect(read.options == manifest.options)
        #expect(read.options.askOptions.search.candidates == 55)
        #expect(read.options.filter.metadata == ["Some_Key": "v"])
    }

    private func example(_ options: AskOptions) async throws -> AnswerManifest {
        let base = try await open()
        return try #require(try await base.answer("When do access keys expire?", options: options).manifest)
    }

    // MARK: Files from elsewhere

    @Test func hostileFilesAreTypedErrors() async throws {
        let good = String(decoding: try await example(AskOptions()).encoded(), as: UTF8.self)
        func read(_ text: String) throws -> AnswerManifest { try AnswerManifest(Data(text.utf8), path: "m.json") }
        #expect(throws: ManifestError.unknownVersion(path: "m.json", found: 9, supported: 1)) { try read("{\"format\": 9}") }
        for text in ["", "[]", "{}", "{\"format\": 1}", "\u{0}", good.replacing("\"limit\" : 10", with: "\"limit\" : \"x\""), String(good.dropLast(30))] {
            #expect { try read(text) } throws: { if case ManifestError.notAManifest = $0 { true } else { false } }
        }
        for (from, to) in [("\"limit\" : 10", "\"limit\" : 0"), ("\"candidates\" : 100", "\"candidates\" : 9000000000"), ("\"maximum_tokens\" : 120", "\"maximum_tokens\" : -1")] {
            #expect(good.contains(from))
            #expect { try read(good.replacing(from, with: to)) } throws: { if case ManifestError.invalid = $0 { true } else { false } }
        }
        // Deeply nested JSON must fail, not overflow the stack.
        #expect(throws: ManifestError.self) { try read(String(repeating: "[", count: 200_000)) }
    }

    @Test func aFileThatIsTooLargeIsNotRead() throws {
        let file = folder.url.appendingPathComponent("big.json")
        try Data(count: AnswerManifest.maximumBytes + 1).write(to: file)
        #expect { try AnswerManifest(contentsOf: file) } throws: { if case ManifestError.tooLarge = $0 { true } else { false } }
        #expect { try AnswerManifest(contentsOf: folder.url.appendingPathComponent("none.json")) } throws: { if case ManifestError.unreadable = $0 { true } else { false } }
    }

    // MARK: The log

    @Test func questionsAreLoggedNewestFirst() async throws {
        let base = try await open(logs: true)
        try await indexed(base)
        let first = try await base.answer("When do access keys expire?", options: asking())
        let second = try await base.answer("How often does the horn sound in fog?", options: asking())
        #expect(first.notices.allSatisfy { !$0.contains("logged") })
        let log = try await base.questionLog()
        #expect(log.map(\.question) == [second.question, first.question])
        #expect(log.last?.answer == first.text)
        #expect(log.last?.sources.map(\.quote) == first.citations.map(\.quote))
        #expect(try await base.questionLog(limit: 1).count == 1)
        #expect(try await base.clearQuestionLog() == 2)
        #expect(try await base.questionLog().isEmpty)
    }

    @Test func theLibraryLogsNothingUnlessAsked() async throws {
        let base = try await open()
        try await indexed(base)
        _ = try await base.answer("When do access keys expire?", options: asking())
        #expect(try await base.questionLog().isEmpty)
    }

    @Test func removingADocumentRemovesWhatWasAnsweredFromIt() async throws {
        let base = try await open(logs: true)
        try await indexed(base)
        var options = asking()
        options.search.filter.paths = ["**/keys.md"]
        _ = try await base.answer("When do access keys expire?", options: options)
        options.search.filter.paths = ["**/fog.md"]
        let kept = try await base.answer("How often does the horn sound in fog?", options: options)
        try await base.remove(path: "docs/keys.md")
        #expect(try await base.questionLog().map(\.question) == [kept.question])
        #expect(try folder.bytes(below: ".footnote").range(of: Data("rotated by the harbour office".utf8)) == nil)
    }

    @Test func changingADocumentRemovesWhatWasAnsweredFromIt() async throws {
        let base = try await open(logs: true)
        try await indexed(base)
        var options = asking()
        options.search.filter.paths = ["**/keys.md"]
        _ = try await base.answer("When do access keys expire?", options: options)
        #expect(try await base.questionLog().count == 1)
        try folder.write("docs/keys.md", "# Keys\n\nNothing here any more.\n")
        try await indexed(base)
        #expect(try await base.questionLog().isEmpty)
        #expect(try folder.bytes(below: ".footnote").range(of: Data("harbour office".utf8)) == nil)
    }

    @Test func aReadOnlyKnowledgeBaseAnswersAndSaysThatItDoesNotLog() async throws {
        try await indexed(try await open())
        let base = try await open(logs: true, readOnly: true)
        let answer = try await base.answer("When do access keys expire?", options: asking())
        #expect(answer.outcome == .answered)
        #expect(answer.notices.contains { $0.contains("not logged") })
    }

    @Test func aLockedKnowledgeBaseAnswersAndSaysThatItDoesNotLog() async throws {
        let base = try await open(logs: true)
        try await indexed(base)
        let lock = open(folder.url.appendingPathComponent(".footnote/knowledge.sqlite-lock").path)
        try #require(lock >= 0)
        defer { close(lock) }
        try #require(flock(lock, LOCK_EX) == 0)
        let answer = try await base.answer("When do access keys expire?", options: asking())
        #expect(answer.outcome == .answered)
        #expect(answer.notices.contains { $0.contains("not logged") })
    }

    private func open(_ path: String) -> Int32 { Foundation.open(path, O_RDWR | O_CREAT, 0o644) }

    // MARK: Migration

    /// A knowledge base as version 1 left it, documents and all, gains the log and keeps what it has.
    @Test func versionOneIsMigratedAndReadAsItStands() async throws {
        try await indexed(try await open())
        let path = folder.url.appendingPathComponent(".footnote/knowledge.sqlite").path
        try await DatabaseQueue(path: path).write { db in
            try db.execute(sql: "DROP TRIGGER documents_forget_questions; DROP TABLE question_sources; DROP TABLE questions; PRAGMA user_version = 1")
            try db.execute(sql: "ALTER TABLE chunks DROP COLUMN embedded_start; ALTER TABLE chunks DROP COLUMN embedded_end; DROP TABLE places; ALTER TABLE chunks ADD COLUMN page INTEGER; DROP TABLE near_duplicates; DROP TABLE near_duplicate_bands")
        }
        let reader = try await open(logs: true, readOnly: true)
        #expect(try await reader.status().schemaVersion == 1)
        #expect(try await reader.questionLog().isEmpty)
        #expect(try await reader.documents().count == 2)
        #expect(try await !reader.search("When do access keys expire?").isEmpty)
        let base = try await open(logs: true)
        #expect(try await base.status().schemaVersion >= 2)
        #expect(try await base.documents().count == 2)
        _ = try await base.answer("When do access keys expire?", options: asking())
        #expect(try await base.questionLog().count == 1)
        try await expectSound(base)
    }
}
