/// Whether a sentence relates the things that it shares with its source as the source does: what is said of which, who
/// does what to whom, and not the opposite.
struct Relations {
    let sentence: Statement
    let source: Statement

    /// Why they differ; `nil` when no difference is seen.
    func conflict() -> String? {
        let isReversed = reversedPivot() != nil
        if let opposite = opposite(isReversed: isReversed) { return opposite }
        if let pivot = reversedPivot(), oppositePair(ofSameThing: false) == nil { return "the source has it the other way round: " + pivot }
        if let place = exchangedPlaces() { return "the source has it the other way round: " + place }
        return nil
    }

    // MARK: Opposites

    private struct PoleMention {
        var pole: Opposites.Pole
        var token: Int
    }

    private func mentions(_ statement: Statement, denied: Set<Int>) -> [PoleMention] {
        statement.tokens.indices.flatMap { index -> [PoleMention] in
            guard !statement.valueTokens.contains(index), !isBound(index, statement) else { return [] }
            return Opposites.poles(of: statement.tokens[index]).map {
                PoleMention(pole: denied.contains(index) ? $0.opposite : $0, token: index)
            }
        }
    }

    /// "More than 500" limits a number and has no opposite of its own.
    private func isBound(_ index: Int, _ statement: Statement) -> Bool {
        guard statement.tokens[index].isOne(of: ["more", "less", "fewer", "over", "under", "above", "below", "most", "least", "up"]) else { return false }
        return (index + 1...index + 3).contains { statement.valueTokens.contains($0) }
    }

    /// - Parameter ofSameThing: whether "before lunch" and "after dinner" are no opposites.
    private func oppositePair(ofSameThing: Bool = true) -> (mine: PoleMention, theirs: PoleMention)? {
        let here = mentions(sentence, denied: Denials(sentence).targets)
        let there = mentions(source, denied: Denials(source).targets)
        for mention in here {
            // A word with several opposites is fine when any of its readings stands in the source.
            let readings = here.filter { $0.token == mention.token }.map(\.pole)
            if there.contains(where: { readings.contains($0.pole) }) { continue }
            guard let other = there.first(where: { $0.pole == mention.pole.opposite }) else { continue }
            let word = sentence.tokens[mention.token]
            if ofSameThing, Opposites.governing.contains(word.lower), governed(mention.token, sentence) != governed(other.token, source) { continue }
            return (mention, other)
        }
        return prefixPair()
    }

    /// `safe` where the source has `unsafe`.
    private func prefixPair() -> (mine: PoleMention, theirs: PoleMention)? {
        let denied = Denials(sentence).targets, deniedThere = Denials(source).targets
        let keys = Set(source.tokens.map(\.key))
        for index in sentence.tokens.indices where sentence.tokens[index].kind == .word && !keys.contains(sentence.tokens[index].key) {
            for other in source.tokens.indices where source.tokens[other].kind == .word {
                guard Opposites.poles(of: sentence.tokens[index]).isEmpty || Opposites.poles(of: source.tokens[other]).isEmpty,
                    Opposites.areOpposite(sentence.tokens[index], source.tokens[other]),
                    denied.contains(index) == deniedThere.contains(other)
                else { continue }
                let pole = Opposites.Pole(pair: -1, isFirst: true)
                return (PoleMention(pole: pole, token: index), PoleMention(pole: pole.opposite, token: other))
            }
        }
        return nil
    }

    private func governed(_ index: Int, _ statement: Statement) -> String? {
        statement.tokens[(index + 1)...].first { $0.kind == .word && $0.isContent || $0.kind == .number }?.key
    }

    /// "A is shorter than B" says what "B is longer than A" says: opposite and reversed cancel.
    private func opposite(isReversed: Bool) -> String? {
        if !isReversed, let pair = oppositePair() {
            return "the source says \(source.tokens[pair.theirs.token].text), not \(sentence.tokens[pair.mine.token].text)"
        }
        return poleSlot()
    }

    /// Both ends of a pair stand in the source, each in its clause, and the sentence puts one into the other's.
    private func poleSlot() -> String? {
        let there = mentions(source, denied: [])
        for mention in mentions(sentence, denied: []) {
            guard let own = there.first(where: { $0.pole == mention.pole }),
                let other = there.first(where: { $0.pole == mention.pole.opposite }), own.token != other.token,
                there.count(where: { $0.pole == mention.pole }) == 1,
                !mentions(sentence, denied: []).contains(where: { $0.pole == mention.pole.opposite })
            else { continue }
            let slots = Slots(sentence: sentence, source: source)
            if slots.isMisplaced(own: own.token..<own.token + 1, other: other.token..<other.token + 1) {
                return "the source says \(source.tokens[own.token].text) of something else"
            }
        }
        return nil
    }

    // MARK: Order

    /// A word around which two others have changed sides, although neither or both of the texts are in the passive.
    private func reversedPivot() -> String? {
        let here = places(sentence, sharedWith: source), there = places(source, sharedWith: sentence)
        let shared = here.keys.filter { there[$0] != nil }.sorted { (here[$0] ?? 0) < (here[$1] ?? 0) }
        guard shared.count >= 3 else { return nil }
        for middle in 1..<(shared.count - 1) {
            let pivot = shared[middle]
            guard let pivotHere = here[pivot], let pivotThere = there[pivot] else { continue }
            for before in shared[..<middle] {
                for after in shared[(middle + 1)...] {
                    guard let x = here[before], let y = here[after], let p = there[before], let q = there[after],
                        q < pivotThere, pivotThere < p, isOneClause(q...p, source), isOneClause(x...y, sentence),
                        isPassive(pivotHere...y, sentence) == isPassive(pivotThere...p, source)
                    else { continue }
                    return sentence.tokens[pivotHere].text
                }
            }
        }
        return nil
    }

    /// Where each word stands that occurs once. A word and the opposite that the other text has in its place count as one,
    /// values and small words not at all.
    private func places(_ statement: Statement, sharedWith other: Statement) -> [String: Int] {
        let shared = Set(other.tokens.map(\.key))
        var places: [String: Int] = [:], repeated: Set<String> = []
        for index in statement.tokens.indices where !statement.valueTokens.contains(index) {
            let token = statement.tokens[index]
            guard token.kind == .word, token.isContent || Opposites.governing.contains(token.lower) else { continue }
            let pole = shared.contains(token.key) ? nil : Opposites.poles(of: token).first
            let key = pole.map { "pole \($0.pair)" } ?? token.key
            if places[key] != nil { repeated.insert(key) }
            places[key] = index
        }
        for key in repeated { places[key] = nil }
        return places
    }

    private func isOneClause(_ range: ClosedRange<Int>, _ statement: Statement) -> Bool {
        !range.contains { [".", ";", "!", "?", "|", ","].contains(statement.tokens[$0].lower) }
    }

    private func isPassive(_ range: ClosedRange<Int>, _ statement: Statement) -> Bool {
        range.contains { statement.tokens[$0].lower == "by" }
    }

    /// "From A to B" where the source has "from B to A".
    private func exchangedPlaces() -> String? {
        func object(_ marker: String, _ statement: Statement) -> String? {
            guard let index = statement.tokens.firstIndex(where: { $0.lower == marker }) else { return nil }
            return statement.tokens[(index + 1)...].first { $0.kind == .word && $0.isContent }?.key
        }
        guard let from = object("from", sentence), let to = object("to", sentence), let fromThere = object("from", source),
            let toThere = object("to", source), from == toThere, to == fromThere, from != to
        else { return nil }
        return "from \(from) to \(to)"
    }
}

/// Values and opposites of one kind that stand in a source side by side ("the north tower is 50 m high, the south tower
/// 70 m"): a sentence may not say of one what is said of the other.
struct Slots {
    let sentence: Statement
    let source: Statement

    /// - Parameters:
    ///   - own: tokens of the source that the sentence uses.
    ///   - other: tokens of the source that could stand in their place.
    func isMisplaced(own: Range<Int>, other: Range<Int>) -> Bool {
        let ownClause = source.clause(of: own.lowerBound), otherClause = source.clause(of: other.lowerBound)
        guard ownClause != otherClause else { return false }
        let ownWords = words(ownClause, without: own), otherWords = words(otherClause, without: other)
        let used = words(0..<sentence.tokens.count, of: sentence, without: 0..<0)
        let proper = ownWords.subtracting(otherWords), borrowed = otherWords.subtracting(ownWords).intersection(used)
        guard !proper.isEmpty, !borrowed.isEmpty else { return false }
        // A later clause inherits what the earlier ones said; an earlier one takes nothing from a later.
        if own.lowerBound > other.lowerBound { return proper.isDisjoint(with: used) }
        return !proper.isSubset(of: used)
    }

    private func words(_ range: Range<Int>, without: Range<Int>) -> Set<String> { words(range, of: source, without: without) }

    private func words(_ range: Range<Int>, of statement: Statement, without: Range<Int>) -> Set<String> {
        Set(range.filter { !without.contains($0) && statement.tokens[$0].isContent && statement.tokens[$0].kind != .sign }
            .map { statement.tokens[$0].key })
    }
}
