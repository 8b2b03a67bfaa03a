import Foundation
import Testing

import Footnote

/// Answers from small documents, with a language model and a reader that say what the test wants.
@Suite struct AnswerTests {
    private func answer(
        _ question: String, _ documents: [String: String], writes script: String? = nil, reads answers: [String]? = nil,
        minimumEvidence: Double = 0, quotesOnly: Bool = false,
        losesReadings: Bool = false
    ) async throws -> (answer: Answer, base: KnowledgeBase) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("footnote-answer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in documents { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
        var options = KnowledgeBaseOptions(embeddingModel: .model(HashingEmbeddingModel()))
        options.languageModel = script.map { .model(ScriptedLanguageModel(script: $0)) } ?? .none
        options.reader = answers.map { .model(ScriptedReader(answers: $0, losesReadings: losesReadings)) } ?? .none
        let base = try await KnowledgeBase(at: folder, options: options)
        try await base.index(folder)
        var ask = AskOptions(extractive: script == nil, minimumEvidence: minimumEvidence)
        ask.quotesOnly = quotesOnly
        let answer = try await base.answer(question, options: ask)
        for citation in answer.citations {
            let text = try await base.text(of: citation.document)
            #expect(text[citation.range].map(String.init) == citation.quote)
        }
        for fact in answer.facts {
            let document = try #require(fact.citations.first).document
            #expect(try await base.text(of: document)[fact.range].map(String.init) == fact.text)
        }
        #expect(answer.citations.map(\.number) == Array(1...max(1, answer.citations.count)).prefix(answer.citations.count).map(\.self))
        return (answer, base)
    }

    private let keys = "# Keys\n\nAccess keys expire after 90 days. They are rotated with the keys command.\n"

    @Test func aFactStandsOnItsOwnLineWithItsSentence() async throws {
        let (answer, _) = try await answer("When do access keys expire?", ["keys.md": keys], reads: ["90 days"])
        #expect(answer.facts.map(\.text) == ["90 days"])
        #expect(answer.text.hasPrefix("**90 days** [1]\n\nAccess keys expire after 90 days. [1]"))
    }

    @Test func whatTheSourcesDoNotBearOutIsLeftOutAndSaid() async throws {
        let script = "Access keys expire after 45 days. Access keys expire after 90 days."
        let (answer, _) = try await answer("When do access keys expire?", ["keys.md": keys], writes: script)
        #expect(answer.sentences.map(\.text) == ["Access keys expire after 90 days."])
        #expect(answer.dropped.map(\.text) == ["Access keys expire after 45 days."])
        #expect(answer.dropped.allSatisfy { $0.citations.isEmpty })
        #expect(answer.notices.contains { $0.contains("1 sentence that the model wrote was left out") })
        #expect(answer.citations.count == 1)
    }

    @Test func whenNothingThatWasWrittenStandsTheSourcesAreQuoted() async throws {
        let (answer, _) = try await answer(
            "When do access keys expire?", ["keys.md": keys], writes: "Bananas are grown by 7 monks.", reads: ["90 days"])
        #expect(answer.sentences.first?.kind == .quoted)
        #expect(answer.sentences.first?.text == "Access keys expire after 90 days.")
        #expect(answer.dropped.count == 1)
    }

    @Test(arguments: [("rotated with the keys", "They are rotated with the keys command."), ("Bananas are ripe.", nil)])
    func aModelThatQuotesAnswersInSentencesOfTheSources(chosen: String, quote: String?) async throws {
        let (answer, _) = try await answer("How are keys rotated?", ["keys.md": keys], writes: chosen, quotesOnly: true)
        #expect(answer.sentences.allSatisfy { $0.kind == .quoted })
        if let quote { #expect(answer.sentences.map(\.text) == [quote]) }
        #expect(answer.notices.contains { $0.contains("chose no quote") } == (quote == nil))
    }

    @Test func aParagraphThatAnswersIsQuotedOnce() async throws {
        let text = "Access keys expire because old ones leak. They are rotated with the keys command.\n"
        for quotesOnly in [false, true] {
            let (answer, _) = try await answer(
                "Why do access keys expire?", ["keys.md": text], writes: "Bananas are grown by 7 monks.", reads: ["old ones leak"],
                quotesOnly: quotesOnly)
            #expect(answer.facts.map(\.text) == ["old ones leak"])
            #expect(answer.sentences.map(\.text) == [text.trimmingCharacters(in: .newlines)])
            #expect(Set(answer.citations.map(\.number)) == Set((answer.facts.flatMap(\.citations) + answer.sentences.flatMap(\.citations)).map(\.number)))
        }
    }

    @Test func equalNumbersOfOtherThingsDoNotAgree() async throws {
        let (answer, _) = try await answer(
            "How many days are access keys valid?",
            ["a.md": "Access keys are valid for 90 days.\n", "b.md": "The keys that give access were valid on 90 miles.\n"],
            reads: ["90 days", "90 miles"])
        #expect(answer.facts.allSatisfy { $0.citations.count == 1 })
    }

    @Test func aReaderThatReadsTooLittleIsAnError() async throws {
        await #expect(throws: AskError.self) {
            _ = try await answer("When do access keys expire?", ["keys.md": keys], reads: ["90 days"], losesReadings: true)
        }
    }

    @Test func sourcesThatDifferAreShownSideBySide() async throws {
        let (answer, _) = try await answer(
            "How many days are access keys valid?",
            ["new.md": "Access keys are valid for 90 days.\n", "old.md": "Access keys are valid for 30 days.\n"],
            reads: ["90 days", "30 days"])
        #expect(Set(answer.facts.map(\.text)) == ["90 days", "30 days"])
        #expect(answer.notices.contains { $0.contains("the sources differ") })
    }

    @Test func sourcesThatAgreeAreCitedTogether() async throws {
        let (answer, _) = try await answer(
            "How many days are access keys valid?",
            ["a.md": "Access keys are valid for 90 days.\n", "b.md": "Keys that give access stay valid for 90 days.\n"],
            reads: ["90 days"])
        #expect(answer.facts.count == 1)
        #expect(answer.facts.first?.citations.count == 2)
    }

    @Test func stepsComeWholeAndInOrder() async throws {
        let text = "# Rotate\n\nTo rotate the keys:\n\n1. Stop the server.\n2. Run the keys command.\n3. Start the server.\n"
        let (answer, _) = try await answer("How do I rotate the keys?", ["rotate.md": text])
        let block = try #require(answer.sentences.first)
        #expect(block.text.contains("1. Stop the server.\n2. Run the keys command.\n3. Start the server."))
    }

    @Test func aRefusalSaysWhatWasSearchedAndWhatCameNearest() async throws {
        let (answer, _) = try await answer(
            "Who painted the access door?", ["keys.md": keys], reads: ["nothing"], minimumEvidence: 0.99)
        #expect(answer.outcome == .noEvidence)
        #expect(answer.sentences.isEmpty && answer.facts.isEmpty)
        let refusal = try #require(answer.refusal)
        #expect(refusal.documents == 1 && refusal.chunks == 1)
        #expect(refusal.nearest.first?.document.path.hasSuffix("keys.md") == true)
    }
}
