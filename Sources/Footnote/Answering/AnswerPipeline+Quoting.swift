extension AnswerPipeline {
    /// An answer of the sentences that the language model chose. While it writes it can only continue what a source says,
    /// and what it has written is looked up in the sources once more: what is not found is not shown.
    func quotedByModel(
        _ language: any LanguageModel, _ prompt: Prompt, facts: [AnswerFact], composer: QuoteComposer,
        emit: @Sendable (AskEvent) -> Void
    ) async throws -> Answer {
        var composer = composer
        let request = request(prompt)
        trace.asked(language.identity, request)
        var text = ""
        for try await event in language.generate(request) {
            guard case .text(let piece) = event else { continue }
            text += piece
            emit(.text(piece))
        }
        var sentences: [AnswerSentence] = []
        if let sentence = composer.quote(text.trimmingWhitespace(), from: prompt.excerpts) {
            sentences = [sentence]
            emit(.sentence(sentence))
        }
        var notices = Self.differ(facts)
        if sentences.isEmpty {
            notices.append("the model chose no quote; the best sentences are shown")
            sentences = composer.quotes()
            sentences.forEach { emit(.sentence($0)) }
        }
        var answer = Answer(
            composer.material, sentences: sentences, citations: composer.material.citations.citations, context: prompt.context,
            model: language.identity.name, notices: notices)
        answer.facts = facts
        answer.tokensWritten = language.tokenCount(text)
        return answer
    }
}
