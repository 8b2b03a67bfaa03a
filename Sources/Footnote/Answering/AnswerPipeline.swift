/// What answering needs of a knowledge base.
protocol AnswerSources: Sendable {
    func search(_ query: String, options: SearchOptions) async throws -> [SearchResult]
    /// Normalised text of a document; `nil` when it has been removed meanwhile.
    func normalizedText(ofDocument id: Int64) async throws -> String?
    func places(ofDocument id: Int64) async throws -> DocumentPlaces
    /// Number of chunks in the knowledge base.
    func chunkCount() async throws -> Int
    /// Number of chunks that hold each word.
    func chunkFrequencies(of words: [String]) async throws -> [Int]
    /// How many documents and chunks a filter lets through.
    func extent(of filter: SearchFilter) async throws -> (documents: Int, chunks: Int)
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

/// From a question to a checked answer: retrieve, read, weigh the evidence, refuse or write, check, cite.
struct AnswerPipeline: Sendable {
    let sources: any AnswerSources
    let embedding: (any EmbeddingModel)?
    /// `nil` where words and embeddings alone weigh the evidence.
    let reader: (any PassageReader)?
    /// Loaded only when there is something to write.
    let language: @Sendable () async throws -> (any LanguageModel)?
    let options: AskOptions
    /// Notes what the manifest of the answer needs.
    let trace: AnswerTrace
    /// Passages whose sentences are looked at. One sentence that answers is easily lost in a passage about other things:
    /// the embedding of the whole does not show it.
    static let passagesWeighed = 16

    func run(_ question: String, emit: @Sendable (AskEvent) -> Void) async throws {
        let question = question.trimmingWhitespace()
        guard !question.isEmpty else { throw AskError.emptyQuestion }
        let material = try await gather(question)
        trace.retrieved(material.results)
        emit(.retrieved(material.results))
        let answer: Answer
        if material.results.isEmpty || material.evidence < options.minimumEvidence {
            answer = try await refusal(material)
        } else if options.extractive {
            answer = quoted(material, emit: emit)
        } else {
            guard let language = try await language() else {
                throw AskError.noLanguageModel(reason: "it was switched off")
            }
            answer = try await written(by: language, material, emit: emit)
        }
        emit(.finished(answer))
    }

    /// What bears on a question, weighed.
    func gather(_ question: String) async throws -> Material {
        let standalone = FollowUp.standalone(question, history: options.history).text
        // What a follow-up points back to is not always found: then the question before it is searched for as well.
        let query = FollowUp.query(question, history: options.history)
        var wide = options.search
        wide.limit = max(wide.limit, Self.passagesWeighed)
        let found = try await sources.search(query, options: wide)
        let readings = try await read(standalone, found)
        let asked = Terms(query)
        var weights = TermWeights(chunkCount: try await sources.chunkCount(), frequencies: [:])
        try await sources.look(up: asked, in: &weights)
        let selector = EvidenceSelector(
            question: standalone, questionTerms: asked.distinct, weights: weights, results: found, readings: readings)
        let order = EvidenceOrder(found, try await selector.select(embedding: embedding))
            .limited(to: options.search.limit, reranked: options.stages.contains(.reranking))
        let kept = order.passages.map { found[$0] }
        let keptReadings = readings.isEmpty ? [] : order.passages.map { readings[$0] }
        let last = EvidenceSelector(
            question: standalone, questionTerms: asked.distinct, weights: weights, results: kept, readings: keptReadings)
        var units = order.units
        if let embedding { try await last.embedBest(&units, by: embedding) }
        var features = last.features(units)
        features.lexicalLead = Self.lexicalLead(found)
        var texts: [Int64: String] = [:], places: [Int64: DocumentPlaces] = [:]
        for id in Set(kept.map(\.document.id)) {
            texts[id] = try await sources.normalizedText(ofDocument: id)
            places[id] = try await sources.places(ofDocument: id)
        }
        return Material(
            question: question, standalone: standalone, shape: QuestionShape(standalone), questionTerms: asked.distinct,
            weights: weights, results: kept, readings: keptReadings, units: units,
            evidence: kept.isEmpty ? 0 : EvidenceModel().probability(features, basis: basis(standalone)),
            features: features, texts: texts, citations: CitationBuilder(results: kept, texts: texts, places: places))
    }

    /// Lexical score of the best result by the mean of those that have one.
    private static func lexicalLead(_ results: [SearchResult]) -> Double {
        let scores = results.compactMap(\.scores.lexicalScore).filter { $0 > 0 }
        guard let best = scores.max() else { return 0 }
        return best * Double(scores.count) / scores.reduce(0, +)
    }

    private func read(_ question: String, _ results: [SearchResult]) async throws -> [PassageReading] {
        guard let reader, options.stages.contains(.reader), !results.isEmpty else { return [] }
        trace.read(by: reader.identity)
        let passages = results.map { ReadingPassage(lead: EvidenceSelector.lead(of: $0), text: $0.text) }
        let readings = try await reader.read(question, passages)
        guard readings.count == passages.count, readings.allSatisfy(\.isSound) else {
            throw AskError.model(
                "the reader \(reader.identity.name) read \(passages.count) passages and gave \(readings.count) readings, or such "
                    + "as are no numbers or out of order; mend it, or set KnowledgeBaseOptions.reader to .none")
        }
        return readings
    }

    private func basis(_ question: String) -> EvidenceModel.Basis {
        if reader != nil, options.stages.contains(.reader) { return .reading }
        if embedding != nil { return .wordsAndMeaning }
        return question.count { $0.isIdeographLike } * 2 > question.count ? .characterPairs : .words
    }

    private func refusal(_ material: Material) async throws -> Answer {
        let extent = try await sources.extent(of: options.search.filter)
        let composer = QuoteComposer(material: material)
        let refusal = Refusal(documents: extent.documents, chunks: extent.chunks, nearest: composer.nearest(3))
        let notice = material.results.isEmpty
            ? "nothing in the knowledge base shares words or meaning with the question"
            : "the nearest passages do not bear on the question enough to answer it"
        var answer = Answer(material, sentences: [], citations: [], context: .empty, model: nil, notices: [notice])
        answer.outcome = .noEvidence
        answer.refusal = refusal
        return answer
    }

    /// The fact and the quotes that go with it.
    func quoted(_ material: Material, emit: (AskEvent) -> Void) -> Answer {
        var composer = QuoteComposer(material: material)
        let facts = options.stages.contains(.facts) ? composer.facts() : []
        if !facts.isEmpty { emit(.facts(facts)) }
        return quoted(composer, facts: facts, lead: [], notices: [], emit: emit)
    }

    /// - Parameters:
    ///   - facts: emitted already.
    ///   - lead: quotes that were emitted already; none where they are still to be chosen.
    func quoted(
        _ composer: QuoteComposer, facts: [AnswerFact], lead: [AnswerSentence], notices: [String], emit: (AskEvent) -> Void
    ) -> Answer {
        var composer = composer
        var sentences = lead
        if lead.isEmpty {
            sentences = composer.quotes()
            sentences.forEach { emit(.sentence($0)) }
        }
        let material = composer.material
        var answer = Answer(
            material, sentences: sentences, citations: material.citations.citations,
            context: ContextReport(
                tokenBudget: 0, tokensUsed: 0, includedChunks: material.results.map(\.chunkID), omittedChunks: []),
            model: nil, notices: notices + Self.differ(facts))
        answer.facts = facts
        if sentences.isEmpty, facts.isEmpty { answer.outcome = .noEvidence }
        return answer
    }

    static func differ(_ facts: [AnswerFact]) -> [String] {
        facts.count > 1 ? ["the sources differ; what each says is shown"] : []
    }
}

extension Answer {
    init(
        _ material: Material, sentences: [AnswerSentence], citations: [Citation], context: ContextReport, model: String?,
        notices: [String]
    ) {
        self.init(
            question: material.question, outcome: .answered, sentences: sentences, citations: citations, context: context,
            model: model, evidence: material.evidence, evidenceFeatures: material.features, notices: notices)
        if material.standalone != material.question { rewrittenQuestion = material.standalone }
    }
}
