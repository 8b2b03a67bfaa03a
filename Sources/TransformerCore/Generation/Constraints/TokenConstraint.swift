/// What limits the tokens of one text while it is written. A value of its own for each text: it follows the tokens that
/// were chosen and says which may come next.
package protocol TokenConstraint: Sendable {
    /// The ids that may come next. Those that end the text are among them where it may end, and alone where it must;
    /// none are left where the text cannot go on and is not whole.
    mutating func allowedTokens() throws(GenerationError) -> TokenMask

    /// The same, short of those after which the text could not be ended in time.
    ///
    /// - Parameter remaining: tokens that may still be written, the next one included.
    mutating func allowedTokens(remaining: Int) throws(GenerationError) -> TokenMask

    /// Takes in the id that was chosen.
    mutating func accept(_ id: Int32) throws(GenerationError)
}

extension TokenConstraint {
    package mutating func allowedTokens(remaining: Int) throws(GenerationError) -> TokenMask { try allowedTokens() }
}

/// A limit on the text that is written, to be asked for in `GenerationParameters`.
package enum OutputConstraint: Sendable, Equatable {
    /// Markers such as `[1]` and `[1, 2]` only name sources from 1 to `count`; all other text is free.
    case sourceMarkers(count: Int)
    /// What stands in quotation marks stands in the sources.
    case quotes(QuotingRules)
    /// The text as a whole follows a grammar.
    case grammar(Grammar)

    /// Whether the text can do little but copy from sources.
    var isNothingButQuotes: Bool {
        guard case .quotes(let rules) = self else { return false }
        return rules.mode != .anywhere
    }

    /// The constraint at the beginning of a text.
    package func makeConstraint(_ vocabulary: TokenVocabulary) -> any TokenConstraint {
        switch self {
        case .sourceMarkers(let count): SourceMarkerConstraint(count: count, vocabulary: vocabulary)
        case .quotes(let rules): QuotingConstraint(rules, vocabulary: vocabulary)
        case .grammar(let grammar): GrammarConstraint(grammar, vocabulary: vocabulary)
        }
    }
}

/// The constraints of one text, all of which must hold.
struct ConstraintSet {
    private var constraints: [any TokenConstraint]

    init(_ wanted: [OutputConstraint], vocabulary: TokenVocabulary?) {
        constraints = vocabulary.map { vocabulary in wanted.map { $0.makeConstraint(vocabulary) } } ?? []
    }

    var isEmpty: Bool { constraints.isEmpty }

    /// What may come next; nil where nothing is asked for.
    ///
    /// - Parameter remaining: tokens that may still be written, the next one included.
    mutating func allowed(remaining: Int) throws(GenerationError) -> TokenMask? {
        guard !constraints.isEmpty else { return nil }
        var allowed = try constraints[0].allowedTokens(remaining: remaining)
        for index in constraints.indices.dropFirst() {
            allowed.formIntersection(try constraints[index].allowedTokens(remaining: remaining))
        }
        return allowed
    }

    mutating func accept(_ id: Int32) throws(GenerationError) {
        for index in constraints.indices { try constraints[index].accept(id) }
    }
}
