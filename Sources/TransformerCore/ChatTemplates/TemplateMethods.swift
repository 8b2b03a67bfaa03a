/// Methods of Python's strings, lists and dictionaries. Those that change their object are refused, as the sandbox
/// of the reference does.
enum TemplateMethods {
    private static let ofStrings: Set<String> = [
        "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "startswith", "endswith", "replace", "lower", "upper",
        "title", "capitalize", "find", "rfind", "index", "count", "join", "format", "isdigit", "isalpha", "isspace", "isupper",
        "islower", "isalnum", "removeprefix", "removesuffix", "partition", "rpartition",
    ]
    private static let ofLists: Set<String> = ["index", "count", "copy", "append", "pop", "insert", "extend", "remove"]
    private static let ofDictionaries: Set<String> = ["get", "items", "keys", "values", "copy", "pop", "update", "setdefault"]

    static func exists(_ value: TemplateValue, _ name: String) -> Bool {
        switch value {
        case .string: ofStrings.contains(name)
        case .list, .tuple: ofLists.contains(name)
        case .dictionary: ofDictionaries.contains(name)
        default: false
        }
    }

    static func call(
        _ value: TemplateValue, _ name: String, _ arguments: ArgumentValues, _ budget: inout TemplateBudget
    ) throws(ChatTemplateError) -> TemplateValue {
        switch value {
        case .string(let text):
            try budget.spend(text.count)
            return try call(text, name, arguments, &budget)
        case .list(let items), .tuple(let items): return try call(items, name, arguments, &budget)
        case .dictionary(let dictionary): return try call(dictionary, name, arguments, &budget)
        default: throw .rendering("\(value.typeName) has no method \"\(name)\"")
        }
    }

    static func join(
        _ items: [TemplateValue], _ separator: TemplateString, _ budget: inout TemplateBudget
    ) throws(ChatTemplateError) -> TemplateString {
        var text = TemplateString()
        for (index, item) in items.enumerated() {
            try budget.spend(reading: item)
            try budget.spend(separator.count)
            let part = item.printed
            if index > 0 { text.append(separator) }
            text.append(part)
        }
        return text
    }

    // MARK: Lists and dictionaries

    private static func call(
        _ items: [TemplateValue], _ name: String, _ arguments: ArgumentValues, _ budget: inout TemplateBudget
    ) throws(ChatTemplateError) -> TemplateValue {
        let wanted = arguments.positional.first ?? .none
        for item in items { try budget.spend(reading: item) }
        switch name {
        case "copy": return .list(items)
        case "count": return .integer(items.filter { $0.isEqual(wanted) }.count)
        case "index":
            guard let index = items.firstIndex(where: { $0.isEqual(wanted) }) else { throw .rendering("the value is not in the list") }
            return .integer(index)
        default: throw .rendering("\"\(name)\" changes a list, which templates may not")
        }
    }

    private static func call(
        _ dictionary: TemplateDictionary, _ name: String, _ arguments: ArgumentValues, _ budget: inout TemplateBudget
    ) throws(ChatTemplateError) -> TemplateValue {
        try budget.spend(dictionary.items.count)
        switch name {
        case "get":
            guard let key = arguments.positional.first else { throw .rendering("get needs a key") }
            return dictionary[key] ?? arguments.value(1, "default") ?? .none
        case "items": return .list(dictionary.items.map { .tuple([$0.key, $0.value]) })
        case "keys": return .list(dictionary.items.map(\.key))
        case "values": return .list(dictionary.items.map(\.value))
        case "copy": return .dictionary(dictionary)
        default: throw .rendering("\"\(name)\" changes a mapping, which templates may not")
        }
    }

    // MARK: Strings

    private static func call(
        _ text: TemplateString, _ name: String, _ arguments: ArgumentValues, _ budget: inout TemplateBudget
    ) throws(ChatTemplateError) -> TemplateValue {
        switch name {
        case "strip", "lstrip", "rstrip":
            let characters = try string(arguments.value(0, "chars"), name)
            return .string(text.stripped(characters, leading: name != "rstrip", trailing: name != "lstrip"))
        case "lower": return .string(text.lowercased)
        case "upper": return .string(text.uppercased)
        case "capitalize": return .string(text.capitalized)
        case "title": return .string(titled(text))
        case "join":
            guard case .list(let items)? = arguments.positional.first else { throw .rendering("join needs a list") }
            return .string(try join(items, text, &budget))
        case "format":
            for value in arguments.positional + arguments.named.map(\.value) { try budget.spend(reading: value) }
            return .string(try TemplateFormat.braces(text, arguments))
        case "isdigit": return .bool(all(text) { $0.numericType == .decimal || $0.numericType == .digit })
        case "isalpha": return .bool(all(text) { $0.generalCategory.isLetter })
        case "isalnum": return .bool(all(text) { $0.generalCategory.isLetter || $0.numericType != nil })
        case "isspace": return .bool(!text.isEmpty && text.units.allSatisfy(TemplateString.isSpace))
        case "islower": return .bool(text.hasCase && text == text.lowercased)
        case "isupper": return .bool(text.hasCase && text == text.uppercased)
        case "splitlines": return .list(text.splitLines(keepingEnds: arguments.flag(0, "keepends")).map { .string($0) })
        case "split", "rsplit": return .list(try split(text, name, arguments).map { .string($0) })
        default: return try search(text, name, arguments, &budget)
        }
    }

    private static func search(
        _ text: TemplateString, _ name: String, _ arguments: ArgumentValues, _ budget: inout TemplateBudget
    ) throws(ChatTemplateError) -> TemplateValue {
        if name == "startswith" || name == "endswith" {
            let affixes: [TemplateValue] = if case .tuple(let items)? = arguments.positional.first { items } else { arguments.positional }
            for affix in affixes {
                guard let affix = try string(affix, name) else { continue }
                if name == "startswith" ? text.hasPrefix(affix) : text.hasSuffix(affix) { return .bool(true) }
            }
            return .bool(false)
        }
        guard let needle = try string(arguments.value(0, "old"), name) else { throw .rendering("\(name) needs a string") }
        switch name {
        case "replace":
            guard let new = try string(arguments.value(1, "new"), name) else { throw .rendering("replace needs two strings") }
            let limit = arguments.value(2, "count")?.wholeNumber ?? -1
            let places = needle.isEmpty ? text.count + 1 : text.count / needle.count
            let (growth, overflow) = places.multipliedReportingOverflow(by: new.count)
            try budget.spend(overflow ? .max : growth)
            return .string(text.replacing(needle, with: new, atMost: limit < 0 ? .max : limit))
        case "find": return .integer(text.firstIndex(of: needle) ?? -1)
        case "index":
            guard let index = text.firstIndex(of: needle) else { throw .rendering("the text is not in the string") }
            return .integer(index)
        case "rfind": return .integer(text.reversed.firstIndex(of: needle.reversed).map { text.count - $0 - needle.count } ?? -1)
        case "count":
            return .integer(needle.isEmpty ? text.count + 1 : text.split(by: needle, atMost: .max).count - 1)
        case "removeprefix": return .string(text.hasPrefix(needle) ? text.slice(needle.count..<text.count) : text)
        case "removesuffix": return .string(text.hasSuffix(needle) ? text.slice(0..<(text.count - needle.count)) : text)
        default: return .tuple(partition(text, needle, fromEnd: name == "rpartition").map { .string($0) })
        }
    }

    private static func string(_ value: TemplateValue?, _ method: String) throws(ChatTemplateError) -> TemplateString? {
        switch value {
        case .string(let text)?: return text
        case nil, TemplateValue.none?: return nil
        case let other?: throw .rendering("\(method) needs a string, not \(other.typeName)")
        }
    }

    private static func split(
        _ text: TemplateString, _ name: String, _ arguments: ArgumentValues
    ) throws(ChatTemplateError) -> [TemplateString] {
        let maximum = arguments.value(1, "maxsplit")?.wholeNumber ?? -1
        let limit = maximum < 0 ? Int.max : maximum
        guard let separator = try string(arguments.value(0, "sep"), name) else {
            if name == "rsplit", limit != .max { throw .rendering("rsplit at white space takes no limit here") }
            return text.splitAtSpace(atMost: limit)
        }
        guard !separator.isEmpty else { throw .rendering("an empty separator") }
        return name == "split" ? text.split(by: separator, atMost: limit) : text.splitFromEnd(by: separator, atMost: limit)
    }

    private static func partition(_ text: TemplateString, _ separator: TemplateString, fromEnd: Bool) -> [TemplateString] {
        let parts = fromEnd ? text.splitFromEnd(by: separator, atMost: 1) : text.split(by: separator, atMost: 1)
        if parts.count == 2 { return [parts[0], separator, parts[1]] }
        return fromEnd ? [TemplateString(), TemplateString(), text] : [text, TemplateString(), TemplateString()]
    }

    private static func all(_ text: TemplateString, _ belongs: (Unicode.Scalar.Properties) -> Bool) -> Bool {
        !text.isEmpty && text.units.allSatisfy { Unicode.Scalar(TemplateString.scalar($0)).map { belongs($0.properties) } ?? false }
    }

    private static func titled(_ text: TemplateString) -> TemplateString {
        var output = TemplateString()
        var follows = false
        for index in 0..<text.count {
            let character = text.slice(index..<(index + 1))
            output.append(follows ? character.lowercased : character.mapped(\.titlecaseMapping))
            follows = character.hasCase
        }
        return output
    }
}

private extension Unicode.GeneralCategory {
    var isLetter: Bool {
        switch self {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }
}
