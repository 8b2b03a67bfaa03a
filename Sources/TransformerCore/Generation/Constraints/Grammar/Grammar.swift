internal import Synchronization

/// A context-free grammar that text is held to while it is written; checked, and ready for use by many texts at once.
///
/// What has been found out about it (configurations, allowed tokens) is kept with it and shared by all texts.
package final class Grammar: Sendable {
    let automaton: Mutex<GrammarAutomaton>
    private let masks = Mutex<GrammarMasks?>(nil)

    /// Throws `GrammarError` for rules that never end, are left-recursive or too large.
    package init(_ definition: GrammarDefinition, limits: GrammarLimits = GrammarLimits()) throws(GrammarError) {
        let network = try GrammarNetwork(definition, limits: limits)
        let costs = GrammarCosts(network)
        try network.check(costs, limits: limits)
        automaton = Mutex(GrammarAutomaton(network, costs, limits: limits))
    }

    /// Whether a whole text follows the grammar.
    package func matches(_ text: String) throws(GenerationError) -> Bool {
        try reading(Array(text.utf8)).isComplete
    }

    /// Whether a text can be continued to one that follows the grammar.
    package func isBeginning(_ text: [UInt8]) throws(GenerationError) -> Bool {
        try !reading(text).isDead
    }

    private func reading(_ text: [UInt8]) throws(GenerationError) -> GrammarAutomaton.Configuration {
        try locked { (automaton) throws(GenerationError) in
            var place = GrammarPlace()
            try place.accept(text, in: &automaton)
            return automaton.configurations[Int(place.configuration)]
        }
    }

    func locked<Value: Sendable>(
        _ body: (inout GrammarAutomaton) throws(GenerationError) -> sending Value
    ) throws(GenerationError) -> Value {
        try automaton.withLock { (automaton) throws(GenerationError) in
            try automaton.prepare()
            return try body(&automaton)
        }
    }

    /// Calls `body` with what is known about a vocabulary's tokens.
    func masked<Value: Sendable>(
        _ vocabulary: TokenVocabulary,
        _ body: (inout GrammarAutomaton, inout GrammarMasks) throws(GenerationError) -> sending Value
    ) throws(GenerationError) -> Value {
        try locked { (automaton) throws(GenerationError) in
            try masks.withLock { (kept) throws(GenerationError) in
                var masks = kept ?? GrammarMasks(vocabulary, epoch: automaton.epoch)
                kept = nil
                if masks.vocabulary !== vocabulary { masks = GrammarMasks(vocabulary, epoch: automaton.epoch) }
                defer { kept = masks }
                return try body(&automaton, &masks)
            }
        }
    }
}

extension Grammar: Equatable {
    package static func == (a: Grammar, b: Grammar) -> Bool { a === b }
}

/// How far a text has got in a grammar. Found again from the text when the grammar has forgotten.
struct GrammarPlace: Sendable {
    private(set) var configuration = GrammarAutomaton.start
    private var text: [UInt8] = []
    private var epoch = 1

    mutating func accept(_ bytes: [UInt8], in automaton: inout GrammarAutomaton) throws(GenerationError) {
        try renew(in: &automaton)
        text += bytes
        configuration = try Self.step(configuration, bytes, in: &automaton)
    }

    mutating func renew(in automaton: inout GrammarAutomaton) throws(GenerationError) {
        guard epoch != automaton.epoch else { return }
        epoch = automaton.epoch
        configuration = try Self.step(GrammarAutomaton.start, text, in: &automaton)
    }

    private static func step(
        _ configuration: Int32, _ bytes: [UInt8], in automaton: inout GrammarAutomaton
    ) throws(GenerationError) -> Int32 {
        var current = configuration
        for byte in bytes { current = try automaton.step(current, byte) }
        return current
    }
}

/// Keeps text to a grammar: each token is one that can still lead to a whole text, and where the tokens that may be
/// written run short, one that leads to an end in time.
package struct GrammarConstraint: TokenConstraint {
    private let grammar: Grammar
    private let vocabulary: TokenVocabulary
    private var place = GrammarPlace()

    package init(_ grammar: Grammar, vocabulary: TokenVocabulary) {
        self.grammar = grammar
        self.vocabulary = vocabulary
    }

    package mutating func allowedTokens() throws(GenerationError) -> TokenMask {
        try allowedTokens(remaining: .max)
    }

    /// - Parameter remaining: tokens that may be written, the next one included. A byte is at most one token, so a text
    ///   that needs as many bytes can be ended.
    package mutating func allowedTokens(remaining: Int) throws(GenerationError) -> TokenMask {
        let vocabulary = vocabulary
        var place = place
        defer { self.place = place }
        return try grammar.masked(vocabulary) { (automaton, masks) throws(GenerationError) in
            try place.renew(in: &automaton)
            let answer = try masks.answer(for: place.configuration, in: &automaton)
            let left = Int(automaton.configurations[Int(place.configuration)].bytesLeft)
            let bound = max(remaining - 1, left - 1)
            guard Int(answer.mostBytesLeft) > bound else { return answer.mask }
            var mask = answer.mask
            for id in vocabulary.sorted where mask.contains(id) {
                let reached = try GrammarMasks.step(place.configuration, vocabulary.bytes(of: id), in: &automaton)
                if Int(automaton.configurations[Int(reached)].bytesLeft) > bound { mask.remove(id) }
            }
            return mask
        }
    }

    /// The naive twin of `allowedTokens`: tries all tokens on the whole stack.
    package func allTokensTried() throws(GenerationError) -> TokenMask {
        let vocabulary = vocabulary
        var place = place
        return try grammar.locked { (automaton) throws(GenerationError) in
            try place.renew(in: &automaton)
            var mask = TokenMask(count: vocabulary.count)
            for id in vocabulary.sorted {
                let reached = try GrammarMasks.step(place.configuration, vocabulary.bytes(of: id), in: &automaton)
                if reached != GrammarAutomaton.dead { mask.insert(id) }
            }
            vocabulary.setEnd(automaton.configurations[Int(place.configuration)].isComplete, in: &mask)
            return mask
        }
    }

    package mutating func accept(_ id: Int32) throws(GenerationError) {
        var place = place
        defer { self.place = place }
        let bytes = Array(vocabulary.bytes(of: id))
        try grammar.locked { (automaton) throws(GenerationError) in try place.accept(bytes, in: &automaton) }
    }
}
