/// Compares a sentence with the sources it may rest on.
///
/// No language model is asked. A sentence is supported when the cited text holds its numbers, names and
/// identifiers exactly, agrees in negation, and holds nearly all of its words, or most of them together with
/// a near meaning by the embedding model. What the sentence adds to the question counts on its own, because a
/// model that repeats the question and invents the rest would otherwise pass.
package struct SentenceVerifier {
    /// What a sentence may rest on, with the text around it that may name things for it.
    package struct Source {
        package let unit: EvidenceUnit
        /// Names and identifiers may also stand in the chunk, its headings or the document's title.
        package let surroundings: Set<String>

        package init(unit: EvidenceUnit, surroundings: Set<String>) {
            self.unit = unit
            self.surroundings = surroundings
        }
    }

    package struct Verdict {
        package var support: Support
        package var reasons: [String]
        /// Indices of the sources it rests on, best first; empty when it rests on none.
        package var sources: [Int]
    }

    package let questionTerms: Set<String>
    package var weights: TermWeights
    package let sources: [Source]

    package init(questionTerms: Set<String>, weights: TermWeights, sources: [Source]) {
        self.questionTerms = questionTerms
        self.weights = weights
        self.sources = sources
    }

    /// - Parameter similarities: cosine of the sentence with each source, or `nil` without an embedding model.
    package func verify(_ sentence: String, similarities: [Double]?) -> Verdict {
        let terms = Terms(sentence).distinct
        guard !terms.isEmpty, !sources.isEmpty else {
            return Verdict(support: .unsupported, reasons: ["states nothing that could be compared with a source"], sources: [])
        }
        guard let best = bestSource(for: terms, similarities: similarities) else {
            return Verdict(support: .unsupported, reasons: ["no source holds its words"], sources: [])
        }
        var chosen = [best]
        if let second = complement(of: best, terms: terms) { chosen.append(second) }
        return judge(sentence, terms: terms, chosen: chosen, similarity: similarities?[best])
    }

    private func bestSource(for terms: Set<String>, similarities: [Double]?) -> Int? {
        var best: (index: Int, score: Double)?
        for (index, source) in sources.enumerated() {
            let words = weights.coverage(of: terms, by: source.unit.terms)
            let score = words + 0.5 * max(0, similarities?[index] ?? 0)
            if words > 0, score > best?.score ?? 0 { best = (index, score) }
        }
        return best?.index
    }

    /// A second unit that holds much of what the first one lacks.
    private func complement(of best: Int, terms: Set<String>) -> Int? {
        let missing = terms.subtracting(sources[best].unit.terms)
        guard !missing.isEmpty else { return nil }
        var found: (index: Int, gain: Double)?
        for (index, source) in sources.enumerated() where index != best {
            let gain = weights.weight(of: missing.intersection(source.unit.terms)) / max(weights.weight(of: terms), .ulpOfOne)
            let sameDocumentBonus = source.unit.resultIndex == sources[best].unit.resultIndex ? 0.02 : 0
            if gain >= 0.2, gain + sameDocumentBonus > found?.gain ?? 0 { found = (index, gain + sameDocumentBonus) }
        }
        return found?.index
    }

    private func judge(_ sentence: String, terms: Set<String>, chosen: [Int], similarity: Double?) -> Verdict {
        let facts = Facts(sentence)
        let cited = chosen.map { sources[$0] }
        var reasons: [String] = []
        let numbers = cited.reduce(into: Set<String>()) { $0.formUnion($1.unit.facts.numbers) }
        let wrongNumbers = facts.numbers.subtracting(numbers).sorted()
        if !wrongNumbers.isEmpty { reasons.append("not in the source: " + wrongNumbers.joined(separator: ", ")) }
        let words = cited.reduce(into: Set<String>()) { $0.formUnion($1.unit.terms) }
        let nearby = cited.reduce(into: words) { $0.formUnion($1.surroundings) }
        let wrongNames = facts.names.filter { !Terms($0).distinct.isSubset(of: nearby) }.sorted()
        if !wrongNames.isEmpty { reasons.append("not in the source: " + wrongNames.joined(separator: ", ")) }
        let negationDiffers = facts.isNegated != cited[0].unit.facts.isNegated
            && !cited.dropFirst().contains { $0.unit.facts.isNegated == facts.isNegated }
        if negationDiffers { reasons.append("source and sentence differ in negation") }

        let coverage = weights.coverage(of: terms, by: words)
        let added = terms.subtracting(questionTerms)
        let addedCoverage = added.isEmpty ? coverage : weights.coverage(of: added, by: words)
        let near = similarity ?? 0
        let full = (coverage >= 0.75 && addedCoverage >= 0.75) || (coverage >= 0.6 && addedCoverage >= 0.6 && near >= 0.7)
        let some = coverage >= 0.45 && addedCoverage >= 0.3
        if !full {
            let missing = terms.subtracting(words).sorted().prefix(4)
            if !missing.isEmpty { reasons.append("words without a source: " + missing.joined(separator: ", ")) }
        }
        let hardFault = !wrongNumbers.isEmpty || !wrongNames.isEmpty
        let support: Support = full && !hardFault && !negationDiffers ? .supported : some && !hardFault ? .partial : .unsupported
        return Verdict(support: support, reasons: support == .supported ? [] : reasons, sources: support == .unsupported ? [] : chosen)
    }
}
