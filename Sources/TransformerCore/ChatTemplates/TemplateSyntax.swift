/// An expression of a template.
indirect enum TemplateExpression: Sendable {
    case literal(TemplateValue)
    case name(String)
    case list([TemplateExpression])
    case tuple([TemplateExpression])
    case dictionary([(key: TemplateExpression, value: TemplateExpression)])
    case attribute(TemplateExpression, String)
    case item(TemplateExpression, TemplateExpression)
    case slice(TemplateExpression, start: TemplateExpression?, end: TemplateExpression?, step: TemplateExpression?)
    case call(TemplateExpression, TemplateArguments)
    case filter(TemplateExpression, FilterCall)
    case test(TemplateExpression, name: String, TemplateArguments)
    case not(TemplateExpression)
    case negative(TemplateExpression)
    case all([TemplateExpression])
    case any([TemplateExpression])
    case comparison(TemplateExpression, [(operation: String, operand: TemplateExpression)])
    /// Operators of one precedence, applied left to right.
    case arithmetic(TemplateExpression, [(operation: String, operand: TemplateExpression)])
    case concatenation([TemplateExpression])
    case conditional(TemplateExpression, condition: TemplateExpression, otherwise: TemplateExpression?)
}

struct TemplateArguments: Sendable {
    var positional: [TemplateExpression] = []
    var named: [(name: String, value: TemplateExpression)] = []
}

struct FilterCall: Sendable {
    var name: String
    var arguments: TemplateArguments
}

/// A statement of a template.
indirect enum TemplateStatement: Sendable {
    case text(TemplateString)
    case output(TemplateExpression)
    case conditional([(condition: TemplateExpression, body: [TemplateStatement])], otherwise: [TemplateStatement])
    case loop(LoopDefinition)
    case assign(AssignmentTarget, TemplateExpression)
    case assignBlock(AssignmentTarget, filters: [FilterCall], [TemplateStatement])
    case macro(MacroDefinition)
    case callBlock(MacroDefinition, call: TemplateExpression)
    case filterBlock([FilterCall], [TemplateStatement])
    case with([(name: String, value: TemplateExpression)], [TemplateStatement])
    /// Marks what the assistant generated; renders as its body.
    case generation([TemplateStatement])
    case breakLoop
    case continueLoop
}

enum AssignmentTarget: Sendable {
    case name(String)
    case field(of: String, String)
    case tuple([AssignmentTarget])
}

struct LoopDefinition: Sendable {
    var target: AssignmentTarget
    var items: TemplateExpression
    var condition: TemplateExpression?
    var body: [TemplateStatement]
    var otherwise: [TemplateStatement]
}

struct MacroDefinition: Sendable {
    var name: String
    var parameters: [(name: String, fallback: TemplateExpression?)]
    var body: [TemplateStatement]
}
