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
        rightlyCited = (answer.facts.map(\.citations) + answer.sentences.map(\.citations)).count { citations in
            citations.contains { $0.document.path.hasSuffix("/" + passage) }
        }
        for sentence in answer.sentences where sentence.kind == .generated && sentence.support == .supported {
            supported += 1
            if try await !bears(out: sentence, item, passage: passage, base) { wronglySupported.append(sentence.text) }
        }
    }

    /// Whether the right passage holds a sentence's numbers and most of its words that the question does not; for one that
    /// cites other passages alone, whether these do. It knows nothing of the checks of the answer, which it measures.
    private func bears(
        out sentence: AnswerSentence, _ item: QuestionEvaluation.Case, passage: String, _ base: KnowledgeBase
    ) async throws -> Bool {
        var source = item.question.context
        if !sentence.citations.contains(where: { $0.document.path.hasSuffix("/" + passage) }) {
            var texts: [String] = []
            for id in Set(sentence.citations.map(\.document.id)).sorted() {
                if let text = try await base.normalizedText(ofDocument: id) { texts.append(text) }
            }
            source = texts.joined(separator: "\n")
        }
        // "120-member" holds a number.
        let parts = [sentence.text, source + "\n" + item.question.question].map { $0.replacing("-", with: " ") }
        let terms = Terms(parts[0]).distinct
        let share = Double(terms.intersection(Terms(parts[1]).distinct).count) / Double(max(1, terms.count))
        return Facts(parts[0]).numbers.isSubset(of: Facts(parts[1]).numbers) && share >= 0.6
    }
}
