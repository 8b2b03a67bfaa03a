/// Keeps what stands in quotation marks to what stands in the sources; see `QuotingRules`.
///
/// Outside quotes the allowed tokens depend on a few bytes alone and are kept. Inside, the vocabulary and the sources'
/// suffixes, both sorted, are walked side by side from where the quote has got to: the cost is that of the beginnings
/// they share, not of the vocabulary.
package struct QuotingConstraint: TokenConstraint {
    private let automaton: QuotingAutomaton
    private let vocabulary: TokenVocabulary
    private var state: QuotingAutomaton.State
    private var masks: [QuotingAutomaton.State: TokenMask] = [:]
    /// For each kind of mark, tokens that hold the first byte of its closing form.
    private var closers: [QuotationMark: [Int32]] = [:]

    package init(_ rules: QuotingRules, vocabulary: TokenVocabulary) {
        automaton = QuotingAutomaton(rules)
        self.vocabulary = vocabulary
        state = automaton.start
    }

    package mutating func allowedTokens() -> TokenMask {
        if case .inside(let mark) = state.place, state.markBytes == 0 { return tokens(inside: mark) }
        if let mask = masks[state] { return mask }
        let mask = allTokensTried()
        // Of the states with a quote in progress there are too many to keep.
        if state.match.isEmpty { masks[state] = mask }
        return mask
    }

    package mutating func accept(_ id: Int32) {
        state = automaton.state(after: vocabulary.bytes(of: id), from: state)
    }

    /// The naive twin of `allowedTokens`, and the way to go where few tokens get far: tries all.
    package func allTokensTried() -> TokenMask {
        vocabulary.mask(allowingEnd: automaton.canEnd(state)) { bytes in
            automaton.state(after: bytes, from: state).place != .impossible
        }
    }

    private mutating func tokens(inside mark: QuotationMark) -> TokenMask {
        var mask = TokenMask(count: vocabulary.count)
        guard let index = automaton.index(of: mark) else { return mask }
        insertExtensions(of: state.match, in: index, tokens: vocabulary.sorted[...], length: 0, into: &mask)
        for id in tokensThatMayClose(mark)
        where automaton.state(after: vocabulary.bytes(of: id), from: state).place != .impossible {
            mask.insert(id)
        }
        vocabulary.setEnd(automaton.canEnd(state), in: &mask)
        return mask
    }

    /// Inserts the tokens that go on with a match.
    ///
    /// - Parameters:
    ///   - tokens: those whose first `length` bytes led to the match, in order.
    private func insertExtensions(
        of match: QuoteIndex.Match, in index: QuoteIndex, tokens: ArraySlice<Int32>, length: Int,
        into mask: inout TokenMask
    ) {
        // The shortest come first: those that end here are matched whole.
        var tokens = tokens
        while let id = tokens.first, vocabulary.bytes(of: id).count == length {
            if length > 0 { mask.insert(id) }
            tokens = tokens.dropFirst()
        }
        var rest = match
        while !tokens.isEmpty, let (byte, extended) = index.firstExtension(rest) {
            let low = firstIndex(tokens, at: length) { $0 >= byte }
            tokens = tokens[low...]
            let high = firstIndex(tokens, at: length) { $0 > byte }
            if low < high {
                insertExtensions(of: extended, in: index, tokens: tokens[..<high], length: length + 1, into: &mask)
            }
            tokens = tokens[high...]
            rest.suffixes = extended.suffixes.upperBound..<rest.suffixes.upperBound
        }
    }

    /// The first of some sorted tokens whose byte at a place passes a test that all those after it pass, too.
    private func firstIndex(_ tokens: ArraySlice<Int32>, at place: Int, where passes: (UInt8) -> Bool) -> Int {
        var (low, high) = (tokens.startIndex, tokens.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if passes(vocabulary.bytes(of: tokens[middle])[place]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private mutating func tokensThatMayClose(_ mark: QuotationMark) -> [Int32] {
        guard let first = mark.closing.first else { return [] }
        if let known = closers[mark] { return known }
        let found = vocabulary.sorted.filter { vocabulary.bytes(of: $0).contains(first) }
        closers[mark] = found
        return found
    }
}
