extension TemplateInterpreter {
    func evaluate(_ expression: TemplateExpression, _ scope: TemplateScope) throws(ChatTemplateError) -> TemplateValue {
        try descend { () throws(ChatTemplateError) in
            switch expression {
            case .literal(let value): return value
            case .name(let name): return lookUp(name, scope)
            case .attribute(let base, let name): return try attribute(try evaluate(base, scope), name)
            case .item(let base, let key): return try item(try evaluate(base, scope), try evaluate(key, scope))
            case .not(let operand): return .bool(!(try evaluate(operand, scope).isTrue))
            case .all(let operands): return try firstDeciding(operands, false, scope)
            case .any(let operands): return try firstDeciding(operands, true, scope)
            case .conditional(let value, let condition, let otherwise):
                if try evaluate(condition, scope).isTrue { return try evaluate(value, scope) }
                return try otherwise.map { expression throws(ChatTemplateError) in try evaluate(expression, scope) }
                    ?? .undefined("the other branch")
            default: return try evaluateRare(expression, scope)
            }
        }
    }

    private func evaluateRare(_ expression: TemplateExpression, _ scope: TemplateScope) throws(ChatTemplateError) -> TemplateValue {
        switch expression {
        case .list(let items): return try checked(.list(try evaluate(items, scope)))
        case .tuple(let items): return try checked(.tuple(try evaluate(items, scope)))
        case .dictionary(let members): return try checked(try dictionary(members, scope))
        case .slice(let base, let start, let end, let step):
            return try slice(try evaluate(base, scope), try bound(start, scope), try bound(end, scope), try bound(step, scope))
        case .call(let function, let arguments): return try call(try evaluate(function, scope), try evaluate(arguments, scope))
        case .filter(let base, let filter): return try apply(filter, to: try evaluate(base, scope), scope)
        case .test(let base, let name, let arguments):
            return .bool(try test(try evaluate(base, scope), name, try evaluate(arguments, scope)))
        case .negative(let operand): return try negative(try evaluate(operand, scope))
        case .comparison(let first, let rest): return .bool(try comparison(first, rest, scope))
        case .arithmetic(let first, let rest):
            var value = try evaluate(first, scope)
            for (operation, operand) in rest { value = try arithmetic(operation, value, try evaluate(operand, scope)) }
            return value
        case .concatenation(let operands):
            var text = TemplateString()
            for operand in operands {
                let part = try evaluate(operand, scope)
                try budget.spend(reading: part)
                text.append(part.printed)
            }
            return .string(text)
        default: return .none
        }
    }

    private func checked(_ value: TemplateValue) throws(ChatTemplateError) -> TemplateValue {
        try budget.check(value)
        return value
    }

    func evaluate(_ items: [TemplateExpression], _ scope: TemplateScope) throws(ChatTemplateError) -> [TemplateValue] {
        var values: [TemplateValue] = []
        for item in items { values.append(try evaluate(item, scope)) }
        return values
    }

    func evaluate(_ arguments: TemplateArguments, _ scope: TemplateScope) throws(ChatTemplateError) -> ArgumentValues {
        var values = ArgumentValues(positional: try evaluate(arguments.positional, scope))
        for (name, value) in arguments.named { values.named.append((name, try evaluate(value, scope))) }
        return values
    }

    private func lookUp(_ name: String, _ scope: TemplateScope) -> TemplateValue {
        if let value = scope[name] { return value }
        switch name {
        case "range", "namespace", "dict", "raise_exception": return .function(name)
        case "strftime_now" where date != nil: return .function(name)
        default: return .undefined(name)
        }
    }

    /// `and` and `or` give the operand that decides.
    private func firstDeciding(
        _ operands: [TemplateExpression], _ truth: Bool, _ scope: TemplateScope
    ) throws(ChatTemplateError) -> TemplateValue {
        var value = TemplateValue.none
        for operand in operands {
            value = try evaluate(operand, scope)
            if value.isTrue == truth { return value }
        }
        return value
    }

    private func dictionary(
        _ members: [(key: TemplateExpression, value: TemplateExpression)], _ scope: TemplateScope
    ) throws(ChatTemplateError) -> TemplateValue {
        var dictionary = TemplateDictionary()
        for (key, value) in members {
            try budget.spend(dictionary.items.count)
            let name = try evaluate(key, scope)
            guard name.isKey else { throw .rendering("\(name.typeName) cannot be a key") }
            dictionary.set(name, try evaluate(value, scope))
        }
        return .dictionary(dictionary)
    }

    // MARK: Access

    func attribute(_ base: TemplateValue, _ name: String) throws(ChatTemplateError) -> TemplateValue {
        switch base {
        case .undefined(let what): throw .rendering("\(what) is undefined and has no \"\(name)\"")
        case .namespace(let namespace): return namespace.fields[name] ?? .undefined(name)
        case .loop(let loop): return self.loop(loop, name)
        default:
            if TemplateMethods.exists(base, name) { return .method(of: base, name: name) }
            guard case .dictionary(let dictionary) = base else { return .undefined(name) }
            try budget.spend(dictionary.items.count)
            return dictionary[name] ?? .undefined(name)
        }
    }

    func item(_ base: TemplateValue, _ key: TemplateValue) throws(ChatTemplateError) -> TemplateValue {
        func element(_ count: Int) -> Int? {
            guard let index = key.wholeNumber else { return nil }
            let position = index < 0 ? index + count : index
            return (0..<count).contains(position) ? position : nil
        }
        switch base {
        case .list(let items), .tuple(let items): if let index = element(items.count) { return items[index] }
        case .string(let text): if let index = element(text.count) { return .string(text.slice(index..<(index + 1))) }
        case .dictionary(let dictionary) where key.isKey:
            try budget.spend(dictionary.items.count)
            if let value = dictionary[key] { return value }
        default: break
        }
        if case .undefined(let what) = base { throw .rendering("\(what) is undefined and has no items") }
        guard case .string(let name) = key else { return .undefined("an item") }
        return try attribute(base, name.text)
    }

    private func loop(_ loop: TemplateLoop, _ name: String) -> TemplateValue {
        let last = loop.items.count - 1
        switch name {
        case "index": return .integer(loop.index + 1)
        case "index0": return .integer(loop.index)
        case "revindex": return .integer(last - loop.index + 1)
        case "revindex0": return .integer(last - loop.index)
        case "first": return .bool(loop.index == 0)
        case "last": return .bool(loop.index == last)
        case "length": return .integer(loop.items.count)
        case "depth": return .integer(loop.depth)
        case "depth0": return .integer(loop.depth - 1)
        case "previtem": return loop.index > 0 ? loop.items[loop.index - 1] : .undefined("loop.previtem")
        case "nextitem": return loop.index < last ? loop.items[loop.index + 1] : .undefined("loop.nextitem")
        case "cycle": return .method(of: .loop(loop), name: name)
        default: return .undefined("loop.\(name)")
        }
    }

    private func bound(_ expression: TemplateExpression?, _ scope: TemplateScope) throws(ChatTemplateError) -> Int? {
        guard let expression else { return nil }
        let value = try evaluate(expression, scope)
        if value.isNone { return nil }
        guard let bound = value.wholeNumber else { throw .rendering("\(value.typeName) is no index") }
        return bound
    }

    private func slice(_ base: TemplateValue, _ start: Int?, _ end: Int?, _ step: Int?) throws(ChatTemplateError) -> TemplateValue {
        func pick(_ count: Int) throws(ChatTemplateError) -> [Int] {
            try budget.spend(count)
            return try Self.sliceIndices(count, start, end, step ?? 1)
        }
        switch base {
        case .string(let text): return .string(TemplateString(units: try pick(text.count).map { text.units[$0] }))
        case .list(let items): return .list(try pick(items.count).map { items[$0] })
        case .tuple(let items): return .tuple(try pick(items.count).map { items[$0] })
        case .undefined(let what): throw .rendering("\(what) is undefined and cannot be sliced")
        default: throw .rendering("\(base.typeName) cannot be sliced")
        }
    }

    /// Python's rules: negative bounds count from the end, bounds outside are cut.
    static func sliceIndices(_ count: Int, _ start: Int?, _ end: Int?, _ step: Int) throws(ChatTemplateError) -> [Int] {
        guard step != 0, step > Int.min / 2, step < Int.max / 2 else { throw .rendering("a slice needs a step other than 0") }
        let lowest = step > 0 ? 0 : -1
        let highest = step > 0 ? count : count - 1
        func clamp(_ bound: Int) -> Int { min(max(bound < 0 ? bound + count : bound, lowest), highest) }
        let first = start.map(clamp) ?? (step > 0 ? 0 : count - 1)
        let last = end.map(clamp) ?? (step > 0 ? count : -1)
        return Array(stride(from: first, to: last, by: step))
    }

    /// Items of anything that can be looped over.
    func iterate(_ value: TemplateValue) throws(ChatTemplateError) -> [TemplateValue] {
        switch value {
        case .list(let items), .tuple(let items): return items
        case .dictionary(let dictionary): return dictionary.items.map(\.key)
        case .string(let text):
            try budget.spend(text.count)
            return text.units.map { .string(TemplateString(units: [$0])) }
        case .undefined: return []
        default: throw .rendering("\(value.typeName) cannot be looped over")
        }
    }
}
