/// The name and nature of the declaration that a piece of source code begins with.
struct Declaration: Equatable {
    /// Enclosing type first, joined by full stops, where the line itself says so (`func (s *Stack) Push`).
    var name: String
    /// Whether it holds members worth blocks of their own.
    var isContainer: Bool

    private static let containers: Set<String> = [
        "class", "struct", "enum", "interface", "protocol", "extension", "trait", "impl", "module", "namespace", "object", "actor", "record", "union",
        "defmodule", "mixin", "contract", "message", "service", "package",
    ]
    private static let functions: Set<String> = ["func", "function", "fn", "def", "fun", "sub", "macro", "defp", "defmacro", "procedure", "type", "typealias", "table", "view", "trigger"]
    private static let variables: Set<String> = ["const", "let", "var", "val", "local"]

    /// - Parameters:
    ///   - line: the declaration's first line of code, and following ones up to its body.
    ///   - hasBody: whether brackets or indented lines follow.
    ///   - allowsBareFunctions: whether a name before a parenthesis declares a function without a keyword, as in C.
    init?(_ line: Substring, hasBody: Bool, allowsBareFunctions: Bool) {
        let words = Self.words(line.prefix(400))
        for (index, word) in words.enumerated().prefix(12) {
            if word == "=" || word == "return" || word == "import" { break }
            let isContainer = Self.containers.contains(word)
            guard isContainer || Self.functions.contains(word) else { continue }
            guard let name = Self.name(words[(index + 1)...], after: word) else { continue }
            // `enum class`, `package struct`, `static func`: the last keyword counts.
            if Self.containers.contains(name) || Self.functions.contains(name) { continue }
            self.init(name: name, isContainer: isContainer)
            return
        }
        guard hasBody else { return nil }
        if let first = words.firstIndex(where: Self.variables.contains), first <= 2, words.dropFirst(first + 1).first.map(Self.isName) == true,
            words.contains("=>") || words.contains("function") {
            self.init(name: words[first + 1], isContainer: false)
        } else if allowsBareFunctions, let open = words.firstIndex(of: "("), open > 0, let name = Self.qualified(words[..<open]), !Self.control.contains(name) {
            self.init(name: name, isContainer: false)
        } else {
            return nil
        }
    }

    private init(name: String, isContainer: Bool) {
        self.name = name
        self.isContainer = isContainer
    }

    private static let control: Set<String> = ["if", "for", "while", "switch", "do", "else", "match", "return", "catch", "guard", "case", "with", "until", "unless", "when", "select"]

    private static func isName(_ word: String) -> Bool { word.utf8.first.map(Ascii.isWord) ?? false }

    private static func name(_ words: ArraySlice<String>, after keyword: String) -> String? {
        var rest = words
        if keyword == "impl", rest.first == "<", let close = rest.firstIndex(of: ">") { rest = rest[(close + 1)...] }
        if keyword == "impl", let target = rest.firstIndex(of: "for") { rest = rest[(target + 1)...] }
        var receiver: String?
        if rest.first == "(", keyword == "func", let close = rest.firstIndex(of: ")") {
            receiver = rest[..<close].last { isName($0) }
            rest = rest[(close + 1)...]
        }
        guard let first = rest.first, isName(first) else { return nil }
        var name = first, next = rest.dropFirst()
        while let separator = next.first, separator == "." || separator == "::" || separator == ":", let part = next.dropFirst().first, isName(part),
            keyword == "function" || keyword == "def" || keyword == "extension" || keyword == "namespace" || keyword == "defmodule" || keyword == "module" || keyword == "fun" {
            name += "." + part
            next = next.dropFirst(2)
        }
        return receiver.map { $0 + "." + name } ?? name
    }

    /// `Stack::push` before a parenthesis.
    private static func qualified(_ words: ArraySlice<String>) -> String? {
        guard let last = words.last, isName(last), !Ascii.isDigit(last.utf8.first ?? 0x30) else { return nil }
        var parts = [last], rest = words.dropLast()
        while rest.last == "::" || rest.last == "~", let part = rest.dropLast().last, isName(part) || part == "::" {
            if isName(part) { parts.insert(part, at: 0) }
            rest = rest.dropLast(2)
        }
        return parts.joined(separator: ".")
    }

    /// Identifiers and marks of a line.
    private static func words(_ line: Substring) -> [String] {
        var words: [String] = [], word: [UInt8] = []
        let bytes = Array(line.utf8)
        var index = 0
        func flush() {
            if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
            word = []
        }
        while index < bytes.count {
            let byte = bytes[index]
            if Ascii.isWord(byte) {
                word.append(byte)
            } else {
                flush()
                let isPair = index + 1 < bytes.count && ((byte == UInt8(ascii: ":") && bytes[index + 1] == byte) || (byte == UInt8(ascii: "=") && bytes[index + 1] == UInt8(ascii: ">")))
                if isPair { words.append(byte == UInt8(ascii: ":") ? "::" : "=>"); index += 1 } else if !Ascii.isSpace(byte) { words.append(String(UnicodeScalar(byte))) }
            }
            index += 1
        }
        flush()
        return words
    }
}
