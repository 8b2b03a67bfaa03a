internal import Foundation

/// What the models of evidence are fitted on: the features of a question and of its sentences, with what is known of them.
struct EvidenceDump: Encodable {
    struct Sentence: Encodable {
        var values: [Double]
        /// Whether it holds an accepted answer and is of the right passage.
        var holds: Bool
    }

    var id: String
    var kind: QuestionEvaluation.Kind
    var meaning: Bool
    var evidence: EvidenceFeatures
    var sentences: [Sentence]

    init(_ item: QuestionEvaluation.Case, of base: KnowledgeBase, options: AskOptions) async throws {
        let pipeline = try await base.pipeline(item.question.question, options)
        let results = try await base.search(item.question.question, options: options.search)
        let material = try await pipeline.gather(question: item.question.question, results: results)
        id = item.question.id
        kind = item.kind
        meaning = pipeline.embedding != nil
        evidence = material.features
        sentences = material.units.map { unit in
            let isOfPassage = item.passage.map { results[unit.resultIndex].document.path.hasSuffix("/" + $0) } ?? false
            let holds = item.kind == .answerable && isOfPassage && AnswerScoring.contains(unit.text, item.question.answers)
            return Sentence(values: unit.features.values, holds: holds)
        }
    }

    /// One line of JSON.
    func line() throws -> Data { try JSONEncoder().encode(self) + [UInt8(ascii: "\n")] }
}
