internal import Foundation

/// What to search for when a question continues a conversation.
enum FollowUp {
    /// The question itself when it stands alone; with the previous question before it when it is too short to,
    /// or refers back ("and how long does that take?").
    static func query(_ question: String, history: [ChatMessage]) -> String {
        guard let previous = history.last(where: { $0.role == .user })?.content else { return question }
        let words = question.lowercased().split { !$0.isLetter }.map(String.init)
        let refersBack = words.contains { references.contains($0) }
            || chineseReferences.contains { question.contains($0) }
        return Terms(question).distinct.count < 2 || refersBack ? previous + " " + question : question
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
