/// What limits the tokens of one text while it is written. A value of its own for each text: it follows the tokens that
/// were chosen and says which may come next.
package protocol TokenConstraint: Sendable {
    /// The ids that may come next. Those that end the text are among them where it may end, and alone where it must;
    /// none are left where the text cannot go on and is not whole.
    mutating func allowedTokens() -> TokenMask

    /// Takes in the id that was chosen.
    mutating func accept(_ id: Int32)
}

/// A limit on the text that is written, to be asked for in `GenerationParameters`.
package enum OutputConstraint: Sendable, Equatable {
    /// Markers such as `[1]` and `[1, 2]` only name sources from 1 to `count`; all other text is free.
    case sourceMarkers(count: Int)
    /// What stands in quotation marks stands in the sources.
    case quotes(QuotingRules)

    /// The constraint at the beginning of a text.
    package func makeConstraint(_ vocabulary: TokenVocabulary) -> any TokenConstraint {
        switch self {
        case .sourceMarkers(let count): SourceMarkerConstraint(count: count, vocabulary: vocabulary)
        case .quotes(let rules): QuotingConstraint(rules, vocabulary: vocabulary)
        }
    }
}

/// The constraints of one text, all of which must hold.
struct ConstraintSet {
    private var constraints: [any TokenConstraint]

    init(_ wanted: [OutputConstraint], vocabulary: TokenVocabulary?) {
        constraints = vocabulary.map { vocabulary in wanted.map { $0.makeConstraint(vocabulary) } } ?? []
    }

    /// Lowers the logits of what may not come next. False when nothing may.
    mutating func mask(_ logits: inout [Float]) -> Bool {
        guard var allowed = constraints.indices.first.map({ constraints[$0].allowedTokens() }) else { return true }
        for index in constraints.indices.dropFirst() { allowed.formIntersection(constraints[index].allowedTokens()) }
        guard !allowed.isEmpty else { return false }
        allowed.apply(to: &logits)
        // What is not a number is for the sampler to report.
        return logits.contains { $0 != -.infinity }
    }

    mutating func accept(_ id: Int32) {
        for index in constraints.indices { constraints[index].accept(id) }
    }
}
