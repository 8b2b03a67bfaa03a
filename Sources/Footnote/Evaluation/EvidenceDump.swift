internal import Foundation

/// What the models of evidence are fitted on: the features of a question, of the passages found for it and of their
/// sentences, with what is known of them.
struct EvidenceDump: Encodable {
    struct Sentence: Encodable {
        var values: [Double]
        /// Place of its passage among `passages`.
        var passage: Int
        /// Whether it holds an accepted answer and is of the right passage.
        var holds: Bool
        /// Token F1 of the words that the reader takes for the answer.
        var f1: Double
    }

    struct Passage: Encodable {
        var fused: Double
        var lexical: Double?
        var dense: Double?
        var reading: Double
        var isRight: Bool
    }

    var id: String
    var kind: QuestionEvaluation.Kind
    var meaning: Bool
    var evidence: EvidenceFeatures
    var passages: [Passage]
    var sentences: [Sentence]

    init(_ item: QuestionEvaluation.Case, of base: KnowledgeBase, options: AskOptions) async throws {
        var options = options
        options.search.limit = AnswerPipeline.passagesWeighed
        let pipeline = try await base.pipeline(item.question.question, options)
        let material = try await pipeline.gather(item.question.question)
        id = item.question.id
        kind = item.kind
        meaning = pipeline.embedding != nil
        evidence = material.features
        passages = material.results.indices.map { index in
            let result = material.results[index]
            return Passage(
                fused: result.scores.fused, lexical: result.scores.lexicalScore, dense: result.scores.denseScore,
                reading: material.readings.indices.contains(index) ? material.readings[index].answers : 0,
                isRight: item.isPassage(result.document))
        }
        sentences = material.units.map { unit in
            let result = material.results[unit.resultIndex]
            let isRight = item.kind == .answerable && item.isPassage(result.document)
            let start = result.range.lowerBound
            let answer = unit.answer.flatMap { result.text[SourceRange($0.shifted(by: -start))] }.map(String.init) ?? ""
            return Sentence(
                values: unit.features.values, passage: unit.resultIndex,
                holds: isRight && AnswerScoring.contains(unit.text, item.question.answers),
                f1: isRight ? AnswerScoring.f1(answer, item.question.answers) : 0)
        }
    }

    /// One line of JSON.
    func line() throws -> Data { try JSONEncoder().encode(self) + [UInt8(ascii: "\n")] }
}
