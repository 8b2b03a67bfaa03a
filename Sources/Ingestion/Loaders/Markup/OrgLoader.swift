/// Org mode: headlines, lists, tables, source blocks; `#+KEY:` lines as metadata. The text is the file.
package struct OrgLoader: TextFormatLoader {
    package let formatName = "Org"
    package let extensions: Set<String> = ["org"]

    package init() {}

    package func load(_ source: SourceText, of file: FileContents) -> LoadedDocument {
        var out = SourceBlocks(source), metadata: [String: String] = [:], line = 0
        let states = Self.states(source.lineCount, out)
        while line < source.lineCount, source.hasTime { line = Self.step(line, states, &out, &metadata) }
        return out.document(title: metadata["title"], metadata: metadata)
    }

    private static func step(
        _ line: Int, _ states: Set<Substring>, _ out: inout SourceBlocks, _ metadata: inout [String: String]
    ) -> Int {
        if out.isBlank(line) { return line + 1 }
        let text = out.text(line), lower = text.lowercased()
        let stars = out.raw(line).prefix { $0 == "*" }.count
        if stars > 0, out.raw(line).dropFirst(stars).hasPrefix(" ") {
            out.heading(headline(String(text.dropFirst(stars + 1)), states), level: stars, line..<(line + 1))
            return line + 1
        }
        if lower.hasPrefix("#+begin_") {
            let words = text.split(separator: " "), kind = String(words.first.map { $0.dropFirst(8) } ?? "").lowercased()
            let end = out.end(from: line + 1) { out.text($0).lowercased().hasPrefix("#+end_\(kind)") }
            let isCode = ["src", "example", "export"].contains(kind)
            if kind != "comment" { out.add(isCode ? .code(language: words.dropFirst().first.map(String.init), name: nil) : .paragraph, (line + 1)..<max(line + 1, end)) }
            return min(end + 1, out.source.lineCount)
        }
        if lower.hasPrefix("#+"), let colon = text.firstIndex(of: ":") {
            let value = String(text[text.index(after: colon)...].drop { $0 == " " })
            if out.blocks.isEmpty, !value.isEmpty { metadata[lower[lower.index(lower.startIndex, offsetBy: 2)..<colon].lowercased()] = value }
            return line + 1
        }
        if text.hasPrefix("# ") || text == "#" { return line + 1 }
        if text.hasPrefix(":"), text.hasSuffix(":"), !text.contains(" ") {
            return text.count > 2 && lower != ":end:" ? out.end(from: line + 1) { out.text($0).lowercased() == ":end:" } + 1 : line + 1
        }
        if text.hasPrefix("|") { return table(line, &out) }
        let isItem = text.hasListMark(["-", "+"]), indent = out.indent(line)
        let end = out.end(from: line + 1) { other in
            out.isBlank(other) || out.raw(other).hasPrefix("*") || out.text(other).hasPrefix("#+") || out.text(other).hasPrefix("|")
                || out.text(other).hasListMark(["-", "+"]) || (isItem && out.indent(other) <= indent)
        }
        out.add(isItem ? .listItem : .paragraph, line..<end)
        return end
    }

    /// Words that say how far the matter of a headline is: the usual ones, or those the file names itself, anywhere in it, as
    /// in `#+TODO: DRAFT(d) REVIEW | PUBLISHED` (The Org Manual, "Setting up keywords for individual files").
    private static func states(_ lines: Int, _ out: SourceBlocks) -> Set<Substring> {
        var states: Set<Substring> = []
        for line in 0..<lines where out.raw(line).hasPrefix("#+") {
            let words = out.text(line).split(separator: " ")
            guard let key = words.first?.lowercased(), ["#+todo:", "#+seq_todo:", "#+typ_todo:"].contains(key) else { continue }
            for word in words.dropFirst() where word != "|" { states.insert(word.prefix { $0 != "(" }) }
        }
        return states.isEmpty ? ["TODO", "DONE", "NEXT", "WAITING", "CANCELLED"] : states
    }

    /// Without the state, the priority and the tags.
    private static func headline(_ text: String, _ states: Set<Substring>) -> String {
        var words = text.split(separator: " ")
        if let first = words.first, states.contains(first) { words.removeFirst() }
        if let first = words.first, first.hasPrefix("[#") { words.removeFirst() }
        if let last = words.last, last.count > 2, last.hasPrefix(":"), last.hasSuffix(":") { words.removeLast() }
        return words.joined(separator: " ")
    }

    private static func table(_ line: Int, _ out: inout SourceBlocks) -> Int {
        let end = out.end(from: line) { !out.text($0).hasPrefix("|") }
        let rule = (line..<end).first { out.text($0).hasPrefix("|-") }
        for row in line..<end where !out.text(row).hasPrefix("|-") { out.add(.tableRow(header: rule.map { row < $0 } ?? false), row..<(row + 1)) }
        return end
    }
}
