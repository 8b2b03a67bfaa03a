internal import Foundation
internal import Ingestion

/// Splits what was found into sentences and scores each against the question.
struct EvidenceSelector {
    let question: String
    let questionTerms: Set<String>
    let weights: TermWeights
    let results: [SearchResult]
    /// One for each result, or none without a reader.
    let readings: [PassageReading]
    private let expected: ExpectedAnswer
    private let questionFacts: Facts
    /// Terms of the question that are names or numbers.
    private let questionNames: Set<String>

    init(
        question: String, questionTerms: Set<String>, weights: TermWeights, results: [SearchResult],
        readings: [PassageReading]
    ) {
        self.question = question
        self.questionTerms = questionTerms
        self.weights = weights
        self.results = results
        self.readings = readings
        expected = ExpectedAnswer(question)
        let facts = Facts(question)
        questionFacts = facts
        questionNames = Terms(facts.names.union(facts.numbers).sorted().joined(separator: " ")).distinct
            .intersection(questionTerms)
    }

    /// Every quotable unit of the results, scored, best first; equal scores keep the order of the results.
    func select(embedding: (any EmbeddingModel)?) async throws -> [EvidenceUnit] {
        var units = results.indices.flatMap { Self.units(of: results[$0], index: $0) }
        // The reader says more of a sentence than its embedding, which then adds less than it costs.
        if readings.isEmpty, let embedding { try await embed(&units, units.indices, by: embedding) }
        let surroundings = results.map { Terms(Self.surroundings(of: $0)).distinct }
        let model = !readings.isEmpty ? SentenceModel.reading : embedding == nil ? .words : .meaning
        for index in units.indices {
            let isContinued = index > 0 && units[index - 1].resultIndex == units[index].resultIndex
            var context = surroundings[units[index].resultIndex].union(units[index].terms)
            if isContinued { context.formUnion(units[index - 1].terms) }
            let own = units[index].terms.union(lead(of: index, in: units)?.terms ?? [])
            describe(&units[index], own: own, context: context)
            read(&units[index])
            units[index].score = model.probability(units[index].features)
        }
        return units.enumerated().filter { !$0.element.isLead }
            .sorted { ($0.element.score, $1.offset) > ($1.element.score, $0.offset) }.map(\.element)
    }

    /// Adds the likeness of the first few units to the question, where it is not known.
    /// - Parameter units: best first.
    func embedBest(_ units: inout [EvidenceUnit], by embedding: any EmbeddingModel) async throws {
        let missing = units.indices.prefix(Self.embedded).filter { units[$0].vector == nil }
        try await embed(&units, missing, by: embedding)
    }

    private func embed(
        _ units: inout [EvidenceUnit], _ indices: some Collection<Int> & Sendable, by embedding: any EmbeddingModel
    ) async throws {
        guard !indices.isEmpty else { return }
        // A sentence torn from its section is ambiguous ("It lasts 90 days."): the heading says of what.
        // So is the answer of a list of questions and answers without its question.
        let texts = indices.map { index in
            let heading = results[units[index].resultIndex].headingPath.last.map { $0 + ": " } ?? ""
            let lead = lead(of: index, in: units).map { $0.text + " " } ?? ""
            return heading + lead + units[index].text
        }
        let asked = try await embedding.embed([question], as: .query)
        let rows = try await embedding.embed(texts, as: .document).rows(of: embedding.dimension)
        for (index, row) in zip(indices, rows) {
            units[index].vector = row
            units[index].features.similarity = cosine(asked, row)
        }
    }

    /// As many as the language model may be given.
    private static let embedded = 6

    /// Adds what the reader says of the unit and its passage.
    private func read(_ unit: inout EvidenceUnit) {
        guard readings.indices.contains(unit.resultIndex) else {
            unit.answer = value(in: unit)
            return
        }
        let reading = readings[unit.resultIndex], start = results[unit.resultIndex].range.lowerBound
        unit.features.reading = min(1, max(-1, reading.answers / 10))
        let span = reading.bestSpan(within: unit.range.lowerBound - start..<unit.range.upperBound - start)
        unit.features.span = max(-1, (span?.logProbability ?? -10) / 10)
        unit.answer = span.map { $0.wholeWords(of: results[unit.resultIndex].text).shifted(by: start) }
    }

    /// Without a reader, for a question that asks for a number or date: the first one that it does not itself hold.
    private func value(in unit: EvidenceUnit) -> Range<Int>? {
        guard expected == .number else { return nil }
        let statement = Statement(unit.text)
        guard let mention = statement.values.first(where: { !question.contains($0.text) }),
            let first = statement.tokens[mention.tokens].first, let last = statement.tokens[mention.tokens].last
        else { return nil }
        let utf8 = unit.text.utf8
        let lower = utf8.distance(from: utf8.startIndex, to: first.range.lowerBound)
        let upper = utf8.distance(from: utf8.startIndex, to: last.range.upperBound)
        return (lower..<upper).shifted(by: unit.range.lowerBound)
    }

    /// What names things for a passage when it is read with the question.
    static func lead(of result: SearchResult) -> String {
        [result.headingPath.last ?? result.document.title, result.leadIn].compactMap(\.self).joined(separator: ": ")
    }

    /// What the model of evidence looks at.
    /// - Parameter units: best first.
    func features(_ units: [EvidenceUnit]) -> EvidenceFeatures {
        var features = EvidenceFeatures(chunks: weights.chunkCount)
        for result in results {
            let coverage = weights.coverage(of: questionTerms, by: words(of: result))
            features.chunkCoverage = max(features.chunkCoverage, coverage)
        }
        features.reading = readings.map(\.answers).max() ?? 0
        features.sentenceSimilarity = units.map(\.features.similarity).max() ?? 0
        features.chunkSimilarity = results.compactMap(\.scores.denseScore).max() ?? 0
        features.sentenceCoverage = units.map(\.coverage).max() ?? 0
        guard let best = units.first else { return features }
        features.sentence = log(best.score / (1 - best.score))
        let found = questionNames.intersection(words(of: results[best.resultIndex]))
        let whole = max(weights.weight(of: questionTerms), .leastNormalMagnitude)
        features.foundNames = weights.weight(of: found) / whole
        features.missingNames = weights.weight(of: questionNames.subtracting(found)) / whole
        return features
    }

    private func words(of result: SearchResult) -> Set<String> {
        Terms(result.text).distinct.union(Terms(Self.surroundings(of: result)).distinct)
    }

    /// The question that a unit answers or the words that introduce it, where they stand just before it.
    private func lead(of index: Int, in units: [EvidenceUnit]) -> EvidenceUnit? {
        guard index > 0, units[index - 1].isLead, units[index - 1].resultIndex == units[index].resultIndex,
            !units[index].isLead
        else { return nil }
        return units[index - 1]
    }

    private func describe(_ unit: inout EvidenceUnit, own: Set<String>, context: Set<String>) {
        unit.features.coverage = weights.coverage(of: questionTerms, by: own)
        unit.features.contextCoverage = weights.coverage(of: questionTerms, by: context)
        unit.features.passage = results[unit.resultIndex].scores.fused
        unit.features.fit = expected.fit(of: unit.facts, asked: questionFacts)
        unit.features.novelty = min(1, Double(unit.terms.subtracting(questionTerms).count) / 4)
        unit.coverage = 0.5 * unit.features.coverage + 0.5 * unit.features.contextCoverage
    }

    /// Headings, title and lead-in: what names things for the sentences below.
    static func surroundings(of result: SearchResult) -> String {
        ([result.document.title ?? ""] + result.headingPath + [result.leadIn ?? ""]).joined(separator: " ")
    }

    static func units(of result: SearchResult, index: Int) -> [EvidenceUnit] {
        SentenceSplitter().ranges(in: result.text).compactMap { range in
            let local = SourceRange(range)
            guard let slice = result.text[local] else { return nil }
            let text = String(slice)
            guard isQuotable(text) else { return nil }
            let lower = result.range.lowerBound + range.lowerBound
            let unit = EvidenceUnit(resultIndex: index, range: SourceRange(lower..<lower + range.count), text: text)
            return unit.terms.isEmpty ? nil : unit
        }
    }

    /// Headings and rules name or separate things; they state nothing.
    private static func isQuotable(_ text: String) -> Bool {
        if text.hasPrefix("#") { return false }
        return text.contains { $0.isLetter || $0.isNumber }
    }
}

extension [Float] {
    /// The rows of a row-major matrix.
    func rows(of dimension: Int) -> [[Float]] {
        guard dimension > 0 else { return [] }
        return stride(from: 0, to: count - dimension + 1, by: dimension).map { Array(self[$0..<$0 + dimension]) }
    }
}

extension Range<Int> {
    func shifted(by offset: Int) -> Range<Int> { lowerBound + offset..<upperBound + offset }
}

/// Cosine of two unit vectors.
func cosine(_ a: [Float], _ b: [Float]) -> Double {
    var sum: Float = 0
    for index in 0..<Swift.min(a.count, b.count) { sum += a[index] * b[index] }
    return Double(sum)
}
