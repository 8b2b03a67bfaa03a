/// LaTeX: sections, lists, tables, listings; title and author as metadata. The text is the file, from `\begin{document}`
/// on where there is one.
package struct LaTeXLoader: TextFormatLoader {
    package let formatName = "LaTeX"
    package let extensions: Set<String> = ["tex", "latex", "ltx"]

    package init() {}

    private static let levels = ["part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5, "subparagraph": 6]
    private static let verbatim: Set<String> = ["verbatim", "verbatim*", "lstlisting", "minted", "Verbatim", "alltt", "comment"]
    private static let tables: Set<String> = ["tabular", "tabular*", "tabularx", "longtable", "array"]

    package func load(_ source: SourceText, of file: FileContents) -> LoadedDocument {
        var out = SourceBlocks(source), metadata: [String: String] = [:]
        let begin = (0..<source.lineCount).first { out.text($0).hasPrefix("\\begin{document}") }
        for line in 0..<(begin ?? min(source.lineCount, 100)) + (begin == nil ? 0 : min(40, source.lineCount - (begin ?? 0))) where line < source.lineCount {
            for name in ["title", "author", "date"] where out.text(line).hasPrefix("\\\(name){") || out.text(line).hasPrefix("\\\(name)[") {
                metadata[name] = metadata[name] ?? Self.argument(out, line)
            }
        }
        var line = begin.map { $0 + 1 } ?? 0
        while line < source.lineCount, source.hasTime {
            if out.text(line).hasPrefix("\\end{document}") { break }
            line = Self.step(line, &out)
        }
        return out.document(title: metadata["title"], metadata: metadata)
    }

    private static func step(_ line: Int, _ out: inout SourceBlocks) -> Int {
        let text = out.text(line)
        if text.isEmpty || text.hasPrefix("%") { return line + 1 }
        if let (name, end) = command(text), let level = levels[name] {
            _ = end
            out.heading(argument(out, line) ?? text, level: level, line..<(line + 1))
            return line + 1
        }
        if let name = environment(text, "\\begin{") {
            if verbatim.contains(name) {
                let end = out.end(from: line + 1) { out.text($0).hasPrefix("\\end{\(name)}") }
                if name != "comment" { out.add(.code(language: nil, name: nil), (line + 1)..<max(line + 1, end)) }
                return min(end + 1, out.source.lineCount)
            }
            if tables.contains(name) { return table(line, name, &out) }
            return line + 1
        }
        if text.hasPrefix("\\end{") || isSetting(text) { return line + 1 }
        let isItem = text.hasPrefix("\\item") || text.hasPrefix("\\bibitem")
        let end = out.end(from: line + 1) { other in
            let next = out.text(other)
            return next.isEmpty || next.hasPrefix("%") || next.hasPrefix("\\item") || next.hasPrefix("\\begin{") || next.hasPrefix("\\end{") || next.hasPrefix("\\bibitem")
                || command(next).map { levels[$0.name] != nil } == true
        }
        out.add(isItem ? .listItem : .paragraph, line..<end)
        return end
    }

    private static func table(_ line: Int, _ name: String, _ out: inout SourceBlocks) -> Int {
        let end = out.end(from: line + 1) { out.text($0).hasPrefix("\\end{\(name)}") }
        var row = line + 1, isFirst = true
        while row < end {
            let text = out.text(row)
            let isRule = text.isEmpty || (text.hasPrefix("\\") && !text.contains("&") && !text.hasPrefix("\\text") && !text.hasPrefix("\\multi"))
            guard !isRule else { row += 1; continue }
            let next = min(end, out.end(from: row) { out.text($0).contains("\\\\") } + 1)
            out.add(.tableRow(header: isFirst), row..<max(next, row + 1))
            isFirst = false
            row = max(next, row + 1)
        }
        return min(end + 1, out.source.lineCount)
    }

    private static func command(_ text: String) -> (name: String, end: String.Index)? {
        guard text.hasPrefix("\\") else { return nil }
        let name = text.dropFirst().prefix { $0.isLetter }
        let rest = text[name.endIndex...].drop { $0 == "*" }
        return rest.hasPrefix("{") || rest.hasPrefix("[") ? (String(name), rest.startIndex) : nil
    }

    private static func environment(_ text: String, _ prefix: String) -> String? {
        guard text.hasPrefix(prefix), let close = text.firstIndex(of: "}") else { return nil }
        return String(text[text.index(text.startIndex, offsetBy: prefix.count)..<close])
    }

    private static func isSetting(_ text: String) -> Bool {
        ["\\maketitle", "\\tableofcontents", "\\usepackage", "\\documentclass", "\\newcommand", "\\label{", "\\bibliography", "\\centering", "\\newpage", "\\clearpage",
            "\\includegraphics", "\\vspace", "\\hspace", "\\noindent\\", "\\pagestyle", "\\setlength"].contains { text.hasPrefix($0) }
    }

    /// What stands in the braces of the line's first command, without markup, over at most four lines.
    private static func argument(_ out: SourceBlocks, _ line: Int) -> String? {
        let text = (line..<min(line + 4, out.source.lineCount)).map { out.text($0) }.joined(separator: " ")
        var depth = 0, content = ""
        for character in text.drop(while: { $0 != "{" }) {
            if character == "{" { depth += 1; if depth == 1 { continue } }
            if character == "}" { depth -= 1; if depth == 0 { break } }
            content.append(character)
        }
        let plain = content.replacing("\\\\", with: " ").replacing("~", with: " ")
        return plain.isEmpty ? nil : plain.filter { $0 != "{" && $0 != "}" }
    }
}
