/// The states that text with quotes goes through, byte by byte.
struct QuotingAutomaton: Sendable {
    enum Place: Hashable, Sendable {
        /// Outside quotes.
        case outside
        /// In a marker like `[1, 2]` between quotes, where nothing else may stand.
        case marker(hasDigit: Bool)
        case inside(QuotationMark)
        /// No text that keeps the rules gets here.
        case impossible
    }

    struct State: Hashable, Sendable {
        var place: Place
        /// How many bytes of `“` (outside) or `”` (inside) came last.
        var markBytes = 0
        /// The quote in progress; empty outside.
        var match = QuoteIndex.Match(suffixes: 0..<0)
        var hasQuote = false

        static let impossible = State(place: .impossible)
    }

    private static let openingMark: [UInt8] = [0xE2, 0x80, 0x9C]

    let mode: QuotingRules.Mode
    private let indexes: [QuotationMark: QuoteIndex]

    init(_ rules: QuotingRules) {
        mode = rules.mode
        let sources = rules.sources.map(QuotableText.init)
        let marks: [QuotationMark] = rules.mode == .bare ? [.none] : [.straight, .curly]
        let pairs = marks.map { ($0, QuoteIndex(sources, mark: $0, minimumWords: rules.minimumWords)) }
        indexes = Dictionary(uniqueKeysWithValues: pairs)
    }

    /// What must be quoted cannot even begin where the sources have nothing to quote.
    var start: State {
        switch mode {
        case .anywhere: State(place: .outside)
        case .only: indexes.keys.contains(where: canOpen) ? State(place: .outside) : .impossible
        case .bare: opened(.none, after: State(place: .outside))
        }
    }

    private func canOpen(_ mark: QuotationMark) -> Bool { indexes[mark].map { !$0.start.isEmpty } ?? false }

    func index(of mark: QuotationMark) -> QuoteIndex? { indexes[mark] }

    /// Whether the text may end.
    func canEnd(_ state: State) -> Bool {
        switch state.place {
        case .outside: mode == .anywhere || state.hasQuote && state.markBytes == 0
        case .inside(.none): indexes[.none]?.canEnd(state.match) ?? false
        case .inside, .marker, .impossible: false
        }
    }

    func state(after bytes: UnsafeBufferPointer<UInt8>, from start: State) -> State {
        var state = start
        for byte in bytes {
            state = next(state, byte)
            if state.place == .impossible { break }
        }
        return state
    }

    private func next(_ state: State, _ byte: UInt8) -> State {
        switch state.place {
        case .outside: nextOutside(state, byte)
        case .marker(let hasDigit): nextInMarker(state, hasDigit: hasDigit, byte)
        case .inside(let mark): nextInside(state, mark, byte)
        case .impossible: state
        }
    }

    private func nextOutside(_ state: State, _ byte: UInt8) -> State {
        var next = state
        if byte == Self.openingMark[state.markBytes] {
            next.markBytes += 1
            if next.markBytes == Self.openingMark.count { return opened(.curly, after: state) }
            return mode == .only && !canOpen(.curly) ? .impossible : next
        }
        next.markBytes = byte == Self.openingMark[0] ? 1 : 0
        if mode == .only { return state.markBytes > 0 ? .impossible : nextBetweenQuotes(next, byte) }
        return byte == 0x22 ? opened(.straight, after: state) : next
    }

    private func nextBetweenQuotes(_ state: State, _ byte: UInt8) -> State {
        var next = state
        switch byte {
        case 0x22: return opened(.straight, after: state)
        case UInt8(ascii: " "), UInt8(ascii: "\n"): return next
        case UInt8(ascii: "["):
            next.place = .marker(hasDigit: false)
            return next
        default: return .impossible
        }
    }

    /// Numbers with commas, and spaces before numbers; which numbers is not for this rule to say.
    private func nextInMarker(_ state: State, hasDigit: Bool, _ byte: UInt8) -> State {
        var next = state
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): next.place = .marker(hasDigit: true)
        case UInt8(ascii: ",") where hasDigit: next.place = .marker(hasDigit: false)
        case UInt8(ascii: " ") where !hasDigit: break
        case UInt8(ascii: "]") where hasDigit: next.place = .outside
        default: return .impossible
        }
        return next
    }

    private func opened(_ mark: QuotationMark, after state: State) -> State {
        guard let match = indexes[mark]?.start, !match.isEmpty else { return .impossible }
        return State(place: .inside(mark), match: match, hasQuote: state.hasQuote)
    }

    /// A byte of a closing mark may be one of the source as well: both are followed until one of them fails.
    private func nextInside(_ state: State, _ mark: QuotationMark, _ byte: UInt8) -> State {
        guard let index = indexes[mark] else { return .impossible }
        var next = state
        next.markBytes = 0
        let closing = mark.closing
        if state.markBytes < closing.count, byte == closing[state.markBytes],
            state.markBytes > 0 || index.canEnd(state.match)
        {
            next.markBytes = state.markBytes + 1
            if next.markBytes == closing.count { return State(place: .outside, hasQuote: true) }
        }
        next.match = index.extend(state.match, by: byte)
        return next.match.isEmpty && next.markBytes == 0 ? .impossible : next
    }
}
