internal import Foundation
internal import Ingestion

/// Chooses what an answer quotes: the fact and its sentence, the whole list or paragraph, or the best sentences.
struct QuoteComposer {
    var material: Material

    /// A sentence is quoted beside the best when it is so nearly as likely: of the same passage, or of another.
    private static let samePassage = 0.3, otherPassage = 0.9
    /// Facts below are not stated for questions that ask for one, and for others.
    private static let leastProbable = 0.1, leastProbableElsewhere = 0.5
    private static let longestFact = 14

    /// Whether the question is for a list, steps or a reason that stands in one piece in a source.
    var quotesBlock: Bool {
        var copy = self
        switch material.shape {
        case .list, .steps, .reason: return copy.block() != nil
        case .fact, .yesNo, .open: return false
        }
    }

    /// The units as quoted sentences, or the block around the best of them.
    mutating func quotes(atMost limit: Int = 3) -> [AnswerSentence] {
        switch material.shape {
        case .list, .steps, .reason:
            if let block = block() { return [block] }
        case .fact, .yesNo, .open: break
        }
        return sentences(atMost: limit)
    }

    private mutating func sentences(atMost limit: Int) -> [AnswerSentence] {
        guard let best = material.units.first else { return [] }
        var quoted: [(unit: EvidenceUnit, sentence: AnswerSentence)] = []
        for unit in material.units {
            let share = unit.resultIndex == best.resultIndex ? Self.samePassage : Self.otherPassage
            guard quoted.count < limit, unit.score >= Self.samePassage * best.score else { break }
            guard unit.score >= share * best.score else { continue }
            let repeats = quoted.contains { $0.unit.terms.isSuperset(of: unit.terms) || unit.terms.isSuperset(of: $0.unit.terms) }
            guard !repeats, let sentence = quote(unit) else { continue }
            quoted.append((unit, sentence))
        }
        return quoted.map(\.sentence)
    }

    /// The sentences of an excerpt that hold some words, as one quote; `nil` when no excerpt holds them.
    mutating func quote(_ words: String, from excerpts: [EvidenceExcerpt]) -> AnswerSentence? {
        for excerpt in excerpts where !words.isEmpty {
            guard let found = excerpt.text.range(of: words) else { continue }
            let utf8 = excerpt.text.utf8
            let lower = utf8.distance(from: utf8.startIndex, to: found.lowerBound)
            let upper = lower + words.utf8.count
            let touched = SentenceSplitter().ranges(in: excerpt.text).filter { $0.lowerBound < upper && $0.upperBound > lower }
            let range = min(lower, touched.first?.lowerBound ?? lower)..<max(upper, touched.last?.upperBound ?? upper)
            guard let text = excerpt.text[SourceRange(range)] else { continue }
            let place = SourceRange(range.shifted(by: excerpt.range.lowerBound))
            return quote(EvidenceUnit(resultIndex: excerpt.resultIndex, range: place, text: String(text)))
        }
        return nil
    }

    /// The best sentence of each passage, for a reader who looks on.
    func nearest(_ count: Int) -> [Refusal.Nearest] {
        var seen: Set<Int> = []
        let best = material.units.filter { seen.insert($0.resultIndex).inserted }.prefix(count)
        var builder = material.citations
        return best.compactMap { unit in
            builder.cite(unit).map {
                Refusal.Nearest(document: $0.document, headingPath: $0.headingPath, location: $0.location, quote: $0.quote)
            }
        }
    }

    private mutating func quote(_ unit: EvidenceUnit) -> AnswerSentence? {
        material.citations.cite(unit).map {
            AnswerSentence(kind: .quoted, text: $0.quote, citations: [$0], support: .supported)
        }
    }

    /// The list or paragraph that holds the best unit, in one piece; `nil` where it is no longer than the unit.
    private mutating func block() -> AnswerSentence? {
        guard let best = material.units.first,
            let text = material.texts[material.results[best.resultIndex].document.id],
            let range = SourceBlock(text: text, around: best.range).range(listsOnly: material.shape == .list),
            range.count > best.range.count, let content = text[range]
        else { return nil }
        return quote(EvidenceUnit(resultIndex: best.resultIndex, range: range, text: String(content)))
    }
}

// MARK: - Facts

extension QuoteComposer {
    /// The answer in a few words, and a second one where sources differ; none when no words stand out.
    mutating func facts() -> [AnswerFact] {
        let least = material.shape == .fact ? Self.leastProbable : Self.leastProbableElsewhere
        let candidates = material.units.prefix(24).compactMap { FactCandidate($0, of: material) }
            .filter { $0.probability >= least && $0.words <= Self.longestFact }
        guard material.shape != .list, material.shape != .steps, let best = candidates.first else { return [] }
        var facts: [AnswerFact] = []
        if let fact = state(best, with: candidates.filter { $0.agrees(with: best) }) { facts.append(fact) }
        if let other = candidates.first(where: { $0.contradicts(best, of: material) }),
            let fact = state(other, with: candidates.filter { $0.agrees(with: other) }) {
            facts.append(fact)
        }
        return facts
    }

    private mutating func state(_ fact: FactCandidate, with agreeing: [FactCandidate]) -> AnswerFact? {
        guard let citation = material.citations.cite(fact.unit) else { return nil }
        var citations = [citation]
        var documents: Set = [citation.document.id]
        for other in agreeing where citations.count < 3 {
            guard documents.insert(other.document).inserted, let citation = material.citations.cite(other.unit) else { continue }
            citations.append(citation)
        }
        return AnswerFact(text: fact.text, range: fact.range, citations: citations, probability: fact.probability)
    }
}

/// Words of a sentence that may be the fact asked for.
private struct FactCandidate {
    let unit: EvidenceUnit
    let document: Int64
    let range: SourceRange
    let text: String
    let probability: Double
    let words: Int
    private let terms: Set<String>
    private let facts: Facts

    init?(_ unit: EvidenceUnit, of material: Material) {
        guard let answer = unit.answer, let text = material.text(of: unit.resultIndex, at: SourceRange(answer)) else { return nil }
        terms = Terms(text).distinct
        // What the question says itself is no answer to it.
        guard !text.isEmpty, terms.isEmpty || !terms.isSubset(of: material.questionTerms) else { return nil }
        self.unit = unit
        self.text = text
        range = SourceRange(answer)
        document = material.results[unit.resultIndex].document.id
        probability = unit.score
        words = AnswerScoring.tokens(text).count
        facts = Facts(text)
    }

    func agrees(with other: FactCandidate) -> Bool {
        guard document != other.document, !terms.isEmpty, facts.numbers == other.facts.numbers else { return false }
        // "20 minutes" and "20" agree, "27 days" and "27 miles" do not.
        return terms == other.terms
            || (!facts.numbers.isEmpty && (terms.isSubset(of: other.terms) || other.terms.isSubset(of: terms)))
    }

    /// Whether another document gives another value for the same thing. Only numbers are compared: two names may both be right.
    func contradicts(_ best: FactCandidate, of material: Material) -> Bool {
        guard document != best.document, ExpectedAnswer(material.standalone) == .number, probability >= 0.5,
            !facts.numbers.isEmpty, !best.facts.numbers.isEmpty, facts.numbers.isDisjoint(with: best.facts.numbers)
        else { return false }
        // Of the same thing: it shares as much with the question as the best does.
        return unit.features.contextCoverage >= best.unit.features.contextCoverage - 0.05
    }
}
