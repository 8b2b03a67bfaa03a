import Foundation
import Testing

import Footnote

@Suite struct AnswerScoringTests {
    @Test func answersAreComparedWithoutCaseArticlesAndPunctuation() {
        #expect(AnswerScoring.tokens("The U.S.  Navy, a fleet!") == ["us", "navy", "fleet"])
        #expect(AnswerScoring.isExact("the Eiffel Tower.", ["Eiffel tower"]))
        #expect(!AnswerScoring.isExact("Eiffel", ["Eiffel tower"]))
        #expect(AnswerScoring.tokens("鹿鸣溪路18号") == ["鹿", "鸣", "溪", "路", "18", "号"])
    }

    @Test func overlapIsTheHarmonicMeanOfPrecisionAndRecall() {
        #expect(AnswerScoring.f1("in the year 1973", ["1973"]) == 0.5)
        #expect(AnswerScoring.f1("nothing", ["1973", "nothing at all"]) == 0.5)
        #expect(AnswerScoring.f1("", ["1973"]) == 0)
    }

    @Test func containedMeansWholeWordsInOrder() {
        #expect(AnswerScoring.contains("It rose to nearly $12 globally.", ["nearly $12"]))
        #expect(!AnswerScoring.contains("It rose to $120.", ["$12"]))
        #expect(!AnswerScoring.contains("12 nearly", ["nearly 12"]))
        #expect(AnswerScoring.truncated("one two three four", toWords: 2) == "one two ")
        #expect(AnswerScoring.truncated("茶馆每周一闭馆", toWords: 3) == "茶馆每")
    }
}

@Suite struct ExpectedAnswerTests {
    @Test(arguments: [
        ("When did the crisis begin?", ExpectedAnswer.number), ("How many ships sank?", .number),
        ("Who built it?", .name), ("In what year was it built?", .number), ("How do I rotate the keys?", .any),
        ("What happens when the disk is full?", .any), ("博物馆有多少藏品？", .number), ("为什么闭馆？", .any),
    ])
    func questionWordsTell(question: String, expected: ExpectedAnswer) {
        #expect(ExpectedAnswer(question) == expected)
    }

    @Test func aNumberOfTheQuestionIsNoAnswer() {
        let asked = Facts("How long did the war of 1812 last?")
        #expect(ExpectedAnswer.number.fit(of: Facts("The war of 1812 was long."), asked: asked) == -1)
        #expect(ExpectedAnswer.number.fit(of: Facts("It lasted 32 months."), asked: asked) == 1)
        #expect(ExpectedAnswer.any.fit(of: Facts("It lasted."), asked: asked) == 0)
    }
}

@Suite struct QuestionEvaluationTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("footnote-qa-\(UUID().uuidString)")

    private func write(_ lines: [[String: Any]]) throws -> URL {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("questions.jsonl")
        let data = try lines.map { try JSONSerialization.data(withJSONObject: $0) }.reduce(Data()) { $0 + $1 + [10] }
        try data.write(to: file)
        return file
    }

    @Test func figuresOfASmallSet() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let lamp = "The lamp is lit at dusk. The keeper climbs 212 steps to reach it."
        let horn = "In fog the horn sounds twice a minute. It is driven by compressed air."
        let file = try write([
            ["id": "1", "title": "lamp", "question": "How many steps does the keeper climb?", "context": lamp, "answers": ["212"]],
            ["id": "2", "title": "horn", "question": "What is the horn driven by?", "context": horn, "answers": ["compressed air"]],
            ["id": "3", "title": "horn", "question": "Who bought the horn?", "context": horn, "answers": [], "answerable": false],
        ])
        var ask = AskOptions()
        ask.extractive = true
        ask.search.mode = .lexical
        var options = QuestionEvaluationOptions(ask: ask)
        options.heldOut = 0
        options.records = folder.appendingPathComponent("records.jsonl")
        var base = KnowledgeBaseOptions()
        base.embeddingModel = .model(HashingEmbeddingModel())
        let evaluation = try QuestionEvaluation(files: [file], options: options)
        #expect(evaluation.passageCount == 2)
        let report = try await evaluation.run(in: folder.appendingPathComponent("work"), base: base)
        #expect(report.questions == 3)
        let lines = try String(contentsOf: folder.appendingPathComponent("records.jsonl"), encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.contains { $0.contains(#""question":"How many steps does the keeper climb?""#) && $0.contains(#""contains_answer":true"#) })
        #expect(report.measures["hit@1 lexical"]?.value == 1)
        #expect(report.measures["contains answer"]?.value == 1)
        #expect(report.measures["exact quotes"]?.value == 1)
        #expect(report.measures["sentences cited"]?.value == 1)
        #expect(report.measures["refused out of scope"] == nil)
        #expect(report.regressions(against: report).isEmpty)
        #expect(report.table.contains("contains answer"))
    }

    @Test func aFileThatHoldsNoQuestionsIsNamed() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = try write([["question": "no context"]])
        #expect(throws: EvaluationError(path: file.path, problem: "line 1 is no JSON object with question, context and answers")) {
            _ = try QuestionEvaluation(files: [file], options: QuestionEvaluationOptions())
        }
    }
}
