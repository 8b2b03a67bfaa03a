/// A token of a template.
struct TemplateToken: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case data(String)
        case blockBegin, blockEnd, variableBegin, variableEnd
        case name(String)
        case string(String)
        case integer(Int)
        case float(Double)
        case symbol(String)
        case end
    }

    var kind: Kind
    var line: Int
}

/// Cuts a template into text and the tokens of its tags, with `trim_blocks` and `lstrip_blocks` on as chat templates
/// expect: the line break after a block tag and the spaces before one on its line are dropped.
struct TemplateLexer {
    private let source: [Unicode.Scalar]
    private var position = 0
    private var line = 1
    private var tokens: [TemplateToken] = []
    /// Whether `position` is at the start of a line as far as stripping before a block is concerned.
    private var startsLine = true

    static func tokens(of source: String) throws(ChatTemplateError) -> [TemplateToken] {
        var lexer = TemplateLexer(source)
        while lexer.position < lexer.source.count { try lexer.scanSegment() }
        lexer.add(.end)
        return lexer.tokens
    }

    private init(_ text: String) {
        var scalars: [Unicode.Scalar] = []
        for scalar in text.unicodeScalars {
            if scalar == "\n", scalars.last == "\r" { scalars.removeLast() }
            scalars.append(scalar)
        }
        for index in scalars.indices where scalars[index] == "\r" { scalars[index] = "\n" }
        if scalars.last == "\n" { scalars.removeLast() }
        source = scalars
    }

    private mutating func add(_ kind: TemplateToken.Kind) { tokens.append(TemplateToken(kind: kind, line: line)) }

    private func hasText(_ text: StaticString, at index: Int) -> Bool {
        text.withUTF8Buffer { bytes in
            guard index + bytes.count <= source.count else { return false }
            for (offset, byte) in bytes.enumerated() where source[index + offset].value != UInt32(byte) { return false }
            return true
        }
    }

    private mutating func advance(to end: Int) {
        while position < end {
            if source[position] == "\n" { line += 1 }
            position += 1
        }
    }

    private mutating func skipSpace() {
        var end = position
        while end < source.count, isSpace(source[end]) { end += 1 }
        advance(to: end)
    }

    private func isSpace(_ scalar: Unicode.Scalar) -> Bool { TemplateString.isSpace(scalar.value) }
}

// MARK: Segments

extension TemplateLexer {
    /// Text up to the next tag, and the tag.
    private mutating func scanSegment() throws(ChatTemplateError) {
        var tag = position
        while tag < source.count, !(hasText("{%", at: tag) || hasText("{{", at: tag) || hasText("{#", at: tag)) { tag += 1 }
        guard tag < source.count else {
            addText(source[position...])
            return advance(to: tag)
        }
        let sign = tag + 2 < source.count ? source[tag + 2] : " "
        let isVariable = source[tag + 1] == "{"
        addText(stripped(source[position..<tag], sign: sign, isVariable: isVariable))
        advance(to: tag + (sign == "-" || sign == "+" ? 3 : 2))
        switch source[tag + 1] {
        case "#": try skipComment()
        case "{": try scanTag(opens: .variableBegin, closes: .variableEnd)
        default: if try !scanRaw() { try scanTag(opens: .blockBegin, closes: .blockEnd) }
        }
    }

    private mutating func addText(_ text: ArraySlice<Unicode.Scalar>) {
        if text.isEmpty { return }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text)
        add(.data(String(view)))
    }

    /// Text before a tag, stripped as the tag's sign and `lstrip_blocks` ask.
    private func stripped(
        _ text: ArraySlice<Unicode.Scalar>, sign: Unicode.Scalar, isVariable: Bool
    ) -> ArraySlice<Unicode.Scalar> {
        if sign == "-" {
            let end = text.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? text.startIndex
            return text[..<end]
        }
        if sign == "+" || isVariable { return text }
        let lineStart = text.lastIndex(of: "\n").map { $0 + 1 } ?? text.startIndex
        guard lineStart > text.startIndex || startsLine, text[lineStart...].allSatisfy(isSpace) else { return text }
        return text[..<lineStart]
    }

    private mutating func skipComment() throws(ChatTemplateError) {
        var end = position
        while !hasText("#}", at: end) {
            guard end < source.count else { throw .syntax(line: line, "a comment does not end") }
            end += 1
        }
        let sign: Unicode.Scalar = end > position ? source[end - 1] : " "
        advance(to: end + 2)
        closeTag(sign: sign, trimsLine: true)
    }

    /// After a tag: `-` drops all white space that follows, and a block drops a line break unless it ends in `+`.
    private mutating func closeTag(sign: Unicode.Scalar, trimsLine: Bool) {
        let before = position
        if sign == "-" {
            skipSpace()
        } else if sign != "+", trimsLine, position < source.count, source[position] == "\n" {
            advance(to: position + 1)
        }
        startsLine = position > before && source[position - 1] == "\n"
    }

    /// `{% raw %}` text `{% endraw %}`; false when the tag is another.
    private mutating func scanRaw() throws(ChatTemplateError) -> Bool {
        guard let opened = wordTag("raw", at: position) else { return false }
        advance(to: opened.end)
        closeTag(sign: opened.sign, trimsLine: false)
        startsLine = false
        let start = position
        var end = start
        while end < source.count {
            if hasText("{%", at: end) {
                let sign = end + 2 < source.count ? source[end + 2] : " "
                if let closed = wordTag("endraw", at: end + (sign == "-" || sign == "+" ? 3 : 2)) {
                    addText(stripped(source[start..<end], sign: sign, isVariable: false))
                    advance(to: closed.end)
                    closeTag(sign: closed.sign, trimsLine: true)
                    return true
                }
            }
            end += 1
        }
        throw .syntax(line: line, "a raw block does not end")
    }

    /// The rest of a tag that consists of this word alone.
    private func wordTag(_ word: StaticString, at start: Int) -> (end: Int, sign: Unicode.Scalar)? {
        var index = start
        while index < source.count, isSpace(source[index]) { index += 1 }
        guard hasText(word, at: index) else { return nil }
        index += word.utf8CodeUnitCount
        while index < source.count, isSpace(source[index]) { index += 1 }
        guard index < source.count else { return nil }
        let sign = source[index]
        if sign == "-" || sign == "+" { index += 1 }
        return hasText("%}", at: index) ? (index + 2, sign) : nil
    }
}

// MARK: Tags

extension TemplateLexer {
    private static let symbols: [StaticString] = [
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", "(", ")", "[", "]", "{", "}", "<", ">", "=", ".",
        ":", "|", ",",
    ]

    private mutating func scanTag(
        opens: TemplateToken.Kind, closes: TemplateToken.Kind
    ) throws(ChatTemplateError) {
        add(opens)
        let isBlock = closes == .blockEnd
        var brackets: [Unicode.Scalar] = []
        while true {
            skipSpace()
            guard position < source.count else { throw .syntax(line: line, "a tag does not end") }
            let sign = source[position]
            let end = sign == "-" || (isBlock && sign == "+") ? position + 1 : position
            if brackets.isEmpty, isBlock ? hasText("%}", at: end) : hasText("}}", at: end) {
                add(closes)
                let isSigned = end > position
                advance(to: end + 2)
                return closeTag(sign: isSigned ? sign : " ", trimsLine: isBlock)
            }
            try scanToken(&brackets)
        }
    }

    private mutating func scanToken(_ brackets: inout [Unicode.Scalar]) throws(ChatTemplateError) {
        let first = source[position]
        if first == "'" || first == "\"" { return try scanString() }
        if ("0"..."9").contains(first) { return try scanNumber() }
        if isNameStart(first) { return scanName() }
        guard let symbol = Self.symbols.first(where: { hasText($0, at: position) }) else {
            throw .syntax(line: line, "the character \"\(first)\" is not expected in a tag")
        }
        try balance(first, &brackets)
        add(.symbol("\(symbol)"))
        advance(to: position + symbol.utf8CodeUnitCount)
    }

    private func balance(_ symbol: Unicode.Scalar, _ brackets: inout [Unicode.Scalar]) throws(ChatTemplateError) {
        switch symbol {
        case "(": brackets.append(")")
        case "[": brackets.append("]")
        case "{": brackets.append("}")
        case ")", "]", "}":
            guard brackets.popLast() == symbol else { throw .syntax(line: line, "\"\(symbol)\" closes nothing") }
        default: break
        }
    }

    private func isNameStart(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            || (scalar.value > 127 && scalar.properties.isXIDStart)
    }

    private mutating func scanName() {
        var end = position
        while end < source.count, isNameStart(source[end]) || ("0"..."9").contains(source[end])
            || (source[end].value > 127 && source[end].properties.isXIDContinue) { end += 1 }
        var name = String.UnicodeScalarView()
        name.append(contentsOf: source[position..<end])
        add(.name(String(name)))
        advance(to: end)
    }

    private mutating func scanNumber() throws(ChatTemplateError) {
        var end = position
        func skipDigits() { while end < source.count, ("0"..."9").contains(source[end]) || source[end] == "_" { end += 1 } }
        func isDigit(_ index: Int) -> Bool { index < source.count && ("0"..."9").contains(source[index]) }
        skipDigits()
        var isFloat = false
        if end < source.count, source[end] == ".", isDigit(end + 1) {
            isFloat = true
            end += 1
            skipDigits()
        }
        if end < source.count, source[end] == "e" || source[end] == "E" {
            let signed = end + 1 < source.count && (source[end + 1] == "+" || source[end + 1] == "-")
            if isDigit(end + (signed ? 2 : 1)) {
                isFloat = true
                end += signed ? 2 : 1
                skipDigits()
            }
        }
        let digits = String(String.UnicodeScalarView(source[position..<end].filter { $0 != "_" }))
        if isFloat, let value = Double(digits) { add(.float(value)) }
        else if let value = Int(digits) { add(.integer(value)) }
        else { throw .syntax(line: line, "\(digits) is not a number that can be used") }
        advance(to: end)
    }

    private mutating func scanString() throws(ChatTemplateError) {
        let quote = source[position]
        var text = String.UnicodeScalarView()
        var index = position + 1
        while true {
            guard index < source.count else { throw .syntax(line: line, "a string does not end") }
            let scalar = source[index]
            index += 1
            if scalar == quote { break }
            if scalar == "\\" { try scanEscape(&index, into: &text) } else { text.append(scalar) }
        }
        add(.string(String(text)))
        advance(to: index)
    }

    /// Python's escapes; an unknown one stands for itself.
    private func scanEscape(
        _ index: inout Int, into text: inout String.UnicodeScalarView
    ) throws(ChatTemplateError) {
        guard index < source.count else { throw .syntax(line: line, "a string does not end") }
        let scalar = source[index]
        index += 1
        switch scalar {
        case "n": text.append("\n")
        case "t": text.append("\t")
        case "r": text.append("\r")
        case "a": text.append("\u{7}")
        case "b": text.append("\u{8}")
        case "f": text.append("\u{C}")
        case "v": text.append("\u{B}")
        case "\\", "'", "\"": text.append(scalar)
        case "\n": break
        case "x": text.append(try hexadecimal(2, &index))
        case "u": text.append(try hexadecimal(4, &index))
        case "U": text.append(try hexadecimal(8, &index))
        case "0"..."7":
            var value = scalar.value - 48
            while index < source.count, ("0"..."7").contains(source[index]), value < 64 {
                value = value * 8 + source[index].value - 48
                index += 1
            }
            text.append(Unicode.Scalar(value) ?? "\u{FFFD}")
        default:
            text.append("\\")
            text.append(scalar)
        }
    }

    private func hexadecimal(_ digits: Int, _ index: inout Int) throws(ChatTemplateError) -> Unicode.Scalar {
        let end = index + digits
        guard end <= source.count,
            let value = UInt32(String(String.UnicodeScalarView(source[index..<end])), radix: 16),
            let scalar = Unicode.Scalar(value)
        else { throw .syntax(line: line, "an escape in a string is not valid") }
        index = end
        return scalar
    }
}
