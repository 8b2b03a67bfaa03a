extension TemplateInterpreter {
    func negative(_ value: TemplateValue) throws(ChatTemplateError) -> TemplateValue {
        if let whole = value.wholeNumber { return try Self.checked(whole.multipliedReportingOverflow(by: -1)) }
        guard let number = value.number else { throw .rendering("\(value.typeName) has no negative") }
        return .float(-number)
    }

    // MARK: Comparison

    func comparison(
        _ first: TemplateExpression, _ rest: [(operation: String, operand: TemplateExpression)], _ scope: TemplateScope
    ) throws(ChatTemplateError) -> Bool {
        var left = try evaluate(first, scope)
        for (operation, operand) in rest {
            let right = try evaluate(operand, scope)
            guard try compare(operation, left, right) else { return false }
            left = right
        }
        return true
    }

    func compare(_ operation: String, _ a: TemplateValue, _ b: TemplateValue) throws(ChatTemplateError) -> Bool {
        if operation != "in", operation != "not in" {
            try budget.spend(reading: a)
            try budget.spend(reading: b)
        }
        switch operation {
        case "==": return a.isEqual(b)
        case "!=": return !a.isEqual(b)
        case "in": return try contains(b, a)
        case "not in": return !(try contains(b, a))
        default:
            guard let isLess = a.isLess(than: b), let isGreater = b.isLess(than: a) else {
                throw .rendering("\(a.typeName) and \(b.typeName) have no order")
            }
            switch operation {
            case "<": return isLess
            case ">": return isGreater
            case "<=": return isLess || a.isEqual(b)
            default: return isGreater || a.isEqual(b)
            }
        }
    }

    func contains(_ container: TemplateValue, _ value: TemplateValue) throws(ChatTemplateError) -> Bool {
        switch container {
        case .string(let text):
            guard case .string(let needle) = value else { throw .rendering("a string cannot contain \(value.typeName)") }
            try budget.spend(text.count)
            return text.firstIndex(of: needle) != nil
        case .list(let items), .tuple(let items):
            try budget.spend(reading: container)
            return items.contains { $0.isEqual(value) }
        case .dictionary(let dictionary):
            guard value.isKey else { throw .rendering("\(value.typeName) cannot be a key") }
            try budget.spend(dictionary.items.count)
            return dictionary[value] != nil
        case .undefined: return false
        default: throw .rendering("\(container.typeName) contains nothing")
        }
    }

    // MARK: Arithmetic

    func arithmetic(_ operation: String, _ a: TemplateValue, _ b: TemplateValue) throws(ChatTemplateError) -> TemplateValue {
        if case .undefined(let what) = a { throw .rendering("\(what) is undefined") }
        if case .undefined(let what) = b { throw .rendering("\(what) is undefined") }
        if operation == "+", let joined = try joined(a, b) { return joined }
        if operation == "*", let repeated = try repeated(a, b) { return repeated }
        if operation == "*", let repeated = try repeated(b, a) { return repeated }
        if operation == "%", case .string(let format) = a {
            try budget.spend(reading: b)
            return .string(try TemplateFormat.percent(format, b))
        }
        if operation != "/", let x = a.wholeNumber, let y = b.wholeNumber { return try whole(operation, x, y) }
        guard let x = a.number, let y = b.number else {
            throw .rendering("\(a.typeName) \(operation) \(b.typeName) has no meaning")
        }
        return try real(operation, x, y)
    }

    private func joined(_ a: TemplateValue, _ b: TemplateValue) throws(ChatTemplateError) -> TemplateValue? {
        switch (a, b) {
        case (.string(let x), .string(let y)):
            try budget.spend(x.count + y.count)
            return .string(x + y)
        case (.list(let x), .list(let y)):
            try budget.spend(x.count + y.count)
            return .list(x + y)
        case (.tuple(let x), .tuple(let y)):
            try budget.spend(x.count + y.count)
            return .tuple(x + y)
        default: return nil
        }
    }

    private func repeated(_ value: TemplateValue, _ times: TemplateValue) throws(ChatTemplateError) -> TemplateValue? {
        guard let times = times.wholeNumber.map({ max(0, $0) }) else { return nil }
        func charge(_ count: Int) throws(ChatTemplateError) {
            let (size, overflow) = count.multipliedReportingOverflow(by: times)
            try budget.spend(overflow ? Int.max : size)
            try budget.spend(count == 0 ? times : 0)
        }
        switch value {
        case .string(let text):
            try charge(text.count)
            return .string(TemplateString(units: (0..<times).flatMap { _ in text.units }))
        case .list(let items):
            try charge(items.count)
            return .list((0..<times).flatMap { _ in items })
        default: return nil
        }
    }

    private static func checked(_ result: (partialValue: Int, overflow: Bool)) throws(ChatTemplateError) -> TemplateValue {
        if result.overflow { throw .rendering("a number is too large") }
        return .integer(result.partialValue)
    }

    private func whole(_ operation: String, _ a: Int, _ b: Int) throws(ChatTemplateError) -> TemplateValue {
        switch operation {
        case "+": return try Self.checked(a.addingReportingOverflow(b))
        case "-": return try Self.checked(a.subtractingReportingOverflow(b))
        case "*": return try Self.checked(a.multipliedReportingOverflow(by: b))
        case "**": return try power(a, b)
        default:
            if b == 0 { throw .rendering("a division by zero") }
            let (quotient, overflow) = a.dividedReportingOverflow(by: b)
            if overflow { throw .rendering("a number is too large") }
            let remainder = a - quotient * b
            let isBelow = remainder != 0 && (remainder < 0) != (b < 0)  // Python rounds down, Swift towards zero
            return .integer(operation == "//" ? quotient - (isBelow ? 1 : 0) : remainder + (isBelow ? b : 0))
        }
    }

    private func power(_ base: Int, _ exponent: Int) throws(ChatTemplateError) -> TemplateValue {
        if exponent < 0 {
            guard exponent >= -64, base != 0 else { throw .rendering("a power that is not supported") }
            return .float((0..<(-exponent)).reduce(1.0) { result, _ in result / Double(base) })
        }
        var result = 1
        for _ in 0..<min(exponent, 64) {
            let (product, overflow) = result.multipliedReportingOverflow(by: base)
            if overflow { throw .rendering("a number is too large") }
            result = product
        }
        guard exponent <= 64 || (-1...1).contains(base) else { throw .rendering("a number is too large") }
        return .integer(base == -1 && exponent % 2 == 1 ? -1 : result)
    }

    private func real(_ operation: String, _ a: Double, _ b: Double) throws(ChatTemplateError) -> TemplateValue {
        switch operation {
        case "+": return .float(a + b)
        case "-": return .float(a - b)
        case "*": return .float(a * b)
        case "/", "//", "%":
            if b == 0 { throw .rendering("a division by zero") }
            if operation == "/" { return .float(a / b) }
            let quotient = (a / b).rounded(.down)
            return .float(operation == "//" ? quotient : a - quotient * b)
        default: throw .rendering("the operator \(operation) is not supported for fractions")
        }
    }
}
