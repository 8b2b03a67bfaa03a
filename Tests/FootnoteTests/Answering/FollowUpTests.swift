import Foundation
import Testing

import Footnote

@Suite struct FollowUpTests {
    struct Conversation: Sendable, CustomTestStringConvertible {
        var history: [ChatMessage]
        var question: String
        var expected: String
        var testDescription: String { question }
    }

    static let conversations: [Conversation] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/follow-ups.tsv")
        let lines = (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n") ?? []
        return lines.filter { !$0.hasPrefix("#") }.map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return Conversation(
                history: [ChatMessage(role: .user, content: fields[0]), ChatMessage(role: .assistant, content: fields[1])],
                question: fields[2], expected: fields.count > 3 ? fields[3] : "")
        }
    }()

    @Test func thereAreFortyConversations() { #expect(Self.conversations.count >= 40) }

    @Test(arguments: conversations)
    func followUpsBecomeWholeQuestions(_ conversation: Conversation) {
        let whole = FollowUp.standalone(conversation.question, history: conversation.history)
        #expect(whole.text == (conversation.expected.isEmpty ? conversation.question : conversation.expected))
        #expect(whole.wasRewritten == !conversation.expected.isEmpty)
        #expect(whole.resolved.isEmpty == conversation.expected.isEmpty)
    }

    @Test func aQuestionWithoutHistoryStaysAsItIs() {
        #expect(FollowUp.standalone("How long does it take?", history: []) == StandaloneQuestion(text: "How long does it take?"))
    }

    /// Each follow-up is understood through the ones before it.
    @Test func resolutionGoesThroughSeveralTurns() {
        var history: [ChatMessage] = []
        func say(_ question: String, _ answer: String) {
            history += [ChatMessage(role: .user, content: question), ChatMessage(role: .assistant, content: answer)]
        }
        say("When was the bridge opened?", "The bridge was opened in 1931.")
        say("Who designed it?", "Ada Brook designed the bridge.")
        #expect(FollowUp.standalone("And the tunnel?", history: history).text == "Who designed the tunnel?")
        #expect(FollowUp.standalone("Where did she live?", history: history).text == "Where did Ada Brook live?")
    }
}
