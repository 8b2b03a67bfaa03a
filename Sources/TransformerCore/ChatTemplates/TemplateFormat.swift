/// Python's and JSON's spellings of values.
enum TemplateFormat {
    /// Python's `repr` of a float: the shortest digits, exponents of two digits at least.
    static func float(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        var text = "\(value)"
        guard let e = text.firstIndex(of: "e") else { return text }
        // Swift turns to exponents at 2^53 and 1e-4, Python at 1e16 and 1e-4.
        let exponent = Int(text[text.index(after: e)...]) ?? 0
        var mantissa = String(text[..<e])
        if mantissa.hasSuffix(".0") { mantissa.removeLast(2) }
        if (0..<16).contains(exponent) {
            let digits = mantissa.filter { $0 != "." }
            let fraction = mantissa.split(separator: ".").dropFirst().first?.count ?? 0
            text = digits + String(repeating: "0", count: max(0, exponent - fraction)) + ".0"
            return text
        }
        let magnitude = "\(abs(exponent))"
        return mantissa + "e" + (exponent < 0 ? "-" : "+") + (magnitude.count < 2 ? "0" : "") + magnitude
    }

    /// Python's `repr` of a string. What is added is trusted, escaped characters keep their mark.
    static func quoted(_ value: TemplateString) -> TemplateString {
        let hasSingle = value.units.contains { TemplateString.scalar($0) == 39 }
        let hasDouble = value.units.contains { TemplateString.scalar($0) == 34 }
        let quote = hasSingle && !hasDouble ? "\"" : "'"
        let body = value.mapped(scalars: { scalar in
            switch scalar.value {
            case 92: return #"\\"#
            case 39 where quote == "'": return #"\'"#
            case 10: return #"\n"#
            case 13: return #"\r"#
            case 9: return #"\t"#
            case 0..<32, 127..<161, 173: return #"\x"# + hex(scalar.value, 2)
            default: return nil
            }
        })
        let mark = TemplateString(quote, trusted: true)
        return mark + body + mark
    }

    static func hex(_ value: UInt32, _ digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

extension TemplateString {
    /// Characters replaced where `mapping` gives a spelling; the mark of each is kept.
    func mapped(scalars mapping: (Unicode.Scalar) -> String?) -> TemplateString {
        var output: [UInt32] = []
        output.reserveCapacity(units.count)
        for unit in units {
            if let scalar = Unicode.Scalar(Self.scalar(unit)), let text = mapping(scalar) {
                output += TemplateString(text, trusted: isTrusted(unit)).units
            } else {
                output.append(unit)
            }
        }
        return TemplateString(units: output)
    }

    private func isTrusted(_ unit: UInt32) -> Bool { unit != Self.scalar(unit) }
}

/// `tojson` as transformers sets it up: `json.dumps` without ASCII escapes.
struct TemplateJSON {
    var indent: Int?
    var itemSeparator: TemplateString
    var keySeparator = TemplateString(": ", trusted: true)
    var sortsKeys = false
    var escapesNonASCII = false

    init(indent: Int?) {
        self.indent = indent
        itemSeparator = TemplateString(indent == nil ? ", " : ",", trusted: true)
    }

    func text(_ value: TemplateValue, depth: Int = 0) throws(ChatTemplateError) -> TemplateString {
        switch value {
        case .none: return plain("null")
        case .bool(let value): return plain(value ? "true" : "false")
        case .integer, .float: return number(value)
        case .string(let text): return quoted(text)
        case .list(let items), .tuple(let items):
            var parts: [TemplateString] = []
            for item in items { parts.append(try text(item, depth: depth + 1)) }
            return enclosed(parts, "[", "]", depth)
        case .dictionary(let dictionary):
            var parts: [TemplateString] = []
            for (key, value) in try ordered(dictionary.items) {
                parts.append(quoted(try name(key)) + keySeparator + (try text(value, depth: depth + 1)))
            }
            return enclosed(parts, "{", "}", depth)
        default: throw .rendering("\(value.typeName) has no JSON form")
        }
    }

    private func plain(_ text: String) -> TemplateString { TemplateString(text, trusted: true) }

    private func number(_ value: TemplateValue) -> TemplateString {
        guard case .float(let double) = value, !double.isFinite else { return value.printed }
        return plain(double.isNaN ? "NaN" : double < 0 ? "-Infinity" : "Infinity")
    }

    private func ordered(
        _ items: [(key: TemplateValue, value: TemplateValue)]
    ) throws(ChatTemplateError) -> [(key: TemplateValue, value: TemplateValue)] {
        guard sortsKeys else { return items }
        return items.sorted { $0.key.isLess(than: $1.key) ?? false }
    }

    private func name(_ key: TemplateValue) throws(ChatTemplateError) -> TemplateString {
        if case .string(let name) = key { return name }
        return try text(key)
    }

    private func enclosed(_ parts: [TemplateString], _ open: String, _ close: String, _ depth: Int) -> TemplateString {
        if parts.isEmpty { return plain(open + close) }
        let before = indent.map { "\n" + String(repeating: " ", count: $0 * (depth + 1)) } ?? ""
        let after = indent.map { "\n" + String(repeating: " ", count: $0 * depth) } ?? ""
        var text = plain(open + before)
        for (index, part) in parts.enumerated() {
            if index > 0 { text.append(itemSeparator + plain(before)) }
            text.append(part)
        }
        return text + plain(after + close)
    }

    private func quoted(_ text: TemplateString) -> TemplateString {
        let quote = plain("\"")
        return quote + text.mapped(scalars: { scalar in
            switch scalar.value {
            case 34: return #"\""#
            case 92: return #"\\"#
            case 10: return #"\n"#
            case 13: return #"\r"#
            case 9: return #"\t"#
            case 8: return #"\b"#
            case 12: return #"\f"#
            case 0..<32: return #"\u"# + TemplateFormat.hex(scalar.value, 4)
            case 127... where escapesNonASCII: return Self.escape(scalar)
            default: return nil
            }
        }) + quote
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String? {
        if scalar.value == 127 { return nil }
        return String(scalar).utf16.map { #"\u"# + TemplateFormat.hex(UInt32($0), 4) }.joined()
    }
}

// MARK: Formats

extension TemplateFormat {
    /// `"…%s…" % values` with the conversions `s`, `d` and `%`.
    static func percent(_ format: TemplateString, _ values: TemplateValue) throws(ChatTemplateError) -> TemplateString {
        var arguments: [TemplateValue] = if case .tuple(let items) = values { items } else { [values] }
        var output = TemplateString()
        var index = 0
        while index < format.count {
            guard format.scalar(at: index) == 37 else {
                output.append(format.slice(index..<(index + 1)))
                index += 1
                continue
            }
            guard index + 1 < format.count else { throw .rendering("a format ends in %") }
            switch format.scalar(at: index + 1) {
            case 37: output.append(format.slice(index..<(index + 1)))
            case 115, 100:
                guard !arguments.isEmpty else { throw .rendering("a format has too few values") }
                output.append(arguments.removeFirst().printed)
            default: throw .rendering("a format other than %s and %d")
            }
            index += 2
        }
        guard arguments.isEmpty else { throw .rendering("a format has too many values") }
        return output
    }

    /// `"…{}…".format(values)` with empty, numbered and named fields, without format specifications.
    static func braces(_ format: TemplateString, _ arguments: ArgumentValues) throws(ChatTemplateError) -> TemplateString {
        var output = TemplateString()
        var next = 0
        var index = 0
        while index < format.count {
            let scalar = format.scalar(at: index)
            guard scalar == 123 || scalar == 125 else {
                output.append(format.slice(index..<(index + 1)))
                index += 1
                continue
            }
            if index + 1 < format.count, format.scalar(at: index + 1) == scalar {
                output.append(format.slice(index..<(index + 1)))
                index += 2
                continue
            }
            guard scalar == 123, let end = format.firstIndex(of: TemplateString("}", trusted: true), from: index) else {
                throw .rendering("a format with a single brace")
            }
            let field = format.slice((index + 1)..<end).text
            let value = field.isEmpty ? arguments.value(next, "") : arguments.value(Int(field) ?? .max, field)
            if field.isEmpty { next += 1 }
            guard let value else { throw .rendering("a format has no value for {\(field)}") }
            output.append(value.printed)
            index = end + 1
        }
        return output
    }
}
