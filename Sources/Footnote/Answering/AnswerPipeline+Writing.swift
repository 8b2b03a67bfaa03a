extension AnswerPipeline {
    /// An answer in the language model's words, as far as the sources bear them out, and in the sources' own otherwise.
    func written(
        by language: any LanguageModel, _ material: Material, emit: @Sendable (AskEvent) -> Void
    ) async throws -> Answer {
        // What the sources say themselves needs no model: the reader has it while the model is still reading.
        var composer = QuoteComposer(material: material)
        let facts = options.stages.contains(.facts) ? composer.facts() : []
        if !facts.isEmpty { emit(.facts(facts)) }
        var lead: [AnswerSentence] = []
        if options.stages.contains(.facts), !options.quotesOnly, composer.quotesBlock {
            lead = composer.quotes()
            lead.forEach { emit(.sentence($0)) }
        }
        let prompt = try PromptBuilder(model: language, options: options).build(material, excerpts: excerpts(material))
        guard prompt.count > 0 else {
            let notice = "no source fits into \(options.contextTokens) tokens of context; sentences are quoted instead"
            return quoted(composer, facts: facts, lead: lead, notices: [notice], emit: emit)
        }
        if options.quotesOnly { return try await quotedByModel(language, prompt, facts: facts, composer: composer, emit: emit) }
        let checker = DraftChecker(material: composer.material, prompt: prompt, embedding: embedding, statistics: sources)
        var draft = DraftWriting(checker: checker, options: options, said: lead, facts: facts)
        let request = request(prompt)
        trace.asked(language.identity, request)
        try await draft.run(language, request, emit: emit)
        composer.material.citations = draft.checker.citations
        return finish(draft, lead: lead, composer: composer, prompt: prompt, language: language, emit: emit)
    }

    func request(_ prompt: Prompt) -> GenerationRequest {
        var request = GenerationRequest(
            messages: prompt.messages, maximumTokens: options.maximumTokens, sampling: options.sampling)
        request.documents = prompt.documents
        request.constraints = options.quotesOnly
            ? [.quote(sources: prompt.excerpts.map(\.text), minimumWords: Self.shortestQuote)]
            : [.sourceMarkers(count: prompt.count)]
        return request
    }

    /// Words of a quote: fewer say nothing by themselves.
    private static let shortestQuote = 4

    private func excerpts(_ material: Material) -> [EvidenceExcerpt] {
        if options.stages.contains(.sentences) { return EvidenceExcerpts(material).list() }
        return material.results.indices.map {
            EvidenceExcerpt(resultIndex: $0, range: material.results[$0].range, text: material.results[$0].text)
        }
    }

    /// Adds what the sources say where what was written does not stand on them.
    private func finish(
        _ draft: DraftWriting, lead: [AnswerSentence], composer: QuoteComposer, prompt: Prompt, language: any LanguageModel,
        emit: (AskEvent) -> Void
    ) -> Answer {
        var composer = composer
        var sentences = lead + draft.kept
        var notices = Self.differ(draft.facts)
        // A block that was quoted first is what there is to quote.
        if sentences.isEmpty || (options.stages.contains(.facts) && lead.isEmpty && draft.lacksFact) {
            let quotes = composer.quotes(atMost: draft.kept.isEmpty ? 3 : 1)
            quotes.forEach { emit(.sentence($0)) }
            sentences += quotes
        }
        if !draft.dropped.isEmpty {
            let count = draft.dropped.count
            notices.append(
                "\(count) sentence\(count == 1 ? "" : "s") that the model wrote \(count == 1 ? "was" : "were") left out: "
                    + "not borne out by the sources")
        }
        let omitted = prompt.context.omittedChunks.count
        if omitted > 0 {
            notices.append("\(omitted) passage\(omitted == 1 ? "" : "s") did not fit into \(prompt.context.tokenBudget) tokens of context")
        }
        var answer = Answer(
            composer.material, sentences: sentences, citations: composer.material.citations.citations, context: prompt.context,
            model: language.identity.name, notices: notices)
        answer.facts = draft.facts
        answer.dropped = draft.dropped
        answer.tokensWritten = language.tokenCount(draft.text)
        return answer
    }
}

/// Takes in what the language model writes, and sorts its sentences.
struct DraftWriting {
    private(set) var checker: DraftChecker
    let options: AskOptions
    /// Stands in the answer already.
    let said: [AnswerSentence]
    let facts: [AnswerFact]
    /// What the sources bear out and the answer does not say yet; everything, where the check is left out.
    private(set) var kept: [AnswerSentence] = []
    private(set) var dropped: [AnswerSentence] = []
    /// All that was written.
    private(set) var text = ""
    private var seen: Set<String> = []

    init(checker: DraftChecker, options: AskOptions, said: [AnswerSentence], facts: [AnswerFact]) {
        self.checker = checker
        self.options = options
        self.said = said
        self.facts = facts
    }

    /// Sentences that may be left out before the first one that is kept.
    private static let patience = 2

    /// Whether no kept sentence names the fact.
    var lacksFact: Bool {
        guard let fact = facts.first else { return false }
        return !kept.contains { AnswerScoring.contains($0.text, [fact.text]) }
    }

    mutating func run(_ language: any LanguageModel, _ request: GenerationRequest, emit: @Sendable (AskEvent) -> Void) async throws {
        var draft = DraftSentences()
        var breaksOff = false
        for try await event in language.generate(request) {
            if case .finished(let statistics) = event { breaksOff = statistics.reason == .length }
            guard case .text(let text) = event else { continue }
            emit(.text(text))
            self.text += text
            for sentence in draft.append(text) {
                guard try await take(sentence, breaksOff: false, emit: emit) else { return }
            }
        }
        let rest = draft.finish()
        for (index, sentence) in rest.enumerated() {
            guard try await take(sentence, breaksOff: breaksOff && index == rest.count - 1, emit: emit) else { return }
        }
    }

    /// - Returns: whether more is wanted.
    private mutating func take(
        _ sentence: DraftSentences.Sentence, breaksOff: Bool, emit: @Sendable (AskEvent) -> Void
    ) async throws -> Bool {
        // Greedy decoding of a small model runs in circles: what it has said it will say again.
        guard seen.insert(sentence.text).inserted else { return false }
        let checked = try await checker.check(sentence, breaksOff: breaksOff)
        if !options.stages.contains(.check) {
            keep(checker.cite(checked), emit)
        } else if checked.sentence.support != .supported {
            dropped.append(checked.sentence)
        } else if !repeats(checked.sentence) {
            keep(checker.cite(checked), emit)
        }
        // What begins with inventions goes on with them: the sources then answer sooner and better.
        if kept.isEmpty, dropped.count >= Self.patience { return false }
        // A question for a fact is answered by the sentence that states it.
        return facts.isEmpty || lacksFact
    }

    private mutating func keep(_ sentence: AnswerSentence, _ emit: (AskEvent) -> Void) {
        kept.append(sentence)
        emit(.sentence(sentence))
    }

    private func repeats(_ sentence: AnswerSentence) -> Bool {
        let terms = Terms(sentence.text).distinct
        return (said + kept).contains { terms.isSubset(of: Terms($0.text).distinct) }
    }
}
