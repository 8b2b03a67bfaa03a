/// Manual pages in roff, by the macros of man(7) and mdoc(7): sections, lists, examples, without the markup.
package struct ManPageLoader: DocumentLoader {
    package let formatName = "man page"

    package init() {}

    package func canLoad(_ file: FileContents) -> Bool {
        let name = file.pathExtension
        guard let first = name.first, name == "man" || name == "mdoc" || (first.isNumber && name.count <= 4) else { return false }
        let start = String(decoding: file.bytes.prefix(8192), as: UTF8.self)
        return start.contains(".TH ") || start.contains(".Dd ") || start.contains(".SH ") || start.hasPrefix(".so ")
    }

    package func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        let decoded = file.decoded()
        var reader = ManPageReader(builder: DocumentBuilder(budget: file.budget))
        reader.builder.notices = decoded.notices
        for line in String(decoding: decoded.bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false) { try reader.line(line) }
        try reader.flush()
        return reader.builder.finish()
    }
}

private struct ManPageReader {
    var builder: DocumentBuilder
    private var text = "", tag: String?, isExact = false, isTagNext = false, isInItem = false
    private var command = ""

    init(builder: DocumentBuilder) { self.builder = builder }

    mutating func flush() throws(IngestionError) {
        defer { (text, tag) = ("", nil) }
        if isExact { return try builder.code(text) }
        let plain = text.contains { !$0.isWhitespace }
        if let tag, !tag.isEmpty { return try builder.listItem(tag + (plain ? ": " + text : "")) }
        if isInItem { try builder.listItem(text) } else { try builder.paragraph(text) }
    }

    mutating func line(_ line: Substring) throws(IngestionError) {
        guard line.hasPrefix(".") || line.hasPrefix("'") else { return try add(Roff.plain(line)) }
        let body = line.dropFirst().drop { $0 == " " || $0 == "\t" }
        if body.hasPrefix("\\\"") || body.isEmpty { return }
        let name = body.prefix { !$0.isWhitespace }
        try macro(String(name), Roff.arguments(body[name.endIndex...]))
    }

    private mutating func add(_ piece: String) throws(IngestionError) {
        if isTagNext {
            isTagNext = false
            tag = piece
        } else if isExact {
            text += piece + "\n"
        } else if piece.isEmpty {
            try flush()
        } else {
            text += (text.isEmpty ? "" : " ") + piece
        }
    }

    private mutating func macro(_ name: String, _ arguments: [String]) throws(IngestionError) {
        let joined = arguments.joined(separator: " ")
        switch name {
        case "TH", "Dt": builder.title = arguments.prefix(2).joined(separator: "(") + (arguments.count > 1 ? ")" : "")
        case "SH", "Sh", "SS", "Ss":
            try end()
            try builder.heading(joined, level: name.lowercased() == "sh" ? 1 : 2)
        case "PP", "P", "LP", "Pp", "HP", "sp", "RS", "RE": try flush(); if name != "RS", name != "sp" { isInItem = false }
        case "br": if !text.isEmpty { text += "\n" }
        case "TP", "TQ":
            try flush()
            (isTagNext, isInItem) = (true, true)
        case "IP", "It":
            try flush()
            isInItem = true
            tag = name == "It" ? mdoc(arguments) : arguments.first.map { $0 == "•" || $0 == "\\(bu" ? "" : $0 }
        case "El", "Bl": try end()
        case "nf", "EX", "Bd", "Vb":
            try flush()
            isExact = true
        case "fi", "EE", "Ed", "Ve":
            if isExact { try flush() }
            isExact = false
        case "B", "I", "SM", "SB", "R": try add(joined)
        case "BR", "RB", "BI", "IB", "IR", "RI": try add(arguments.joined())
        case "UR", "MT": try add(joined)
        case "Nm":
            if let first = arguments.first, first.first?.isLetter == true { command = command.isEmpty ? first : command }
            try add(joined.isEmpty ? command : mdoc(arguments))
        case "Nd": try add("– " + joined)
        case "Dd", "Os", "de", "ds", "so", "ie", "el", "if", "nr", "ad", "hy", "nh", "in", "ti", "ta", "PD", "UE", "ME", "ig", "tr", "..", ".", "rm", "ne", "TS", "DT", "fam", "ft", "ps", "vs": break
        default: if name.count == 2, name.first?.isUppercase == true { try add(mdoc([name] + arguments)) }
        }
    }

    private mutating func end() throws(IngestionError) {
        try flush()
        (isInItem, isExact, isTagNext) = (false, false, false)
    }

    /// The words of an mdoc line: calls of macros are replaced by what they print.
    private func mdoc(_ words: [String]) -> String {
        var output = "", prefix = ""
        for word in words {
            switch word {
            case "Fl": prefix += "-"
            case "Op", "Oo": prefix += "["
            case "Oc": output += "]"
            case "Ar", "Cm", "Pa", "Ev", "Va", "Fa", "Fn", "Em", "Sy", "Li", "Dv", "Er", "Vt", "Ft", "Ic", "Ql", "Dq", "Sq", "Pq", "Xr", "Sx", "An", "Aq", "Ns", "No", "Bx", "Nm", "Tn", "Xo", "Xc", "Lk", "Mt": break
            case ",", ".", ";", ":", ")", "?", "!": output += word
            default:
                output += (output.isEmpty || output.hasSuffix("(") ? "" : " ") + prefix + word
                prefix = ""
            }
        }
        return output + prefix
    }
}

/// Escapes and arguments of roff.
enum Roff {
    private static let named: [Substring: String] = [
        "em": "—", "en": "–", "bu": "•", "aq": "'", "dq": "\"", "lq": "“", "rq": "”", "oq": "‘", "cq": "’", "co": "©", "rg": "®", "tm": "™", "ha": "^", "ti": "~", "ga": "`", "rs": "\\",
        "mi": "−", "mu": "×", "->": "→", "<-": "←", ">=": "≥", "<=": "≤", "de": "°", "ss": "ß", ":a": "ä", ":o": "ö", ":u": "ü", "'e": "é", "`e": "è", "hy": "-", "sq": "□",
    ]

    static func plain(_ line: Substring) -> String {
        var output = "", rest = line
        while let slash = rest.firstIndex(of: "\\") {
            output += rest[..<slash]
            rest = rest[rest.index(after: slash)...]
            guard let kind = rest.first else { break }
            rest = rest.dropFirst()
            switch kind {
            case "f", "s", "*", "n", "g", "k", "F", "m", "M": rest = skipName(rest, sized: kind == "s")
            case "(": output += named[rest.prefix(2)] ?? ""; rest = rest.dropFirst(2)
            case "[":
                let name = rest.prefix { $0 != "]" }
                if name.hasPrefix("u"), let code = UInt32(name.dropFirst(), radix: 16), let scalar = Unicode.Scalar(code) { output.unicodeScalars.append(scalar) } else { output += named[name] ?? "" }
                rest = rest[name.endIndex...].dropFirst()
            case "-": output += "-"
            case "e", "\\": output += "\\"
            case " ", "~", "0", "t": output += " "
            case "\"": return output
            case "&", "|", "^", "/", ",", ":", "%", "c", ")": break
            case "h", "v", "w", "d", "u":
                if rest.first == "'" { rest = rest.dropFirst().drop { $0 != "'" }.dropFirst() }
            default: output.append(kind)
            }
        }
        return output + rest
    }

    private static func skipName(_ text: Substring, sized: Bool) -> Substring {
        if text.first == "(" { return text.dropFirst(3) }
        if text.first == "[" { return text.drop { $0 != "]" }.dropFirst() }
        if sized, let sign = text.first, sign == "+" || sign == "-" { return text.dropFirst(2) }
        return text.dropFirst()
    }

    /// Words, or phrases in quotation marks.
    static func arguments(_ text: Substring) -> [String] {
        var result: [String] = [], rest = text.drop { $0 == " " || $0 == "\t" }
        while !rest.isEmpty, result.count < 100 {
            let word: Substring
            if rest.first == "\"" {
                word = rest.dropFirst().prefix { $0 != "\"" }
                rest = rest[word.endIndex...].dropFirst()
            } else {
                var end = rest.startIndex, isEscaped = false
                while end < rest.endIndex, isEscaped || (rest[end] != " " && rest[end] != "\t") {
                    isEscaped = rest[end] == "\\" && !isEscaped
                    end = rest.index(after: end)
                }
                word = rest[..<end]
                rest = rest[end...]
            }
            result.append(plain(word))
            rest = rest.drop { $0 == " " || $0 == "\t" }
        }
        return result
    }
}
