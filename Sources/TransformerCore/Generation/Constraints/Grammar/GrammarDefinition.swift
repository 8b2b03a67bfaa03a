/// What a rule of a grammar stands for.
package indirect enum GrammarExpression: Sendable, Equatable {
    case bytes([UInt8])
    /// One character of these ranges of code points.
    case characters([ClosedRange<UInt32>])
    /// The rule with this number.
    case rule(Int)
    case sequence([GrammarExpression])
    case choice([GrammarExpression])
    /// - atMost: nil for as often as one likes.
    case repeated(GrammarExpression, atLeast: Int, atMost: Int?)

    static func text(_ text: String) -> GrammarExpression { .bytes(Array(text.utf8)) }
    static func optional(_ expression: GrammarExpression) -> GrammarExpression {
        .repeated(expression, atLeast: 0, atMost: 1)
    }
    static let nothing = GrammarExpression.bytes([])
}

/// Rules as somebody wrote them; `Grammar` checks them and makes them ready for use.
package struct GrammarDefinition: Sendable {
    package struct Rule: Sendable {
        package var name: String
        package var expression: GrammarExpression

        package init(name: String, expression: GrammarExpression) {
            self.name = name
            self.expression = expression
        }
    }

    package var rules: [Rule]
    /// Number of the rule that a whole text follows.
    package var root: Int

    package init(rules: [Rule], root: Int) {
        self.rules = rules
        self.root = root
    }
}

/// What a grammar may cost.
package struct GrammarLimits: Sendable {
    /// States of all rules together, after repetitions have been written out.
    package var states = 200_000
    /// Rules within rules, in the text as it is written. What would go deeper is not allowed to begin.
    package var depth = 512
    /// Ways to read the same text that are followed side by side.
    package var readings = 2_000
    /// Groups within groups, in the grammar itself.
    package var nesting = 200

    package init() {}
}

/// Why a grammar cannot be used.
package enum GrammarError: Error, Equatable, Sendable {
    case syntax(line: Int, column: Int, problem: String)
    case missingRule(name: String)
    case duplicateRule(name: String)
    /// Each of these rules begins with the next, and the last with the first: none ever reads anything.
    case leftRecursion(rules: [String])
    /// No text follows this rule: each way to write it needs the rule itself, or nothing can be written.
    case neverEnds(rule: String)
    case tooManyStates(limit: Int)
    /// Even the shortest text needs more rules within rules.
    case tooDeep(rule: String, limit: Int)
    case nestedTooDeeply(limit: Int)
}

extension GrammarError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .syntax(let line, let column, let problem): "line \(line), column \(column) of the grammar: \(problem)"
        case .missingRule(let name): "the grammar has no rule \(name); write \(name) ::= …"
        case .duplicateRule(let name): "the grammar has two rules \(name); join them with |"
        case .leftRecursion(let rules):
            "the grammar is left-recursive (\((rules + rules.prefix(1)).joined(separator: " → "))): put what is read first, "
                + "or write a repetition with * or +"
        case .neverEnds(let rule):
            "no text follows the grammar's rule \(rule): it never ends; give it an alternative without itself"
        case .tooManyStates(let limit):
            "the grammar has more than \(limit) states when its repetitions are written out; lower their bounds"
        case .tooDeep(let rule, let limit):
            "the shortest text of the grammar's rule \(rule) needs more than \(limit) rules within rules"
        case .nestedTooDeeply(let limit): "the grammar has more than \(limit) groups within groups; name some as rules"
        }
    }
}
