/// How much of a sentence's wording its sources hold, and what they do not.
struct WordingCheck {
    let sentence: Statement
    let values: ValueCheck.Outcome
    let sources: [Statement]
    let weights: TermWeights

    struct Outcome {
        /// Weighted shares of the sentence's words that the sources hold: of all, and of those the question did not hold.
        var coverage: Double
        var addedCoverage: Double
        /// Whether a word without a source says where, for whom or what something is: an addition, not a paraphrase.
        var adds: Bool
        var missing: [String]

        func holds(similarity: Double) -> Bool {
            guard !adds else { return false }
            return (coverage >= 0.75 && addedCoverage >= 0.75) || (coverage >= 0.6 && addedCoverage >= 0.6 && similarity >= 0.7)
        }

        var isPartial: Bool { coverage >= 0.45 && addedCoverage >= 0.3 }
    }

    func outcome(questionTerms: Set<String>) -> Outcome {
        // Values have been compared as values: "ten" and "10" share no word.
        var residue = ""
        var position = sentence.text.startIndex
        for (index, value) in sentence.values.enumerated() where values.matched.contains(index) {
            let lower = sentence.tokens[value.tokens.lowerBound].range.lowerBound
            let upper = sentence.tokens[value.tokens.upperBound - 1].range.upperBound
            residue += sentence.text[position..<lower] + " "
            position = upper
        }
        residue += sentence.text[position...]
        let held = sources.reduce(into: Set<String>()) { $0.formUnion(keys(of: Terms(ChineseDenials.withoutDenials($1.text)).distinct)) }
        let terms = Terms(ChineseDenials.withoutDenials(residue)).distinct.filter { !Wording.isEmpty(term: $0) }
        let known = terms.filter { held.contains(Wording.key(ofTerm: $0)) || isDeniedOpposite($0) }
        let added = terms.subtracting(questionTerms)
        let missing = terms.subtracting(known).sorted()
        return Outcome(
            coverage: weights.coverage(of: terms, by: known),
            addedCoverage: weights.coverage(of: added.isEmpty ? terms : added, by: known),
            adds: isAddition(missing), missing: missing)
    }

    private func keys(of terms: Set<String>) -> Set<String> { Set(terms.map(Wording.key(ofTerm:))) }

    /// "Not allowed" is the source's "forbidden".
    private func isDeniedOpposite(_ term: String) -> Bool {
        let key = Wording.key(ofTerm: term)
        return sentence.tokens.contains { token in
            token.key == key && sources.contains { source in source.tokens.contains { Opposites.areOpposite($0, token) } }
        }
    }

    /// Whether a missing word follows a preposition or completes "is": "for administrators", "is purple".
    private func isAddition(_ missing: [String]) -> Bool {
        let lost = Set(missing.map(Wording.key(ofTerm:)))
        return sentence.tokens.indices.contains { index in
            let token = sentence.tokens[index]
            guard token.kind == .word, lost.contains(token.key) else { return false }
            for back in 1...3 where index - back >= 0 {
                let before = sentence.tokens[index - back]
                if before.isOne(of: Self.openings) { return true }
                guard before.isOne(of: ["the", "a", "an", "its", "his", "her", "their", "this", "very", "also"]) else { return false }
            }
            return false
        }
    }

    private static let openings: Set<String> = [
        "for", "in", "at", "by", "from", "with", "without", "into", "onto", "on", "under", "near", "through", "of", "is", "are",
        "was", "were",
    ]
}
