/// Checks the sentences of a draft one by one, and cites what those rest on that are kept.
struct DraftChecker {
    private var verifier: SentenceVerifier
    private let statistics: any AnswerSources
    private var units: [EvidenceUnit]
    private let embedding: (any EmbeddingModel)?
    private(set) var citations: CitationBuilder

    init(
        material: Material, prompt: Prompt, embedding: (any EmbeddingModel)?, statistics: any AnswerSources
    ) {
        units = material.units.filter { prompt.sources.contains($0.resultIndex) }
        let surroundings = material.results.map {
            Terms($0.text).distinct.union(Terms(EvidenceSelector.surroundings(of: $0)).distinct)
        }
        verifier = SentenceVerifier(
            questionTerms: material.questionTerms, weights: material.weights,
            sources: units.map { .init(unit: $0, surroundings: surroundings[$0.resultIndex]) })
        self.embedding = embedding
        self.statistics = statistics
        citations = material.citations
    }

    /// A sentence with its verdict; nothing is cited yet.
    struct Checked {
        var sentence: AnswerSentence
        /// Indices of the units it rests on.
        fileprivate var sources: [Int]
    }

    /// - Parameter breaksOff: whether writing ended within the sentence; such a one is never fully supported.
    mutating func check(_ sentence: DraftSentences.Sentence, breaksOff: Bool = false) async throws -> Checked {
        try await statistics.look(up: Terms(sentence.text), in: &verifier.weights)
        var verdict = verifier.verify(sentence.text, similarities: try await similarities(of: sentence.text))
        if breaksOff {
            if verdict.support == .supported { verdict.support = .partial }
            verdict.reasons.append("breaks off at the limit of tokens")
        }
        let checked = AnswerSentence(
            kind: .generated, text: sentence.text, citations: [], support: verdict.support, reasons: verdict.reasons)
        return Checked(sentence: checked, sources: verdict.sources)
    }

    /// The sentence with its citations.
    mutating func cite(_ checked: Checked) -> AnswerSentence {
        var sentence = checked.sentence
        sentence.citations = checked.sources.compactMap { citations.cite(units[$0]) }
        if sentence.citations.isEmpty, sentence.support != .unsupported {
            sentence.support = .unsupported
            sentence.reasons = ["the document changed while the question was answered"]
        }
        return sentence
    }

    private mutating func similarities(of sentence: String) async throws -> [Double]? {
        guard let embedding else { return nil }
        try await embedUnits(by: embedding)
        let vector = try await embedding.embed([sentence], as: .document)
        return units.map { unit in unit.vector.map { cosine(vector, $0) } ?? 0 }
    }

    /// Those that weighing the evidence did not embed.
    private mutating func embedUnits(by embedding: any EmbeddingModel) async throws {
        let missing = units.indices.filter { units[$0].vector == nil }
        guard !missing.isEmpty else { return }
        let rows = try await embedding.embed(missing.map { units[$0].text }, as: .document).rows(of: embedding.dimension)
        for (index, row) in zip(missing, rows) { units[index].vector = row }
    }
}
