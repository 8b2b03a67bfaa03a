/// Variables of a block and the blocks around it. Only the render that made it sees it.
final class TemplateScope: @unchecked Sendable {
    private var variables: [String: TemplateValue] = [:]
    private let parent: TemplateScope?

    init(parent: TemplateScope?) { self.parent = parent }

    subscript(_ name: String) -> TemplateValue? {
        get {
            var scope: TemplateScope? = self
            while let current = scope {
                if let value = current.variables[name] { return value }
                scope = current.parent
            }
            return nil
        }
        set { variables[name] = newValue }
    }

    /// Breaks the circles that macros make with the scopes they are defined in.
    func removeAll() { variables.removeAll() }
}

/// What a render may use before it counts as hostile.
struct TemplateBudget {
    static let maximumDepth = 200
    static let maximumMacroDepth = 24
    private static let maximumValueDepth = 64
    static let maximumOutput = 8 << 20
    private static let maximumSteps = 500_000
    private static let maximumWork = 32 << 20

    private var steps = 0
    private var work = 0

    /// Counts one step of evaluation.
    mutating func step() throws(ChatTemplateError) {
        steps += 1
        if steps > Self.maximumSteps { throw .exceeded(limit: "steps", Self.maximumSteps) }
    }

    /// Counts characters or items that an operation reads or makes; called before a large result is made.
    mutating func spend(_ amount: Int) throws(ChatTemplateError) {
        let (sum, overflow) = work.addingReportingOverflow(amount)
        work = sum
        if overflow || work > Self.maximumWork { throw .exceeded(limit: "characters of work", Self.maximumWork) }
    }

    /// Counts what a walk through all of a value costs. Lists may hold the same list many times over, so this is
    /// asked before every such walk.
    mutating func spend(reading value: TemplateValue, depth: Int = 0) throws(ChatTemplateError) {
        switch value {
        case .string(let text): try spend(text.count + 1)
        case .list(let items), .tuple(let items):
            try spend(items.count + 1)
            for item in items { try spend(reading: item, depth: depth + 1) }
        case .dictionary(let dictionary):
            try spend(dictionary.items.count + 1)
            for item in dictionary.items {
                try spend(reading: item.key, depth: depth + 1)
                try spend(reading: item.value, depth: depth + 1)
            }
        default: try spend(1)
        }
    }

    /// Refuses values nested so deeply that walking or freeing them would exhaust the stack.
    mutating func check(_ value: TemplateValue, depth: Int = 0) throws(ChatTemplateError) {
        guard depth <= Self.maximumValueDepth else { throw .exceeded(limit: "levels of nested values", Self.maximumValueDepth) }
        try spend(1)
        switch value {
        case .list(let items), .tuple(let items): for item in items { try check(item, depth: depth + 1) }
        case .dictionary(let dictionary): for item in dictionary.items { try check(item.value, depth: depth + 1) }
        case .namespace(let namespace): for item in namespace.fields.values { try check(item, depth: depth + 1) }
        default: break
        }
    }
}
