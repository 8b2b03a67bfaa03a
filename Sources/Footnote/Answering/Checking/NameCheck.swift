/// Compares the names of a sentence with the texts it cites and with what stands around these.
struct NameCheck {
    let sentence: Statement
    let sources: [Statement]
    /// Terms of passage, headings and title.
    let surroundings: Set<String>

    struct Outcome {
        var missing: [String] = []
        /// Names put together from several, or standing where the source has another.
        var doubtful: [String] = []
    }

    func outcome() -> Outcome {
        var outcome = Outcome()
        for name in sentence.names {
            let standings = sources.map { name.standing(in: $0.tokens) }
            if standings.contains(.together) {
                // The second source holds the name, but the first has another in its place.
                if standings.first != .together, hasAnotherInItsPlace(name) { outcome.doubtful.append(name.text) }
                continue
            }
            if standings.contains(.scattered) {
                outcome.doubtful.append(name.text)
                continue
            }
            let isNearby = name.parts.allSatisfy { part in
                Terms(part).distinct.isSubset(of: surroundings) || sources.contains { $0.tokens.contains { $0.lower == part } }
            }
            if !isNearby {
                outcome.missing.append(name.text)
            } else if standings.allSatisfy({ $0 == .absent }) && isExchanged() || hasAnotherInItsPlace(name) {
                outcome.doubtful.append(name.text)
            }
        }
        return outcome
    }

    /// Whether the cited text names something else where the sentence has a name from around it. A text that begins
    /// with a pronoun or a description ("It was …", "The company …") leaves room for the name.
    private func isExchanged() -> Bool {
        guard let source = sources.first else { return false }
        let used = Set(sentence.names.flatMap(\.parts))
        let dropped = source.names.contains { Set($0.parts).isDisjoint(with: used) }
        guard dropped else { return false }
        return !source.tokens.contains { $0.isOne(of: Self.references) }
    }

    /// Whether the words on both sides of the name stand in the cited text around another name.
    private func hasAnotherInItsPlace(_ name: NameMention) -> Bool {
        let here = sentence.tokens.filter { $0.kind != .sign }
        let used = Set(here.map(\.lower))
        return here.indices.contains { index in
            guard name.parts.contains(here[index].lower) else { return false }
            return sources.contains { source in
                let there = source.tokens.filter { $0.kind != .sign }
                guard !there.contains(where: { $0.lower == here[index].lower }) else { return false }
                return there.indices.contains { place in
                    there[place].isCapitalized && !used.contains(there[place].lower) && sharePlace(here, index, there, place)
                }
            }
        }
    }

    private func sharePlace(_ here: [StatementToken], _ index: Int, _ there: [StatementToken], _ place: Int) -> Bool {
        func neighbor(_ tokens: [StatementToken], _ index: Int) -> StatementToken? { tokens.indices.contains(index) ? tokens[index] : nil }
        let before = (neighbor(here, index - 1), neighbor(there, place - 1)), after = (neighbor(here, index + 1), neighbor(there, place + 1))
        let sameBefore = before.0?.key == before.1?.key, sameAfter = after.0?.key == after.1?.key
        if sameBefore && sameAfter { return true }
        return sameBefore && before.0?.isContent == true || sameAfter && after.0?.isContent == true
    }

    private static let references: Set<String> = [
        "it", "its", "he", "his", "him", "she", "her", "they", "their", "them", "this", "these", "that", "we", "our",
    ]
}
