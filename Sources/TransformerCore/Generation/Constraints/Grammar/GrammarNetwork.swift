/// The rules of a grammar as states with edges between them (Thompson 1968, doi:10.1145/363347.363387), one network for
/// each rule; an edge may call another rule's network and go on where that one ends (Woods 1970, doi:10.1145/355598.362773).
struct GrammarNetwork: Sendable {
    enum Edge: Sendable {
        case nothing(to: Int32)
        case byte(UInt8, to: Int32)
        /// A character; see `CharacterClasses`.
        case character(Int32, to: Int32)
        case call(rule: Int32, to: Int32)

        var target: Int32 {
            switch self {
            case .nothing(let to), .byte(_, let to), .character(_, let to), .call(_, let to): to
            }
        }
    }

    /// For each state; the last state of a rule has none.
    private(set) var edges: [[Edge]] = []
    /// For each state: the rule ends here.
    private(set) var isLast: [Bool] = []
    /// For each rule.
    private(set) var first: [Int32] = []
    private(set) var last: [Int32] = []
    private(set) var classes = CharacterClasses()
    let names: [String]
    let root: Int32
    private let limits: GrammarLimits

    init(_ definition: GrammarDefinition, limits: GrammarLimits) throws(GrammarError) {
        names = definition.rules.map(\.name)
        root = Int32(definition.root)
        self.limits = limits
        for rule in definition.rules {
            let start = try state()
            first.append(start)
            let end = try add(rule.expression, from: start, nesting: 0)
            // A state of its own: loops must not run through the place where a rule ends.
            let last = try state()
            edges[Int(end)].append(.nothing(to: last))
            isLast[Int(last)] = true
            self.last.append(last)
        }
    }

    private mutating func state() throws(GrammarError) -> Int32 {
        guard edges.count < limits.states else { throw .tooManyStates(limit: limits.states) }
        edges.append([])
        isLast.append(false)
        return Int32(edges.count - 1)
    }

    /// Adds what reads an expression, and returns the state in which it has been read.
    private mutating func add(
        _ expression: GrammarExpression, from start: Int32, nesting: Int
    ) throws(GrammarError) -> Int32 {
        guard nesting <= 4 * limits.nesting else { throw .nestedTooDeeply(limit: limits.nesting) }
        switch expression {
        case .bytes(let bytes):
            var current = start
            for byte in bytes { current = try step(from: current) { .byte(byte, to: $0) } }
            return current
        case .characters(let ranges):
            // Without a character that fits there is no way on, which the checks find.
            guard let node = classes.root(ranges) else { return try state() }
            return try step(from: start) { .character(node, to: $0) }
        case .rule(let rule):
            return try step(from: start) { .call(rule: Int32(rule), to: $0) }
        case .sequence(let parts):
            var current = start
            for part in parts { current = try add(part, from: current, nesting: nesting + 1) }
            return current
        case .choice(let alternatives):
            let end = try state()
            for alternative in alternatives {
                let begin = try step(from: start) { .nothing(to: $0) }
                edges[Int(try add(alternative, from: begin, nesting: nesting + 1))].append(.nothing(to: end))
            }
            return end
        case .repeated(let part, let atLeast, let atMost):
            return try addRepeated(part, atLeast: atLeast, atMost: atMost, from: start, nesting: nesting + 1)
        }
    }

    private mutating func step(from start: Int32, _ edge: (Int32) -> Edge) throws(GrammarError) -> Int32 {
        let next = try state()
        edges[Int(start)].append(edge(next))
        return next
    }

    private mutating func addRepeated(
        _ part: GrammarExpression, atLeast: Int, atMost: Int?, from start: Int32, nesting: Int
    ) throws(GrammarError) -> Int32 {
        // Each turn begins with a state of its own, so that a repetition of nothing is limited, too.
        var current = try step(from: start) { .nothing(to: $0) }
        for _ in 0..<max(0, atLeast) {
            current = try step(from: add(part, from: current, nesting: nesting)) { .nothing(to: $0) }
        }
        let end = try state()
        edges[Int(current)].append(.nothing(to: end))
        guard let atMost else {
            edges[Int(try add(part, from: current, nesting: nesting))].append(.nothing(to: current))
            return end
        }
        for _ in 0..<max(0, atMost - max(0, atLeast)) {
            current = try step(from: add(part, from: current, nesting: nesting)) { .nothing(to: $0) }
            edges[Int(current)].append(.nothing(to: end))
        }
        return end
    }
}
