/// YAML: each entry of the outermost mapping or list, and each document of a stream, is a record. The text is the file.
package struct YAMLLoader: TextFormatLoader {
    package let formatName = "YAML"
    package let extensions: Set<String> = ["yaml", "yml"]

    package init() {}

    package func load(_ source: SourceText, of file: FileContents) -> LoadedDocument {
        var out = SourceBlocks(source), start = 0
        func isBoundary(_ line: Int) -> Bool {
            guard !out.isBlank(line), out.indent(line) == 0 else { return false }
            let text = out.text(line)
            // A closing bracket, and a comment above nothing new, belong to what stands before.
            return !text.hasPrefix("#") && !text.hasPrefix("]") && !text.hasPrefix("}")
        }
        while start < source.lineCount, source.hasTime {
            let text = out.text(start)
            if text == "---" || text == "..." || text.hasPrefix("%") { start += 1; continue }
            // Comments go with the entry below them.
            let head = out.end(from: start) { isBoundary($0) }
            var end = out.end(from: head + 1) { isBoundary($0) || out.text($0) == "---" }
            while end > head + 1, end < source.lineCount, out.isBlank(end - 1) || out.raw(end - 1).hasPrefix("#") { end -= 1 }
            out.add(.record, start..<max(end, start + 1))
            start = max(end, start + 1)
        }
        return out.document()
    }
}

/// TOML and INI: each table is a record; what stands before the first is one too. The text is the file.
package struct TOMLLoader: TextFormatLoader {
    package let formatName = "TOML"
    package let extensions: Set<String> = ["toml", "ini", "cfg", "conf", "properties", "editorconfig"]

    package init() {}

    package func load(_ source: SourceText, of file: FileContents) -> LoadedDocument {
        var out = SourceBlocks(source), start = 0
        func isComment(_ line: Int) -> Bool { out.text(line).hasPrefix("#") || out.text(line).hasPrefix(";") }
        while start < source.lineCount, source.hasTime {
            let head = out.end(from: start) { !out.isBlank($0) && !isComment($0) }
            var end = out.end(from: head + 1) { out.text($0).hasPrefix("[") && out.text($0).hasSuffix("]") && out.indent($0) == 0 }
            // Comments above a table belong to it.
            while end > head + 1, end < source.lineCount, isComment(end - 1) { end -= 1 }
            end = min(end, source.lineCount)
            out.add(.record, start..<end)
            start = end
        }
        return out.document()
    }
}

/// Logs: each entry is a record, with the lines that go on from it, such as a stack trace. The text is the file.
package struct LogLoader: TextFormatLoader {
    package let formatName = "log"
    package let extensions: Set<String> = ["log"]

    package init() {}

    package func load(_ source: SourceText, of file: FileContents) -> LoadedDocument {
        var out = SourceBlocks(source)
        let sample = (0..<min(source.lineCount, 60)).filter { !out.isBlank($0) }
        let entries = sample.filter { Self.beginsEntry(out.raw($0)) }.count
        guard entries * 2 >= sample.count, entries > 1 else { return PlainTextLoader.document(source) }
        var start = 0
        while start < source.lineCount, source.hasTime {
            let end = out.end(from: start + 1) { Self.beginsEntry(out.raw($0)) }
            out.add(.record, start..<end)
            start = end
        }
        return out.document()
    }

    /// A line that begins with a time, a level, a bracket or an address.
    private static func beginsEntry(_ line: String) -> Bool {
        guard let first = line.first, !first.isWhitespace else { return false }
        if first == "[" || first.isNumber { return true }
        let word = line.prefix { $0.isLetter }.lowercased()
        return ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "info", "warn", "warning",
            "error", "debug", "trace", "fatal", "critical", "notice"].contains(word)
    }
}
