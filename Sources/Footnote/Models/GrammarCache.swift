internal import Synchronization
import TransformerCore

/// Grammars that were used lately. Reading one takes longer than writing a token, and what is found out about it while text
/// is written makes the next text faster.
final class GrammarCache: Sendable {
    private let kept = Mutex<[(source: GenerationConstraint, grammar: Grammar)]>([])

    private static let capacity = 8

    /// What a generator holds text to. Throws `GrammarError` and `JSONSchemaError`.
    func constraint(_ constraint: GenerationConstraint) throws -> OutputConstraint {
        switch constraint {
        case .sourceMarkers(let count): .sourceMarkers(count: count)
        case .quote(let sources, let minimumWords):
            .quotes(QuotingRules(sources: sources, minimumWords: minimumWords, mode: .bare))
        case .grammar(let text): .grammar(try grammar(constraint) { try Grammar(gbnf: text) })
        case .jsonSchema(let text): .grammar(try grammar(constraint) { try Grammar(jsonSchema: text) })
        }
    }

    private func grammar(_ source: GenerationConstraint, _ make: () throws -> Grammar) throws -> Grammar {
        if let known = kept.withLock({ $0.first { $0.source == source }?.grammar }) { return known }
        let grammar = try make()
        kept.withLock { kept in
            if kept.count >= Self.capacity { kept.removeFirst() }
            kept.append((source, grammar))
        }
        return grammar
    }
}
