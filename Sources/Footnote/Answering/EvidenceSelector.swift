internal import Ingestion

/// Splits what was found into sentences and scores each against the question.
struct EvidenceSelector {
    let question: String
    let questionTerms: Set<String>
    let weights: TermWeights
    let results: [SearchResult]

    /// Every quotable unit of the results, scored, best first; equal scores keep the order of the results.
    func select(embedding: (any EmbeddingModel)?) async throws -> [EvidenceUnit] {
        var units = results.indices.flatMap { Self.units(of: results[$0], index: $0) }
        if let embedding, !units.isEmpty {
            // A sentence torn from its section is ambiguous ("It lasts 90 days."): the heading says of what.
            let texts = units.map { unit in
                let heading = results[unit.resultIndex].headingPath.last.map { $0 + ": " } ?? ""
                return heading + unit.text
            }
            let vectors = try await embedding.embed([question] + texts)
            let rows = vectors.rows(of: embedding.dimension)
            for index in units.indices {
                units[index].vector = rows[index + 1]
                units[index].similarity = cosine(rows[0], rows[index + 1])
            }
        }
        let surroundings = results.map { Terms(Self.surroundings(of: $0)).distinct }
        for index in units.indices { score(&units[index], surroundings: surroundings[units[index].resultIndex]) }
        return units.enumerated().sorted { ($0.element.score, $1.offset) > ($1.element.score, $0.offset) }.map(\.element)
    }

    /// What the model of evidence looks at.
    func features(_ units: [EvidenceUnit]) -> EvidenceFeatures {
        var chunkCoverage = 0.0
        for result in results {
            let words = Terms(result.text).distinct.union(Terms(Self.surroundings(of: result)).distinct)
            chunkCoverage = max(chunkCoverage, weights.coverage(of: questionTerms, by: words))
        }
        return EvidenceFeatures(
            sentenceSimilarity: units.compactMap(\.similarity).max() ?? 0,
            chunkSimilarity: results.compactMap(\.scores.denseScore).max() ?? 0,
            sentenceCoverage: units.map(\.coverage).max() ?? 0,
            chunkCoverage: chunkCoverage)
    }

    /// Embedding similarity, shared words weighted by rarity, and the standing of the passage.
    private func score(_ unit: inout EvidenceUnit, surroundings: Set<String>) {
        let own = weights.coverage(of: questionTerms, by: unit.terms)
        let withHeadings = weights.coverage(of: questionTerms, by: unit.terms.union(surroundings))
        unit.coverage = 0.5 * own + 0.5 * withHeadings
        let passage = results[unit.resultIndex].scores.fused
        if let similarity = unit.similarity {
            unit.score = 0.5 * similarity + 0.3 * unit.coverage + 0.2 * passage
        } else {
            unit.score = 0.7 * unit.coverage + 0.3 * passage
        }
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

/// Cosine of two unit vectors.
func cosine(_ a: [Float], _ b: [Float]) -> Double {
    var sum: Float = 0
    for index in 0..<Swift.min(a.count, b.count) { sum += a[index] * b[index] }
    return Double(sum)
}
