/// What came of one question.
struct QuestionRecord: Sendable, Codable {
    var id: String
    var question: String
    var kind: QuestionEvaluation.Kind
    /// Place of the right passage for each way to search, counted from 1; none where it was not found.
    var ranks: [String: Int] = [:]
    var isRefused = false
    var evidence = 0.0
    var features = EvidenceFeatures()
    var model: String?
    var answer = ""
    var containsAnswer = false
    /// Whether a fact was stated, and how well it agrees with an accepted answer.
    var statesFact = false
    var isExact = false
    var f1 = 0.0
    var sentences = 0
    var citedSentences = 0
    /// Sentences that cite the right passage.
    var rightlyCited = 0
    var citations = 0
    var exactQuotes = 0
    var quoteHoldsAnswer = false
    /// Sentences of the model that were called supported, and those of them that the right passage does not bear out.
    var supported = 0
    var wronglySupported: [String] = []
    var tokensRead = 0
    var tokensWritten = 0
    var secondsToFirstWord: Double?
    var seconds = 0.0

    init(_ item: QuestionEvaluation.Case) {
        id = item.question.id
        question = item.question.question
        kind = item.kind
    }

    /// Compares an answer with what is known of the question.
    mutating func score(
        _ answer: Answer, _ item: QuestionEvaluation.Case, wordLimit: Int, _ base: KnowledgeBase
    ) async throws {
        isRefused = answer.outcome == .noEvidence
        evidence = answer.evidence
        features = answer.evidenceFeatures
        model = answer.model
        tokensRead = answer.context.tokensUsed
        tokensWritten = answer.tokensWritten
        let text = (answer.facts.map(\.text) + answer.sentences.map(\.text)).joined(separator: "\n")
        self.answer = text
        for citation in answer.citations {
            citations += 1
            let source = try await base.normalizedText(ofDocument: citation.document.id)
            if source?[citation.range].map(String.init) == citation.quote { exactQuotes += 1 }
        }
        sentences = answer.facts.count + answer.sentences.count
        citedSentences = answer.facts.count { !$0.citations.isEmpty } + answer.sentences.count { !$0.citations.isEmpty }
        statesFact = !answer.facts.isEmpty
        guard item.kind == .answerable, let passage = item.passage else { return }
        let accepted = item.question.answers
        let shown = AnswerScoring.truncated(text, toWords: wordLimit)
        containsAnswer = AnswerScoring.contains(shown, accepted)
        let fact = answer.facts.first?.text ?? ""
        isExact = AnswerScoring.isExact(fact, accepted)
        f1 = AnswerScoring.f1(fact, accepted)
        quoteHoldsAnswer = answer.citations.contains { AnswerScoring.contains($0.quote, accepted) }
        let known = Terms(item.question.context + " " + item.question.question).distinct
        let facts = Facts(item.question.context + " " + item.question.question)
        rightlyCited = (answer.facts.map(\.citations) + answer.sentences.map(\.citations)).count { citations in
            citations.contains { $0.document.path.hasSuffix("/" + passage) }
        }
        for sentence in answer.sentences {
            guard sentence.kind == .generated, sentence.support == .supported else { continue }
            supported += 1
            let terms = Terms(sentence.text).distinct
            let share = Double(terms.intersection(known).count) / Double(max(1, terms.count))
            if !Facts(sentence.text).numbers.isSubset(of: facts.numbers) || share < 0.6 { wronglySupported.append(sentence.text) }
        }
    }
}
