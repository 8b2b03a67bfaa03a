/// The tokens that a grammar allows, configuration by configuration.
///
/// Most tokens are allowed or not whatever the rules were called from: that is found once for each place in a rule by
/// walking the sorted vocabulary, and kept. The few that end the rule and go on are tried on the whole stack each time
/// (Dong et al. 2024, arXiv:2411.15100).
struct GrammarMasks {
    /// What can be said of tokens where the lower part of the stack is not known.
    private struct Local {
        var allowed: TokenMask
        /// Tokens that read on below.
        var open: [Int32] = []
        /// Most bytes that an allowed token leaves to be written.
        var mostBytesLeft: Int32 = 0
    }

    struct Answer {
        var mask: TokenMask
        /// Most bytes that any of them leaves to be written.
        var mostBytesLeft: Int32
    }

    private var local: [Int32: Local] = [:]
    private var answers: [Int32: Answer] = [:]
    let vocabulary: TokenVocabulary
    private var epoch: Int

    /// Answers take 6 KB for a vocabulary of 50,000.
    private static let capacity = 2_000

    init(_ vocabulary: TokenVocabulary, epoch: Int) {
        self.vocabulary = vocabulary
        self.epoch = epoch
    }

    mutating func answer(
        for configuration: Int32, in automaton: inout GrammarAutomaton
    ) throws(GenerationError) -> Answer {
        if epoch != automaton.epoch || answers.count > Self.capacity {
            if epoch != automaton.epoch { local = [:] }
            answers = [:]
            epoch = automaton.epoch
        }
        if let answer = answers[configuration] { return answer }
        let (relative, bytesBelow) = automaton.relative(configuration)
        let known = try self.known(relative, in: &automaton)
        var answer = Answer(mask: known.allowed, mostBytesLeft: GrammarCosts.sum(known.mostBytesLeft, bytesBelow))
        for id in known.open {
            let reached = try Self.step(configuration, vocabulary.bytes(of: id), in: &automaton)
            guard reached != GrammarAutomaton.dead else { continue }
            answer.mask.insert(id)
            answer.mostBytesLeft = max(answer.mostBytesLeft, automaton.configurations[Int(reached)].bytesLeft)
        }
        let isComplete = automaton.configurations[Int(configuration)].isComplete
        vocabulary.setEnd(isComplete, in: &answer.mask)
        answers[configuration] = answer
        return answer
    }

    private mutating func known(
        _ relative: Int32, in automaton: inout GrammarAutomaton
    ) throws(GenerationError) -> Local {
        if let known = local[relative] { return known }
        let found = try walk(relative, in: &automaton)
        local[relative] = found
        return found
    }

    static func step(
        _ configuration: Int32, _ bytes: UnsafeBufferPointer<UInt8>, in automaton: inout GrammarAutomaton
    ) throws(GenerationError) -> Int32 {
        var current = configuration
        for byte in bytes where current != GrammarAutomaton.dead { current = try automaton.step(current, byte) }
        return current
    }

    /// Tries all tokens, each from where it differs from the one before.
    private func walk(_ start: Int32, in automaton: inout GrammarAutomaton) throws(GenerationError) -> Local {
        var result = Local(allowed: TokenMask(count: vocabulary.count))
        /// Configurations after 0, 1, … bytes of the token in work, as far as it was followed.
        var path = [start]
        /// The fewest bytes after which a reading had left what is known of the stack.
        var escape = Int.max
        for (index, id) in vocabulary.sorted.enumerated() {
            let bytes = vocabulary.bytes(of: id)
            let common = min(vocabulary.commonBytes[index], path.count - 1)
            if path.count - 1 > common { path.removeLast(path.count - 1 - common) }
            if escape > common { escape = .max }
            var reached = path[common]
            for place in common..<bytes.count where reached != GrammarAutomaton.dead {
                reached = try automaton.step(reached, bytes[place])
                path.append(reached)
                if escape == .max, automaton.configurations[Int(reached)].escapes { escape = place + 1 }
            }
            if reached != GrammarAutomaton.dead {
                result.allowed.insert(id)
                result.mostBytesLeft = max(result.mostBytesLeft, automaton.configurations[Int(reached)].bytesLeft)
            } else if escape < bytes.count {
                result.open.append(id)
            }
        }
        return result
    }
}
