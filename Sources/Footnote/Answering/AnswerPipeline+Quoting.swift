extension AnswerPipeline {
    /// An answer of quotes that the language model chose. While it writes it can only continue what the sources say, and
    /// what it has written is cut from the sources once more: a quote that is not found is not shown.
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
        for quote in Self.quotes(in: text) {
            guard let sentence = composer.quote(quote, from: prompt.excerpts), !sentences.contains(sentence) else { continue }
            sentences.append(sentence)
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

    /// What stands in quotation marks; an open quote at the end counts.
    static func quotes(in text: String) -> [String] {
        var quotes: [String] = []
        var rest = Substring(text)
        while let open = rest.firstIndex(where: { $0 == "\"" || $0 == "“" }) {
            let closing: Character = rest[open] == "“" ? "”" : "\""
            let inner = rest[rest.index(after: open)...]
            let close = inner.firstIndex(of: closing) ?? inner.endIndex
            quotes.append(String(inner[..<close]).trimmingWhitespace())
            rest = close < inner.endIndex ? inner[inner.index(after: close)...] : ""
        }
        return quotes.filter { !$0.isEmpty }
    }
}
