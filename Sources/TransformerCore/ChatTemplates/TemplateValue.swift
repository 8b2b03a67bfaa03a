/// A value a template computes with.
enum TemplateValue: Sendable {
    /// Nothing of this name; the name is kept for messages.
    case undefined(String)
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case string(TemplateString)
    case list([TemplateValue])
    case tuple([TemplateValue])
    case dictionary(TemplateDictionary)
    case namespace(TemplateNamespace)
    case loop(TemplateLoop)
    case macro(TemplateMacro)
    /// A function of the environment.
    case function(String)
    /// A method taken from a value.
    indirect case method(of: TemplateValue, name: String)
}

/// Key and value pairs in the order they were inserted.
struct TemplateDictionary: Sendable {
    private(set) var items: [(key: TemplateValue, value: TemplateValue)] = []

    subscript(_ key: TemplateValue) -> TemplateValue? { items.first { $0.key.isEqual(key) }?.value }

    subscript(_ name: String) -> TemplateValue? { self[.string(TemplateString(name, trusted: true))] }

    mutating func set(_ key: TemplateValue, _ value: TemplateValue) {
        if let index = items.firstIndex(where: { $0.key.isEqual(key) }) {
            items[index].value = value
        } else {
            items.append((key, value))
        }
    }
}

/// What `namespace()` makes: the one value that changes in place. Only the render that made it sees it.
final class TemplateNamespace: @unchecked Sendable {
    var fields: [String: TemplateValue] = [:]
}

/// The variable `loop` of one iteration.
struct TemplateLoop: Sendable {
    var index: Int
    var items: [TemplateValue]
    var depth: Int
}

/// A macro and the scope it was defined in. Only the render that made it sees it.
final class TemplateMacro: @unchecked Sendable {
    let definition: MacroDefinition
    let scope: TemplateScope

    init(_ definition: MacroDefinition, _ scope: TemplateScope) {
        self.definition = definition
        self.scope = scope
    }
}

extension TemplateValue {
    /// A string of the template's own making.
    static func trusted(_ text: String) -> TemplateValue { .string(TemplateString(text, trusted: true)) }

    var typeName: String {
        switch self {
        case .undefined: "undefined"
        case .none: "none"
        case .bool: "a boolean"
        case .integer, .float: "a number"
        case .string: "a string"
        case .list: "a list"
        case .tuple: "a tuple"
        case .dictionary: "a mapping"
        case .namespace: "a namespace"
        case .loop: "a loop"
        case .macro, .function, .method: "a function"
        }
    }

    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .float(let value): value != 0
        case .string(let value): !value.isEmpty
        case .list(let items), .tuple(let items): !items.isEmpty
        case .dictionary(let value): !value.items.isEmpty
        case .namespace, .loop, .macro, .function, .method: true
        }
    }

    var isUndefined: Bool { if case .undefined = self { true } else { false } }
    var isNone: Bool { if case .none = self { true } else { false } }

    /// Whether a mapping can be asked for this; lists and mappings cannot.
    var isKey: Bool {
        switch self {
        case .none, .bool, .integer, .float, .string: true
        default: false
        }
    }

    /// Numbers and booleans as Python counts them.
    var number: Double? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .integer(let value): Double(value)
        case .float(let value): value
        default: nil
        }
    }

    var wholeNumber: Int? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .integer(let value): value
        default: nil
        }
    }

    /// Equality as Python has it; functions equal nothing.
    func isEqual(_ other: TemplateValue) -> Bool {
        switch (self, other) {
        case (.undefined, .undefined), (.none, .none): return true
        case (.string(let a), .string(let b)): return a == b
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { $0.isEqual($1) }
        case (.dictionary(let a), .dictionary(let b)):
            return a.items.count == b.items.count && a.items.allSatisfy { key, value in b[key].map { value.isEqual($0) } ?? false }
        case (.namespace(let a), .namespace(let b)): return a === b
        case (.macro(let a), .macro(let b)): return a === b
        default:
            if let a = wholeNumber, let b = other.wholeNumber { return a == b }
            guard let a = number, let b = other.number else { return false }
            return a == b
        }
    }

    /// Order of numbers, strings and lists of them; `nil` where Python has none.
    func isLess(than other: TemplateValue) -> Bool? {
        switch (self, other) {
        case (.string(let a), .string(let b)): return a < b
        case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
            for (x, y) in zip(a, b) where !x.isEqual(y) { return x.isLess(than: y) }
            return a.count < b.count
        default:
            if let a = wholeNumber, let b = other.wholeNumber { return a < b }
            guard let a = number, let b = other.number else { return nil }
            return a < b
        }
    }
}

// MARK: Text

extension TemplateValue {
    /// What `{{ value }}` prints: Python's `str`.
    var printed: TemplateString {
        if case .string(let value) = self { return value }
        if case .undefined = self { return TemplateString() }
        return represented
    }

    /// Python's `repr`, which `str` uses inside of containers.
    var represented: TemplateString {
        func plain(_ text: String) -> TemplateString { TemplateString(text, trusted: true) }
        func joined(_ items: [TemplateValue], _ open: String, _ close: String) -> TemplateString {
            var text = plain(open)
            for (index, item) in items.enumerated() {
                if index > 0 { text.append(plain(", ")) }
                text.append(item.represented)
            }
            return text + plain(close)
        }
        switch self {
        case .undefined: return plain("Undefined")
        case .none: return plain("None")
        case .bool(let value): return plain(value ? "True" : "False")
        case .integer(let value): return plain("\(value)")
        case .float(let value): return plain(TemplateFormat.float(value))
        case .string(let value): return TemplateFormat.quoted(value)
        case .list(let items): return joined(items, "[", "]")
        case .tuple(let items): return joined(items, "(", items.count == 1 ? ",)" : ")")
        case .dictionary(let value):
            var text = plain("{")
            for (index, item) in value.items.enumerated() {
                if index > 0 { text.append(plain(", ")) }
                text.append(item.key.represented + plain(": ") + item.value.represented)
            }
            return text + plain("}")
        case .namespace: return plain("<Namespace>")
        case .loop(let loop): return plain("<LoopContext \(loop.index + 1)/\(loop.items.count)>")
        case .macro(let macro): return plain("<Macro '\(macro.definition.name)'>")
        case .function(let name): return plain("<function \(name)>")
        case .method(_, let name): return plain("<method \(name)>")
        }
    }
}
