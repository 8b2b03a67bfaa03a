/// The filters of Jinja that chat templates use.
extension TemplateInterpreter {
    func apply(_ filter: FilterCall, to value: TemplateValue, _ scope: TemplateScope) throws(ChatTemplateError) -> TemplateValue {
        try apply(filter.name, to: value, try evaluate(filter.arguments, scope))
    }

    func apply(_ name: String, to value: TemplateValue, _ arguments: ArgumentValues) throws(ChatTemplateError) -> TemplateValue {
        try budget.spend(reading: value)
        for argument in arguments.positional { try budget.spend(reading: argument) }
        if let result = try textFilter(name, value, arguments) { return result }
        if let result = try sequenceFilter(name, value, arguments) { return result }
        if let result = try selectionFilter(name, value, arguments) { return result }
        if let result = try numberFilter(name, value, arguments) { return result }
        throw .rendering("there is no filter \"\(name)\"")
    }

    // MARK: Text

    private func textFilter(
        _ name: String, _ value: TemplateValue, _ arguments: ArgumentValues
    ) throws(ChatTemplateError) -> TemplateValue? {
        switch name {
        case "string", "safe": return .string(value.printed)
        case "upper": return .string(value.printed.uppercased)
        case "lower": return .string(value.printed.lowercased)
        case "capitalize": return .string(value.printed.capitalized)
        case "title": return .string(title(value.printed))
        case "trim": return try TemplateMethods.call(.string(value.printed), "strip", arguments, &budget)
        case "replace": return try TemplateMethods.call(.string(value.printed), "replace", arguments, &budget)
        case "indent": return .string(try indent(value.printed, arguments))
        case "tojson": return .string(try json(value, arguments))
        case "format":
            guard case .string(let format) = value else { throw .rendering("only strings are formats") }
            return .string(try TemplateFormat.percent(format, .tuple(arguments.positional)))
        case "join":
            let separator = arguments.value(0, "d")?.printed ?? TemplateString()
            let items = try projected(try iterate(value), arguments.value(1, "attribute"))
            return .string(try TemplateMethods.join(items, separator, &budget))
        case "wordcount": return .integer(value.printed.splitAtSpace(atMost: .max).count)
        default: return nil
        }
    }

    /// Capital letters after white space and opening brackets, unlike the method of the same name.
    private func title(_ text: TemplateString) -> TemplateString {
        var result = TemplateString()
        var startsWord = true
        for (index, unit) in text.units.enumerated() {
            let character = text.slice(index..<(index + 1))
            result.append(startsWord ? character.uppercased : character.lowercased)
            startsWord = TemplateString.isSpace(unit) || "-({[<".utf8.contains { UInt32($0) == TemplateString.scalar(unit) }
        }
        return result
    }

    private func indent(_ text: TemplateString, _ arguments: ArgumentValues) throws(ChatTemplateError) -> TemplateString {
        var margin = TemplateString("    ", trusted: true)
        switch arguments.value(0, "width") {
        case .string(let text)?: margin = text
        case .integer(let width)?:
            try budget.spend(max(0, width))
            margin = TemplateString(String(repeating: " ", count: max(0, width)), trusted: true)
        default: break
        }
        let newline = TemplateString("\n", trusted: true)
        var result = TemplateString()
        for (index, line) in (text + newline).splitLines(keepingEnds: false).enumerated() {
            if index > 0 { result.append(newline) }
            let isIndented = index == 0 ? arguments.flag(1, "first") : !line.isEmpty || arguments.flag(2, "blank")
            try budget.spend(margin.count + line.count)
            result.append(isIndented ? margin + line : line)
        }
        return result
    }

    private func json(_ value: TemplateValue, _ arguments: ArgumentValues) throws(ChatTemplateError) -> TemplateString {
        var writer = TemplateJSON(indent: nil)
        if let indent = arguments.value(1, "indent"), !indent.isNone {
            guard let width = indent.wholeNumber, (0...64).contains(width) else { throw .rendering("tojson cannot indent by that") }
            writer = TemplateJSON(indent: width)
        }
        writer.escapesNonASCII = arguments.flag(0, "ensure_ascii")
        writer.sortsKeys = arguments.flag(3, "sort_keys")
        if let separators = arguments.value(2, "separators"), !separators.isNone {
            let pair = try iterate(separators)
            guard pair.count == 2 else { throw .rendering("tojson needs two separators") }
            writer.itemSeparator = pair[0].printed
            writer.keySeparator = pair[1].printed
        }
        let text = try writer.text(value)
        try budget.spend(text.count)
        return text
    }

    // MARK: Sequences

    private func sequenceFilter(
        _ name: String, _ value: TemplateValue, _ arguments: ArgumentValues
    ) throws(ChatTemplateError) -> TemplateValue? {
        switch name {
        case "default", "d":
            let isMissing = value.isUndefined || (arguments.flag(1, "boolean") && !value.isTrue)
            return isMissing ? arguments.value(0, "default_value") ?? .trusted("") : value
        case "length", "count":
            if case .string(let text) = value { return .integer(text.count) }
            return .integer(try iterate(value).count)
        case "list": return .list(try iterate(value))
        case "first": return try iterate(value).first ?? .undefined("the first item")
        case "last": return try iterate(value).last ?? .undefined("the last item")
        case "reverse":
            if case .string(let text) = value { return .string(TemplateString(units: text.units.reversed())) }
            return .list(try iterate(value).reversed())
        case "items":
            if value.isUndefined { return .list([]) }
            guard case .dictionary = value else { throw .rendering("only mappings have items") }
            return try TemplateMethods.call(value, "items", ArgumentValues(), &budget)
        case "dictsort": return try sortedMembers(value, arguments)
        case "sort":
            let ignoresCase = !arguments.flag(1, "case_sensitive")
            let items = try sorted(try iterate(value), by: arguments.value(2, "attribute"), ignoringCase: ignoresCase)
            return .list(arguments.flag(0, "reverse") ? reversedStably(items) : items.map(\.item))
        case "unique": return .list(try unique(try iterate(value), arguments))
        case "min", "max":
            let items = try sorted(try iterate(value), by: arguments.value(1, "attribute"), ignoringCase: !arguments.flag(0, "case_sensitive"))
            let chosen = name == "min" ? items.first : items.first { $0.key.isEqual(items[items.count - 1].key) }
            return chosen?.item ?? .undefined("an item")
        default: return nil
        }
    }

    /// Values to compare by: an attribute path, strings in lower case.
    private func key(_ item: TemplateValue, _ path: TemplateValue?, ignoringCase: Bool) throws(ChatTemplateError) -> TemplateValue {
        let key = try path.map { path throws(ChatTemplateError) in try follow(path, in: item) } ?? item
        if ignoringCase, case .string(let text) = key { return .string(text.lowercased) }
        return key
    }

    private func sorted(
        _ items: [TemplateValue], by path: TemplateValue?, ignoringCase: Bool
    ) throws(ChatTemplateError) -> [(key: TemplateValue, item: TemplateValue)] {
        var pairs: [(key: TemplateValue, item: TemplateValue)] = []
        for item in items { pairs.append((try key(item, path, ignoringCase: ignoringCase), item)) }
        for (a, b) in zip(pairs, pairs.dropFirst()) where a.key.isLess(than: b.key) == nil {
            throw .rendering("\(a.key.typeName) and \(b.key.typeName) have no order")
        }
        for _ in 0..<(Int.bitWidth - items.count.leadingZeroBitCount) { try budget.spend(reading: .list(items)) }
        let order = pairs.enumerated().sorted { a, b in
            if a.element.key.isLess(than: b.element.key) == true { return true }
            if b.element.key.isLess(than: a.element.key) == true { return false }
            return a.offset < b.offset
        }
        return order.map(\.element)
    }

    /// Descending, equal keys in their original order as Python leaves them.
    private func reversedStably(_ pairs: [(key: TemplateValue, item: TemplateValue)]) -> [TemplateValue] {
        var groups: [[(key: TemplateValue, item: TemplateValue)]] = []
        for pair in pairs {
            if let last = groups.last?.last, last.key.isEqual(pair.key) {
                groups[groups.count - 1].append(pair)
            } else {
                groups.append([pair])
            }
        }
        return groups.reversed().flatMap { $0.map(\.item) }
    }

    private func sortedMembers(_ value: TemplateValue, _ arguments: ArgumentValues) throws(ChatTemplateError) -> TemplateValue {
        guard case .dictionary(let dictionary) = value else { throw .rendering("only mappings can be sorted by key") }
        let byValue = arguments.value(1, "by")?.printed.isEqual("value") ?? false
        let members = dictionary.items.map { TemplateValue.tuple([$0.key, $0.value]) }
        let pairs = try sorted(members, by: .integer(byValue ? 1 : 0), ignoringCase: !arguments.flag(0, "case_sensitive"))
        return .list(arguments.flag(2, "reverse") ? reversedStably(pairs) : pairs.map(\.item))
    }

    private func unique(_ items: [TemplateValue], _ arguments: ArgumentValues) throws(ChatTemplateError) -> [TemplateValue] {
        var keys: [TemplateValue] = []
        var kept: [TemplateValue] = []
        for item in items {
            let key = try key(item, arguments.value(1, "attribute"), ignoringCase: !arguments.flag(0, "case_sensitive"))
            try budget.spend(reading: .list(keys))
            if keys.contains(where: { $0.isEqual(key) }) { continue }
            keys.append(key)
            kept.append(item)
        }
        return kept
    }

    // MARK: Selection

    private func selectionFilter(
        _ name: String, _ value: TemplateValue, _ arguments: ArgumentValues
    ) throws(ChatTemplateError) -> TemplateValue? {
        func items() throws(ChatTemplateError) -> [TemplateValue] { try value.isTrue ? iterate(value) : [] }
        switch name {
        case "map": return .list(try mapped(try items(), arguments))
        case "select", "reject":
            return .list(try selected(try items(), path: nil, arguments, offset: 0, keeps: name == "select"))
        case "selectattr", "rejectattr":
            guard let path = arguments.positional.first else { throw .rendering("\(name) needs an attribute") }
            return .list(try selected(try items(), path: path, arguments, offset: 1, keeps: name == "selectattr"))
        case "attr":
            guard let attribute = arguments.positional.first else { throw .rendering("attr needs a name") }
            return try self.attribute(value, attribute.printed.text)
        default: return nil
        }
    }

    private func mapped(_ items: [TemplateValue], _ arguments: ArgumentValues) throws(ChatTemplateError) -> [TemplateValue] {
        var results: [TemplateValue] = []
        if let path = arguments.named.first(where: { $0.name == "attribute" })?.value {
            let fallback = arguments.named.first { $0.name == "default" }?.value
            for item in items {
                let result = try follow(path, in: item)
                results.append(result.isUndefined ? fallback ?? result : result)
            }
            return results
        }
        guard let name = arguments.positional.first else { throw .rendering("map needs a filter") }
        let rest = ArgumentValues(positional: Array(arguments.positional.dropFirst()), named: arguments.named)
        for item in items {
            try budget.step()
            results.append(try apply(name.printed.text, to: item, rest))
        }
        return results
    }

    private func selected(
        _ items: [TemplateValue], path: TemplateValue?, _ arguments: ArgumentValues, offset: Int, keeps: Bool
    ) throws(ChatTemplateError) -> [TemplateValue] {
        let rest = arguments.positional.dropFirst(offset)
        let values = ArgumentValues(positional: Array(rest.dropFirst()), named: arguments.named)
        var kept: [TemplateValue] = []
        for item in items {
            try budget.step()
            let subject = try path.map { path throws(ChatTemplateError) in try follow(path, in: item) } ?? item
            let passes = try rest.first.map { name throws(ChatTemplateError) in try test(subject, name.printed.text, values) }
                ?? subject.isTrue
            if passes == keeps { kept.append(item) }
        }
        return kept
    }

    /// `a.b.0`, as the filters that take an attribute read it.
    private func follow(_ path: TemplateValue, in value: TemplateValue) throws(ChatTemplateError) -> TemplateValue {
        if path.wholeNumber != nil { return try item(value, path) }
        var value = value
        for part in path.printed.split(by: TemplateString(".", trusted: true), atMost: .max) {
            value = try item(value, Int(part.text).map { .integer($0) } ?? .string(part))
        }
        return value
    }

    private func projected(_ items: [TemplateValue], _ path: TemplateValue?) throws(ChatTemplateError) -> [TemplateValue] {
        guard let path else { return items }
        var values: [TemplateValue] = []
        for item in items { values.append(try follow(path, in: item)) }
        return values
    }

    // MARK: Numbers

    private func numberFilter(
        _ name: String, _ value: TemplateValue, _ arguments: ArgumentValues
    ) throws(ChatTemplateError) -> TemplateValue? {
        switch name {
        case "int": return Self.integer(value) ?? arguments.value(0, "default") ?? .integer(0)
        case "float": return Self.real(value).map { .float($0) } ?? arguments.value(0, "default") ?? .float(0)
        case "abs":
            if let whole = value.wholeNumber { return whole < 0 ? try negative(value) : .integer(whole) }
            guard let number = value.number else { throw .rendering("\(value.typeName) has no absolute value") }
            return .float(abs(number))
        case "round": return .float(try rounded(value, arguments))
        case "sum":
            var sum = arguments.value(1, "start") ?? .integer(0)
            for item in try projected(try iterate(value), arguments.value(0, "attribute")) { sum = try arithmetic("+", sum, item) }
            return sum
        default: return nil
        }
    }

    private static func integer(_ value: TemplateValue) -> TemplateValue? {
        if let whole = value.wholeNumber { return .integer(whole) }
        if case .string(let text) = value, let whole = Int(text.stripped(nil).text) { return .integer(whole) }
        return real(value).flatMap { Int(exactly: $0.rounded(.towardZero)) }.map { .integer($0) }
    }

    private static func real(_ value: TemplateValue) -> Double? {
        if case .string(let text) = value { return Double(text.stripped(nil).text) }
        return value.number
    }

    private func rounded(_ value: TemplateValue, _ arguments: ArgumentValues) throws(ChatTemplateError) -> Double {
        guard let number = value.number else { throw .rendering("\(value.typeName) cannot be rounded") }
        let digits = arguments.value(0, "precision")?.wholeNumber ?? 0
        guard (0...15).contains(digits) else { throw .rendering("a precision of \(digits) digits") }
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        switch arguments.value(1, "method")?.printed.text ?? "common" {
        case "common": return (number * scale).rounded(.toNearestOrEven) / scale
        case "ceil": return (number * scale).rounded(.up) / scale
        case "floor": return (number * scale).rounded(.down) / scale
        default: throw .rendering("an unknown way to round")
        }
    }
}
