internal import Foundation

/// A question that can be understood without the conversation it was asked in.
public struct StandaloneQuestion: Hashable, Sendable, Codable {
    /// What a word of the question stood for.
    public struct Resolution: Hashable, Sendable, Codable {
        /// As the question has it: `it`, `there`; empty for what it left out.
        public var expression: String
        /// As the rewritten question has it.
        public var meaning: String

        public init(expression: String, meaning: String) {
            self.expression = expression
            self.meaning = meaning
        }
    }

    public var text: String
    public var wasRewritten: Bool
    public var resolved: [Resolution]

    public init(text: String, wasRewritten: Bool = false, resolved: [Resolution] = []) {
        self.text = text
        self.wasRewritten = wasRewritten
        self.resolved = resolved
    }
}

/// What a follow-up of a conversation asks.
package enum FollowUp {
    /// What to search for: the question when it stands alone, the rewritten one when it does not, and together with the
    /// question before it when it refers back to something that is not found.
    static func query(_ question: String, history: [ChatMessage]) -> String {
        let standalone = standalone(question, history: history)
        if standalone.wasRewritten { return standalone.text }
        guard let previous = history.last(where: { $0.role == .user })?.content else { return question }
        return refersBack(question) ? previous + " " + question : question
    }

    /// Rewrites a follow-up into a whole question, by rule: pronouns become what they stand for, what was left out is
    /// taken from the question before. The same conversation always gives the same text. A question that stands alone,
    /// and one that cannot be resolved, comes back as it is.
    package static func standalone(_ question: String, history: [ChatMessage]) -> StandaloneQuestion {
        var context: Turn?
        for message in history {
            switch message.role {
            case .user: context = Turn(question: rewrite(message.content, after: context).text, answer: "")
            case .assistant: context?.answer = message.content
            case .system: continue
            }
        }
        return rewrite(question, after: context)
    }

    /// A question as it was understood, and what was answered.
    struct Turn {
        var question: String
        var answer: String
    }

    private static func rewrite(_ question: String, after turn: Turn?) -> StandaloneQuestion {
        let question = question.trimmingWhitespace()
        guard let turn, !question.isEmpty else { return StandaloneQuestion(text: question) }
        let isChinese = question.contains(where: \.isIdeographLike)
        let rewritten = isChinese
            ? ChineseFollowUp(question: question, turn: turn).rewritten() : EnglishFollowUp(question: question, turn: turn).rewritten()
        return rewritten ?? StandaloneQuestion(text: question)
    }

    /// Whether a question is too short to stand alone, or holds a word that points back.
    private static func refersBack(_ question: String) -> Bool {
        let words = question.lowercased().split { !$0.isLetter }.map(String.init)
        let pointsBack = words.contains { references.contains($0) } || chineseReferences.contains { question.contains($0) }
        return Terms(question).distinct.count < 2 || pointsBack
    }

    private static let references: Set<String> = [
        "it", "its", "they", "them", "their", "that", "this", "these", "those", "he", "she", "his", "her", "one",
        "ones", "there", "then", "else", "instead",
    ]
    private static let chineseReferences = ["它", "他", "她", "这", "那", "此", "其"]
}

extension String {
    func trimmingWhitespace() -> String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
