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

/// Why a file of questions cannot be evaluated.
public struct EvaluationError: Error, Sendable, Equatable, CustomStringConvertible {
    public var path: String
    public var problem: String

    public init(path: String, problem: String) {
        self.path = path
        self.problem = problem
    }

    public var description: String { "\(path): \(problem)" }
}

/// Files of one JSON object a line, compressed by gzip or not.
enum QuestionFile {
    /// - Throws: `EvaluationError` naming the line that cannot be read.
    static func read(_ url: URL) throws -> [EvaluationQuestion] {
        let data = try content(of: url)
        let decoder = JSONDecoder()
        var questions: [EvaluationQuestion] = []
        for (index, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
            do {
                questions.append(try decoder.decode(EvaluationQuestion.self, from: line))
            } catch {
                throw EvaluationError(
                    path: url.path,
                    problem: "line \(index + 1) is no JSON object with question, context and answers")
            }
        }
        guard !questions.isEmpty else { throw EvaluationError(path: url.path, problem: "holds no questions") }
        return questions
    }

    private static func content(of url: URL) throws -> Data {
        guard url.pathExtension == "gz" else {
            do { return try Data(contentsOf: url) } catch {
                throw EvaluationError(path: url.path, problem: "cannot be read")
            }
        }
        // A system tool, which every machine has, for the one place that meets such files.
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", url.path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { throw EvaluationError(path: url.path, problem: "gzip cannot be started") }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw EvaluationError(path: url.path, problem: "gzip cannot read it") }
        return data
    }
}
