/// Compares the numbers, dates and times of a sentence with those of the texts it cites.
struct ValueCheck {
    let sentence: Statement
    let sources: [Statement]

    struct Outcome {
        /// Values that no source holds.
        var missing: [String] = []
        /// Values that the sources hold of something else, or with other limits.
        var misplaced: [String] = []
        /// Indices of the sentence's values that the sources hold, word for word or not.
        var matched: Set<Int> = []
    }

    func outcome() -> Outcome {
        var outcome = Outcome()
        for (index, value) in sentence.values.enumerated() {
            switch standing(of: value) {
            case .held: outcome.matched.insert(index)
            case .misplaced:
                outcome.matched.insert(index)
                outcome.misplaced.append(value.text)
            case .missing: outcome.missing.append(value.text)
            }
        }
        return outcome
    }

    private enum Standing { case held, misplaced, missing }

    private func standing(of value: ValueMention) -> Standing {
        var standing = Standing.missing
        for source in sources {
            for mention in source.values where value.follows(from: mention) {
                if fits(value, mention, in: source) { return .held }
                standing = .misplaced
            }
        }
        if standing == .missing, isPutTogether(value) { return .held }
        return standing
    }

    private func fits(_ value: ValueMention, _ mention: ValueMention, in source: Statement) -> Bool {
        if case .quantity(let mine) = value.value, case .quantity(let theirs) = mention.value {
            guard mine.boundFollows(from: theirs), countsTheSame(mine, theirs, in: source) else { return false }
        }
        let slots = Slots(sentence: sentence, source: source)
        let rivals = source.values.filter { $0.tokens != mention.tokens && $0.isOfSameKind(as: mention) && !value.follows(from: $0) }
        // When the sentence holds the rival too, it says of each what it says.
        let usedRivals = rivals.filter { rival in !sentence.values.contains { $0.follows(from: rival) } }
        return !usedRivals.contains { slots.isMisplaced(own: mention.tokens, other: $0.tokens) }
    }

    /// Whether what is counted is not something that the source gives another number for.
    private func countsTheSame(_ mine: Quantity, _ theirs: Quantity, in source: Statement) -> Bool {
        if !mine.nouns.isDisjoint(with: theirs.nouns) { return true }
        if mine.isOrdinal != theirs.isOrdinal {
            return mine.label.map { theirs.nouns.contains($0) } ?? theirs.label.map { mine.nouns.contains($0) } ?? false
        }
        guard !mine.nouns.isEmpty, !theirs.nouns.isEmpty else { return true }
        return !source.values.contains { mention in
            guard case .quantity(let other) = mention.value, !mine.equals(other) else { return false }
            return !other.nouns.isDisjoint(with: mine.nouns)
        }
    }

    /// A date whose day stands in one place and whose year in another.
    private func isPutTogether(_ value: ValueMention) -> Bool {
        guard case .date(let readings) = value.value else { return false }
        let dates = sources.flatMap(\.values).flatMap { mention -> [StatedDate] in
            if case .date(let dates) = mention.value { return dates }
            return []
        }
        return readings.contains { reading in
            guard reading.year != nil, reading.month != nil else { return false }
            let day = dates.contains { $0.year == nil && $0.month == reading.month && (reading.day == nil || $0.day == reading.day) }
            return day && dates.contains { $0.month == nil && $0.year == reading.year }
        }
    }
}
