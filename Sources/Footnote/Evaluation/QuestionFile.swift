internal import Foundation

/// A question with the passage that was written for it, as public question-answering sets hold them.
public struct EvaluationQuestion: Sendable, Hashable, Codable {
    public var id: String
    public var question: String
    /// The passage. Questions of one passage repeat it.
    public var context: String
    /// Accepted answers; empty for a question that the passage does not answer.
    public var answers: [String]
    /// False for a near miss: the passage is about the matter and does not answer.
    public var answerable: Bool
    /// What the passage is from.
    public var title: String

    public init(id: String, question: String, context: String, answers: [String], answerable: Bool, title: String) {
        self.id = id
        self.question = question
        self.context = context
        self.answers = answers
        self.answerable = answerable
        self.title = title
    }

    private enum CodingKeys: String, CodingKey {
        case id, question, context, answers, answerable, title
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        question = try values.decode(String.self, forKey: .question)
        context = try values.decode(String.self, forKey: .context)
        answers = try values.decodeIfPresent([String].self, forKey: .answers) ?? []
        answerable = try values.decodeIfPresent(Bool.self, forKey: .answerable) ?? !answers.isEmpty
        id = try values.decodeIfPresent(String.self, forKey: .id) ?? question
        title = try values.decodeIfPresent(String.self, forKey: .title) ?? ""
    }
}

/// Questions, one JSON object a line.
enum QuestionFile {
    /// - Throws: `EvaluationError` naming the line that cannot be read.
    static func read(_ url: URL) throws -> [EvaluationQuestion] {
        try JSONLines.read(EvaluationQuestion.self, from: url, fields: "question, context and answers", called: "questions")
    }
}
