/// A grammar's network with a stack: all ways to read a text side by side, byte by byte. What was found once is kept, so
/// that the same byte in the same place is a look-up.
///
/// A configuration is a set of readings, each with a stack of the places where the rules that called go on. Stacks share
/// their lower parts.
struct GrammarAutomaton {
    /// One way to read the text so far.
    struct Reading: Hashable {
        /// In the network; where `inside` is not -1, the one after the character.
        var state: Int32
        /// Node of `CharacterClasses` within a character, else -1.
        var inside: Int32 = -1
        var stack: Int32
    }

    struct Configuration {
        /// Those that read at least one more byte, in order.
        var readings: [Reading]
        /// The text may end here.
        var isComplete = false
        /// The part below which the stack is not known has been reached; see `relative`.
        var escapes = false
        /// Fewest bytes to a whole text, or to where the stack is not known.
        var bytesLeft: Int32 = 0

        var isDead: Bool { readings.isEmpty && !isComplete && !escapes }
    }

    private struct Key: Hashable {
        let readings: [Reading]
        let isComplete: Bool
        let escapes: Bool
    }

    let network: GrammarNetwork
    let costs: GrammarCosts
    private let limits: GrammarLimits
    private(set) var stacks: GrammarStacks
    private(set) var configurations: [Configuration] = []
    /// For each configuration and byte, the one after it, or `unknown`.
    private var next: [Int32] = []
    private var known: [Key: Int32] = [:]
    /// Changes when everything that was kept has been thrown away.
    private(set) var epoch = 0

    /// The configuration of a text that does not follow the grammar.
    static let dead: Int32 = 0
    /// The configuration of an empty text.
    static let start: Int32 = 1
    private static let unknown: Int32 = -1
    /// Configurations that are kept: about 16 MB.
    private static let capacity = 12_000

    init(_ network: GrammarNetwork, _ costs: GrammarCosts, limits: GrammarLimits) {
        self.network = network
        self.costs = costs
        self.limits = limits
        stacks = GrammarStacks(costs)
    }

    /// Throws away what was kept if it has become too much, and makes the first two configurations.
    mutating func prepare() throws(GenerationError) {
        guard configurations.isEmpty || configurations.count > Self.capacity else { return }
        epoch += 1
        stacks = GrammarStacks(costs)
        configurations = []
        next = []
        known = [:]
        _ = intern(Configuration(readings: []))
        _ = try close([Reading(state: network.first[Int(network.root)], stack: GrammarStacks.empty)])
    }

    /// The configuration after one more byte.
    mutating func step(_ configuration: Int32, _ byte: UInt8) throws(GenerationError) -> Int32 {
        let place = Int(configuration) * 256 + Int(byte)
        let kept = next[place]
        if kept != Self.unknown { return kept }
        var reached: [Reading] = []
        for reading in configurations[Int(configuration)].readings { advance(reading, byte, into: &reached) }
        let found = reached.isEmpty ? Self.dead : try close(reached)
        next[place] = found
        return found
    }

    private func advance(_ reading: Reading, _ byte: UInt8, into reached: inout [Reading]) {
        if reading.inside >= 0 {
            advance(from: reading.inside, byte, to: reading.state, reading.stack, into: &reached)
            return
        }
        for edge in network.edges[Int(reading.state)] {
            switch edge {
            case .byte(let wanted, let target):
                if wanted == byte { reached.append(Reading(state: target, stack: reading.stack)) }
            case .character(let node, let target): advance(from: node, byte, to: target, reading.stack, into: &reached)
            case .nothing, .call: break
            }
        }
    }

    private func advance(
        from node: Int32, _ byte: UInt8, to target: Int32, _ stack: Int32, into reached: inout [Reading]
    ) {
        for edge in network.classes.nodes[Int(node)] where edge.low <= byte && byte <= edge.high {
            reached.append(Reading(state: target, inside: edge.next, stack: stack))
        }
    }

    /// The configuration of some readings and all that they lead to without a byte.
    private mutating func close(_ readings: [Reading]) throws(GenerationError) -> Int32 {
        var seen = Set(readings)
        var waiting = readings
        var result = Configuration(readings: [])
        while let reading = waiting.popLast() {
            var reads = reading.inside >= 0
            var reached: [Reading] = []
            if !reads { reads = expand(reading, &result, into: &reached) }
            if reads { result.readings.append(reading) }
            for new in reached where seen.insert(new).inserted { waiting.append(new) }
            guard seen.count <= limits.readings else {
                throw .constraintFailed(
                    "the grammar allows more than \(limits.readings) ways to read the same text; make it less ambiguous")
            }
        }
        return intern(result)
    }

    /// Follows the edges of a state that read no byte; true when there are others.
    private mutating func expand(
        _ reading: Reading, _ result: inout Configuration, into reached: inout [Reading]
    ) -> Bool {
        var reads = false
        if network.isLast[Int(reading.state)] {
            switch reading.stack {
            case GrammarStacks.empty: result.isComplete = true
            case GrammarStacks.unknown: result.escapes = true
            default:
                let frame = stacks[reading.stack]
                reached.append(Reading(state: frame.state, stack: frame.below))
            }
        }
        for edge in network.edges[Int(reading.state)] where isPossible(edge, stack: reading.stack) {
            switch edge {
            case .nothing(let target): reached.append(Reading(state: target, stack: reading.stack))
            case .call(let rule, let target):
                let stack = returnsAtOnce(target) ? reading.stack : stacks.push(target, on: reading.stack)
                reached.append(Reading(state: network.first[Int(rule)], stack: stack))
            case .byte, .character: reads = true
            }
        }
        return reads
    }

    /// Whether the text can still be ended by way of an edge, within the depth that is allowed.
    private func isPossible(_ edge: GrammarNetwork.Edge, stack: Int32) -> Bool {
        guard costs.bytes[Int(edge.target)] != GrammarCosts.endless else { return false }
        let depth = stacks[stack].depth
        // Above the unknown there is at least the half; see `relative`.
        let limit = Int32(stacks[stack].isRelative ? limits.depth / 2 : limits.depth)
        guard depth + costs.depth[Int(edge.target)] <= limit else { return false }
        guard case .call(let rule, _) = edge else { return true }
        return depth + 1 + costs.depth[Int(network.first[Int(rule)])] <= limit
    }

    /// Whether a rule does nothing more in this state but end: then who called it is returned to at once, and a rule that
    /// calls itself at its end needs no stack.
    private func returnsAtOnce(_ state: Int32) -> Bool {
        var state = state
        while !network.isLast[Int(state)] {
            guard network.edges[Int(state)].count == 1, case .nothing(let to) = network.edges[Int(state)][0], to != state
            else { return false }
            state = to
        }
        return true
    }

    private mutating func intern(_ configuration: Configuration) -> Int32 {
        var configuration = configuration
        configuration.readings.sort { ($0.state, $0.inside, $0.stack) < ($1.state, $1.inside, $1.stack) }
        let key = Key(
            readings: configuration.readings, isComplete: configuration.isComplete, escapes: configuration.escapes)
        if let found = known[key] { return found }
        let ends = configuration.isComplete || configuration.escapes
        configuration.bytesLeft = ends ? 0 : configuration.readings.map(bytesLeft).min() ?? 0
        let id = Int32(configurations.count)
        configurations.append(configuration)
        next.append(contentsOf: repeatElement(id == Self.dead ? Self.dead : Self.unknown, count: 256))
        known[key] = id
        return id
    }

    private func bytesLeft(_ reading: Reading) -> Int32 {
        let inside = reading.inside < 0 ? 0 : network.classes.bytesLeft[Int(reading.inside)]
        return GrammarCosts.sum(GrammarCosts.sum(inside, costs.bytes[Int(reading.state)]), stacks[reading.stack].bytes)
    }

    /// A configuration without the lower part of the stack that all its readings share, and what that part needs to its
    /// end. What the one allows, whatever stands below, all configurations that look like it allow.
    mutating func relative(_ configuration: Int32) -> (configuration: Int32, bytesBelow: Int32) {
        let readings = configurations[Int(configuration)].readings
        guard var shared = readings.first?.stack else { return (configuration, 0) }
        for reading in readings.dropFirst() { shared = stacks.shared(shared, reading.stack) }
        guard shared != GrammarStacks.empty, !stacks[shared].isRelative, stacks[shared].depth <= Int32(limits.depth / 2),
            costs.deepest <= Int32(limits.depth / 4)
        else { return (configuration, 0) }
        let cut = readings.map { Reading(state: $0.state, inside: $0.inside, stack: stacks.cut($0.stack, at: shared)) }
        return (intern(Configuration(readings: cut)), stacks[shared].bytes)
    }
}

/// Stacks of states to go on with, as a tree: each knows the one below it, and equal ones are the same.
struct GrammarStacks {
    struct Frame {
        /// Where the rule that called goes on.
        let state: Int32
        let below: Int32
        let depth: Int32
        /// Fewest bytes from here to the end of the text.
        let bytes: Int32
        /// Stands on the unknown.
        let isRelative: Bool
    }

    static let empty: Int32 = 0
    /// Stands for any stack.
    static let unknown: Int32 = 1

    private var frames = [
        Frame(state: -1, below: -1, depth: 0, bytes: 0, isRelative: false),
        Frame(state: -1, below: -1, depth: 0, bytes: 0, isRelative: true),
    ]
    private var known: [UInt64: Int32] = [:]
    private let costs: GrammarCosts

    init(_ costs: GrammarCosts) { self.costs = costs }

    subscript(_ stack: Int32) -> Frame { frames[Int(stack)] }

    mutating func push(_ state: Int32, on stack: Int32) -> Int32 {
        let key = UInt64(UInt32(bitPattern: state)) << 32 | UInt64(UInt32(bitPattern: stack))
        if let found = known[key] { return found }
        let below = frames[Int(stack)]
        frames.append(
            Frame(
                state: state, below: stack, depth: below.depth + 1,
                bytes: GrammarCosts.sum(below.bytes, costs.bytes[Int(state)]), isRelative: below.isRelative))
        known[key] = Int32(frames.count - 1)
        return Int32(frames.count - 1)
    }

    /// The highest part that two stacks share.
    func shared(_ a: Int32, _ b: Int32) -> Int32 {
        var (a, b) = (a, b)
        while a != b {
            if self[a].depth >= self[b].depth { a = self[a].below } else { b = self[b].below }
            // One of them has an unknown end and the other has none in common with it.
            if a < 0 || b < 0 { return Self.empty }
        }
        return a
    }

    /// The stack with what lies from `place` down replaced by the unknown.
    mutating func cut(_ stack: Int32, at place: Int32) -> Int32 {
        var states: [Int32] = []
        var current = stack
        while current != place, current > Self.unknown {
            states.append(self[current].state)
            current = self[current].below
        }
        return states.reversed().reduce(Self.unknown) { push($1, on: $0) }
    }
}
