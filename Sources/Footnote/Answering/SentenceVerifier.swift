/// Compares a sentence with the sources it may rest on.
///
/// No language model is asked. A sentence is supported when the cited text holds its numbers, dates, names and
/// identifiers, agrees in what is denied, what is compared and who does what, and holds nearly all of its words, or most
/// of them together with a near meaning by the embedding model. What the sentence adds to the question counts on its
/// own, because a model that repeats the question and invents the rest would otherwise pass.
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
        let statement = Statement(sentence)
        guard let best = bestSource(for: terms, statement, similarities: similarities) else {
            return Verdict(support: .unsupported, reasons: ["no source holds its words"], sources: [])
        }
        var chosen = [best]
        if let second = complement(of: best, terms: terms) { chosen.append(second) }
        return judge(statement, chosen: chosen, similarity: similarities?[best])
    }

    /// The source that holds most of the words, is nearest in meaning, and, among the best few, holds the values.
    private func bestSource(for terms: Set<String>, _ statement: Statement, similarities: [Double]?) -> Int? {
        let scored = sources.enumerated().compactMap { index, source -> (index: Int, score: Double)? in
            let words = weights.coverage(of: terms, by: source.unit.terms)
            let score = words + 0.5 * max(0, similarities?[index] ?? 0)
            return words > 0 || similarities != nil && score > 0.3 ? (index, score) : nil
        }.sorted { ($0.score, $1.index) > ($1.score, $0.index) }
        guard !statement.values.isEmpty else { return scored.first?.index }
        let judged = scored.prefix(4).map { candidate in
            let check = ValueCheck(sentence: statement, sources: [Statement(sources[candidate.index].unit.text)])
            let held = Double(check.outcome().matched.count) / Double(statement.values.count)
            return (index: candidate.index, score: candidate.score + 0.3 * held)
        }
        return judged.max { ($0.score, $1.index) < ($1.score, $0.index) }?.index
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

    private func judge(_ statement: Statement, chosen: [Int], similarity: Double?) -> Verdict {
        let cited = chosen.map { sources[$0] }
        let texts = cited.map { Statement($0.unit.text) }
        let values = ValueCheck(sentence: statement, sources: texts).outcome()
        let surroundings = cited.reduce(into: Set<String>()) { $0.formUnion($1.surroundings) }
        let names = NameCheck(sentence: statement, sources: texts, surroundings: surroundings).outcome()
        let wording = WordingCheck(sentence: statement, values: values, sources: texts, weights: weights)
            .outcome(questionTerms: questionTerms)

        var hard: [String] = [], soft: [String] = []
        let absent = values.missing + names.missing
        if !absent.isEmpty { hard.append("not in the source: " + absent.joined(separator: ", ")) }
        if !values.misplaced.isEmpty { soft.append("said of something else: " + values.misplaced.joined(separator: ", ")) }
        if !names.doubtful.isEmpty { soft.append("named otherwise in the source: " + names.doubtful.joined(separator: ", ")) }
        if joinsFigures(statement, chosen: chosen, texts) { soft.append("joins figures that no one source gives together") }
        soft += disagreement(statement, texts)
        let isFull = wording.holds(similarity: similarity ?? 0)
        if !isFull, !wording.missing.isEmpty {
            soft.append("words without a source: " + wording.missing.prefix(4).joined(separator: ", "))
        }
        let support: Support = hard.isEmpty && soft.isEmpty && isFull ? .supported : wording.isPartial && hard.isEmpty ? .partial : .unsupported
        return Verdict(
            support: support, reasons: support == .supported ? [] : hard + soft, sources: support == .unsupported ? [] : chosen)
    }

    /// Whether values of two passages are put together that say them of more than the sentence tells: a line's passengers
    /// become a station's. Two sources that the sentence repeats nearly whole are not that.
    private func joinsFigures(_ statement: Statement, chosen: [Int], _ texts: [Statement]) -> Bool {
        guard texts.count == 2, sources[chosen[0]].unit.resultIndex != sources[chosen[1]].unit.resultIndex else { return false }
        let terms = Terms(statement.text).distinct
        guard chosen.contains(where: { weights.coverage(of: sources[$0].unit.terms, by: terms) < 0.6 }) else { return false }
        return texts.allSatisfy { !ValueCheck(sentence: statement, sources: [$0]).outcome().missing.isEmpty }
    }

    /// What the sentence turns round; a second source may settle what the first one says otherwise.
    private func disagreement(_ statement: Statement, _ sources: [Statement]) -> [String] {
        let denials = Denials(statement), chinese = ChineseDenials(statement.text)
        var found: [String]?
        let together = sources.count > 1 ? [Statement(sources.map(\.text).joined(separator: "\n"))] : []
        for source in sources + together {
            var reasons: [String] = []
            if let reason = denials.conflict(with: Denials(source)) { reasons.append(reason) }
            if let word = chinese.conflict(with: ChineseDenials(source.text)) {
                reasons.append("source and sentence differ in negation: " + word)
            }
            if let word = chinese.opposite(in: ChineseDenials(source.text)) { reasons.append("the source says \(word)") }
            if let reason = Relations(sentence: statement, source: source).conflict() { reasons.append(reason) }
            if reasons.isEmpty { return [] }
            found = found ?? reasons
        }
        return found ?? []
    }
}
