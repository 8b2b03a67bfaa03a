/// Renders the statements of a template. One interpreter serves one render.
final class TemplateInterpreter {
    /// Where a statement list stopped.
    private enum Flow { case finished, brokenLoop, continuedLoop }

    var budget = TemplateBudget()
    let date: TemplateDate?
    private var output = TemplateString()
    private var depth = 0
    private var macroDepth = 0
    private var loopDepth = 0
    /// Objects that may hold each other in a circle.
    private var scopes: [TemplateScope] = []
    private var namespaces: [TemplateNamespace] = []

    init(date: TemplateDate?) { self.date = date }

    func render(_ body: [TemplateStatement], _ variables: [(String, TemplateValue)]) throws(ChatTemplateError) -> TemplateString {
        let scope = TemplateScope(parent: nil)
        for (name, value) in variables {
            try budget.check(value)
            scope[name] = value
        }
        defer { breakCircles() }
        _ = try run(body, scope)
        return output
    }

    private func breakCircles() {
        for scope in scopes { scope.removeAll() }
        for namespace in namespaces { namespace.fields.removeAll() }
    }

    func makeNamespace(_ fields: TemplateDictionary) throws(ChatTemplateError) -> TemplateValue {
        let namespace = TemplateNamespace()
        for (key, value) in fields.items { namespace.fields[key.printed.text] = value }
        namespaces.append(namespace)
        try budget.check(.namespace(namespace))
        return .namespace(namespace)
    }

    /// Guards the stack: every level of nesting goes through here.
    func descend<T>(_ body: () throws(ChatTemplateError) -> T) throws(ChatTemplateError) -> T {
        depth += 1
        defer { depth -= 1 }
        try budget.step()
        guard depth <= TemplateBudget.maximumDepth else {
            throw .exceeded(limit: "levels of nesting", TemplateBudget.maximumDepth)
        }
        return try body()
    }

    private func write(_ text: TemplateString) throws(ChatTemplateError) {
        try budget.spend(text.count)
        guard output.count + text.count <= TemplateBudget.maximumOutput else {
            throw .exceeded(limit: "characters of output", TemplateBudget.maximumOutput)
        }
        output.append(text)
    }

    /// What `body` would print.
    private func capture(_ body: () throws(ChatTemplateError) -> Void) throws(ChatTemplateError) -> TemplateString {
        let outer = output
        output = TemplateString()
        defer { output = outer }
        try body()
        return output
    }

    // MARK: Statements

    private func run(_ body: [TemplateStatement], _ scope: TemplateScope) throws(ChatTemplateError) -> Flow {
        try descend { () throws(ChatTemplateError) in
            for statement in body {
                try budget.step()
                let flow = try run(statement, scope)
                if flow != .finished { return flow }
            }
            return .finished
        }
    }

    private func run(_ statement: TemplateStatement, _ scope: TemplateScope) throws(ChatTemplateError) -> Flow {
        switch statement {
        case .text(let text): try write(text)
        case .output(let expression):
            let value = try evaluate(expression, scope)
            try budget.spend(reading: value)
            try write(value.printed)
        case .conditional(let branches, let otherwise):
            for branch in branches where try evaluate(branch.condition, scope).isTrue { return try run(branch.body, scope) }
            return try run(otherwise, scope)
        case .loop(let loop): try run(loop, scope)
        case .assign(let target, let expression): try assign(try evaluate(expression, scope), to: target, scope)
        case .assignBlock(let target, let filters, let body):
            try assign(try filtered(body, filters, scope), to: target, scope)
        case .macro(let definition):
            scopes.append(scope)
            scope[definition.name] = .macro(TemplateMacro(definition, scope))
        case .callBlock(let definition, let call): try run(call, caller: definition, scope)
        case .filterBlock(let filters, let body): try write(try filtered(body, filters, scope).printed)
        case .with(let values, let body):
            let inner = TemplateScope(parent: scope)
            for (name, value) in values { inner[name] = try evaluate(value, scope) }
            return try run(body, inner)
        case .generation(let body): return try run(body, TemplateScope(parent: scope))
        case .breakLoop: return .brokenLoop
        case .continueLoop: return .continuedLoop
        }
        return .finished
    }

    private func run(_ loop: LoopDefinition, _ scope: TemplateScope) throws(ChatTemplateError) {
        var items = try iterate(try evaluate(loop.items, scope))
        if let condition = loop.condition {
            var kept: [TemplateValue] = []
            for item in items {
                let inner = TemplateScope(parent: scope)
                try assign(item, to: loop.target, inner)
                if try evaluate(condition, inner).isTrue { kept.append(item) }
            }
            items = kept
        }
        if items.isEmpty {
            _ = try run(loop.otherwise, scope)
            return
        }
        loopDepth += 1
        defer { loopDepth -= 1 }
        for (index, item) in items.enumerated() {
            try budget.step()
            let inner = TemplateScope(parent: scope)
            inner["loop"] = .loop(TemplateLoop(index: index, items: items, depth: loopDepth))
            try assign(item, to: loop.target, inner)
            if try run(loop.body, inner) == .brokenLoop { return }
        }
    }

    private func assign(_ value: TemplateValue, to target: AssignmentTarget, _ scope: TemplateScope) throws(ChatTemplateError) {
        switch target {
        case .name(let name): scope[name] = value
        case .field(let name, let field):
            guard case .namespace(let namespace)? = scope[name] else { throw .rendering("\(name) is not a namespace") }
            guard !field.hasPrefix("_") else { throw .rendering("the name \(field) is reserved") }
            try budget.check(value, depth: 1)
            namespace.fields[field] = value
        case .tuple(let targets):
            let items = try iterate(value)
            guard items.count == targets.count else {
                throw .rendering("\(items.count) values cannot be assigned to \(targets.count) names")
            }
            for (target, item) in zip(targets, items) { try assign(item, to: target, scope) }
        }
    }

    private func filtered(
        _ body: [TemplateStatement], _ filters: [FilterCall], _ scope: TemplateScope
    ) throws(ChatTemplateError) -> TemplateValue {
        let text = try capture { () throws(ChatTemplateError) in _ = try run(body, TemplateScope(parent: scope)) }
        var value = TemplateValue.string(text)
        for filter in filters { value = try apply(filter, to: value, scope) }
        return value
    }

    private func run(_ call: TemplateExpression, caller: MacroDefinition, _ scope: TemplateScope) throws(ChatTemplateError) {
        guard case .call(let function, let arguments) = call else { return }
        var values = try evaluate(arguments, scope)
        values.named.append(("caller", .macro(TemplateMacro(caller, scope))))
        try write(try self.call(try evaluate(function, scope), values).printed)
    }

    // MARK: Macros

    func call(_ macro: TemplateMacro, _ arguments: ArgumentValues) throws(ChatTemplateError) -> TemplateValue {
        let definition = macro.definition
        guard arguments.positional.count <= definition.parameters.count else {
            throw .rendering("the macro \(definition.name) takes \(definition.parameters.count) arguments")
        }
        macroDepth += 1
        defer { macroDepth -= 1 }
        guard macroDepth <= TemplateBudget.maximumMacroDepth else {
            throw .exceeded(limit: "macros within macros", TemplateBudget.maximumMacroDepth)
        }
        let scope = TemplateScope(parent: macro.scope)
        for (index, parameter) in definition.parameters.enumerated() {
            if index < arguments.positional.count {
                scope[parameter.name] = arguments.positional[index]
            } else if let named = arguments.named.first(where: { $0.name == parameter.name }) {
                scope[parameter.name] = named.value
            } else {
                scope[parameter.name] = try parameter.fallback.map { expression throws(ChatTemplateError) in
                    try evaluate(expression, scope)
                } ?? .undefined(parameter.name)
            }
        }
        for (name, value) in arguments.named where !definition.parameters.contains(where: { $0.name == name }) {
            guard name == "caller" else { throw .rendering("the macro \(definition.name) takes no argument \"\(name)\"") }
            scope["caller"] = value
        }
        return .string(try capture { () throws(ChatTemplateError) in _ = try run(definition.body, scope) })
    }
}

/// Evaluated arguments of a call.
struct ArgumentValues {
    var positional: [TemplateValue] = []
    var named: [(name: String, value: TemplateValue)] = []

    /// The argument at `index` or of this name.
    func value(_ index: Int, _ name: String) -> TemplateValue? {
        index < positional.count ? positional[index] : named.first { $0.name == name }?.value
    }

    func flag(_ index: Int, _ name: String) -> Bool { value(index, name)?.isTrue ?? false }
}
