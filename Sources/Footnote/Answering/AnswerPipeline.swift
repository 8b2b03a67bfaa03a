/// What answering needs of a knowledge base.
protocol AnswerSources: Sendable {
    func search(_ query: String, options: SearchOptions) async throws -> [SearchResult]
    /// Normalised text of a document; `nil` when it has been removed meanwhile.
    func normalizedText(ofDocument id: Int64) async throws -> String?
    /// Number of chunks in the knowledge base.
    func chunkCount() async throws -> Int
    /// Number of chunks that hold each word.
    func chunkFrequencies(of words: [String]) async throws -> [Int]
}

extension AnswerSources {
    /// Adds the frequencies of terms that `weights` does not know yet.
    func look(up terms: Terms, in weights: inout TermWeights) async throws {
        let unknown = terms.distinct.filter { !weights.knows($0) }.sorted()
        guard !unknown.isEmpty else { return }
        let counts = try await chunkFrequencies(of: unknown.map { terms.words[$0] ?? $0 })
        weights.add(Dictionary(uniqueKeysWithValues: zip(unknown, counts)))
    }
}

/// From a question to a checked answer: retrieve, weigh the evidence, refuse or write, check, cite.
struct AnswerPipeline: Sendable {
    let sources: any AnswerSources
    let embedding: (any EmbeddingModel)?
    /// Loaded only when there is something to write.
    let language: @Sendable () async throws -> (any LanguageModel)?
    let options: AskOptions
    /// Notes what the manifest of the answer needs.
    let trace: AnswerTrace
    /// Passages whose sentences are looked at. One sentence that answers is easily lost in a passage about other things:
    /// the embedding of the whole does not show it.
    static let passagesRead = 24

    func run(_ question: String, emit: @Sendable (AskEvent) -> Void) async throws {
        let question = question.trimmingWhitespace()
        guard !question.isEmpty else { throw AskError.emptyQuestion }
        let query = FollowUp.query(question, history: options.history)
        var wide = options.search
        wide.limit = max(wide.limit, Self.passagesRead)
        var material = try await gather(question: question, results: try await sources.search(query, options: wide))
        trace.retrieved(material.results)
        emit(.retrieved(material.results))
        let answer: Answer
        if material.results.isEmpty || material.evidence < options.minimumEvidence {
            answer = refusal(material)
        } else if options.extractive {
            answer = extractive(&material, notices: [], emit: emit)
        } else {
            guard let language = try await language() else {
                throw AskError.noLanguageModel(reason: "it was switched off")
            }
            answer = try await generated(by: language, &material, emit: emit)
        }
        emit(.finished(answer))
    }

    /// All that is known before anything is written.
    struct Material {
        var question: String
        var questionTerms: Set<String>
        var weights: TermWeights
        var results: [SearchResult]
        /// Best first.
        var units: [EvidenceUnit]
        var evidence: Double
        var features: EvidenceFeatures
        var citations: CitationBuilder
    }

    func gather(question: String, results: [SearchResult]) async throws -> Material {
        let asked = Terms(FollowUp.query(question, history: options.history))
        let questionTerms = asked.distinct
        var weights = TermWeights(chunkCount: try await sources.chunkCount(), frequencies: [:])
        try await sources.look(up: asked, in: &weights)
        let wide = EvidenceSelector(
            question: question, questionTerms: questionTerms, weights: weights, results: results)
        let (units, results) = EvidenceSelector.best(
            options.search.limit, of: results, by: try await wide.select(embedding: embedding))
        let features = EvidenceSelector(
            question: question, questionTerms: questionTerms, weights: weights, results: results).features(units)
        let pairs = question.count { $0.isIdeographLike } * 2 > question.count
        let basis: EvidenceModel.Basis = embedding != nil ? .wordsAndMeaning : pairs ? .characterPairs : .words
        let evidence = EvidenceModel().probability(features, basis: basis)
        var texts: [Int64: String] = [:]
        for id in Set(results.map(\.document.id)) { texts[id] = try await sources.normalizedText(ofDocument: id) }
        return Material(
            question: question, questionTerms: questionTerms, weights: weights, results: results, units: units,
            evidence: results.isEmpty ? 0 : evidence, features: features,
            citations: CitationBuilder(results: results, texts: texts))
    }

    private func refusal(_ material: Material) -> Answer {
        let nothing = ContextReport(tokenBudget: 0, tokensUsed: 0, includedChunks: [], omittedChunks: [])
        let notice = material.results.isEmpty
            ? "nothing in the knowledge base shares words or meaning with the question"
            : "the nearest passages do not bear on the question enough to answer it"
        return Answer(
            question: material.question, outcome: .noEvidence, sentences: [], citations: [], context: nothing,
            model: nil, evidence: material.evidence, evidenceFeatures: material.features, notices: [notice])
    }
}

// MARK: - Quoting

extension AnswerPipeline {
    private func extractive(
        _ material: inout Material, notices: [String], emit: (AskEvent) -> Void
    ) -> Answer {
        let sentences = quotes(&material, atMost: 3)
        sentences.forEach { emit(.sentence($0)) }
        let chunks = material.results.map(\.chunkID)
        return Answer(
            question: material.question, outcome: sentences.isEmpty ? .noEvidence : .answered, sentences: sentences,
            citations: material.citations.citations,
            context: ContextReport(tokenBudget: 0, tokensUsed: 0, includedChunks: chunks, omittedChunks: []),
            model: nil, evidence: material.evidence, evidenceFeatures: material.features, notices: notices)
    }

    /// The best units as quoted sentences: those that are not much less likely than the best, without repetitions.
    private func quotes(_ material: inout Material, atMost limit: Int) -> [AnswerSentence] {
        guard let best = material.units.first else { return [] }
        var sentences: [AnswerSentence] = []
        var quoted: [Set<String>] = []
        for unit in material.units where unit.score >= 0.3 * best.score {
            guard sentences.count < limit else { break }
            let repeats = quoted.contains { $0.isSuperset(of: unit.terms) || unit.terms.isSuperset(of: $0) }
            guard !repeats, let citation = material.citations.cite(unit) else { continue }
            quoted.append(unit.terms)
            sentences.append(
                AnswerSentence(kind: .quoted, text: citation.quote, citations: [citation], support: .supported))
        }
        return sentences
    }
}

// MARK: - Writing

extension AnswerPipeline {
    private func generated(
        by language: any LanguageModel, _ material: inout Material, emit: @Sendable (AskEvent) -> Void
    ) async throws -> Answer {
        let prompt = try PromptBuilder(model: language, options: options)
            .build(question: material.question, results: material.results)
        guard !prompt.sources.isEmpty else {
            let notice = "no source fits into \(options.contextTokens) tokens of context; sentences are quoted instead"
            return extractive(&material, notices: [notice], emit: emit)
        }
        var checker = DraftChecker(material: material, prompt: prompt, embedding: embedding, statistics: sources)
        var draft = DraftSentences()
        let request = GenerationRequest(
            messages: prompt.messages, maximumTokens: options.maximumTokens, sampling: options.sampling)
        trace.asked(language.identity, request)
        var sentences: [AnswerSentence] = []
        var breaksOff = false
        generation: for try await event in language.generate(request) {
            if case .finished(let statistics) = event { breaksOff = statistics.reason == .length }
            guard case .text(let text) = event else { continue }
            emit(.text(text))
            for sentence in draft.append(text) {
                // Greedy decoding of a small model runs in circles: what it has said it will say again.
                if sentences.contains(where: { $0.text == sentence.text }) { break generation }
                sentences.append(try await checker.check(sentence, emit: emit))
            }
        }
        let rest = draft.finish()
        for (index, sentence) in rest.enumerated() where !sentences.contains(where: { $0.text == sentence.text }) {
            let isCut = breaksOff && index == rest.count - 1
            sentences.append(try await checker.check(sentence, breaksOff: isCut, emit: emit))
        }
        material.citations = checker.citations
        return finish(sentences, material: &material, prompt: prompt, language: language, emit: emit)
    }

    /// Adds what the sources do say when nothing that was written stands on them.
    private func finish(
        _ draft: [AnswerSentence], material: inout Material, prompt: Prompt, language: any LanguageModel,
        emit: (AskEvent) -> Void
    ) -> Answer {
        var sentences = draft
        var notices: [String] = []
        let unsupported = draft.count { $0.support == .unsupported }
        if unsupported > 0 {
            let verb = unsupported == 1 ? "is" : "are"
            notices.append("\(unsupported) of \(draft.count) sentences \(verb) not supported by the sources")
        }
        if !draft.contains(where: { $0.support == .supported }) {
            let quoted = quotes(&material, atMost: 2)
            quoted.forEach { emit(.sentence($0)) }
            // What can be relied on comes first.
            sentences = quoted + sentences
            if !quoted.isEmpty { notices.append("no sentence of the model is fully supported; the sources are quoted") }
        }
        if !prompt.context.omittedChunks.isEmpty {
            let omitted = prompt.context.omittedChunks.count, budget = prompt.context.tokenBudget
            notices.append(
                "\(omitted) of \(material.results.count) passages did not fit into \(budget) tokens of context")
        }
        return Answer(
            question: material.question, outcome: .answered, sentences: sentences,
            citations: material.citations.citations, context: prompt.context, model: language.identity.name,
            evidence: material.evidence, evidenceFeatures: material.features, notices: notices)
    }
}
