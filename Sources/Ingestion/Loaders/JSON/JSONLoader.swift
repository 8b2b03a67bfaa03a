/// JSON: each element of the outermost array, or member of the outermost object, is a record. The text is the file.
package struct JSONLoader: TextFormatLoader {
    package let formatName = "JSON"
    package let extensions: Set<String> = ["json", "geojson", "webmanifest"]

    package init() {}

    package func load(_ source: SourceText, of file: FileContents) -> LoadedDocument {
        var scanner = JSONScanner(bytes: source.bytes, range: 0..<source.bytes.count, budget: file.budget)
        do {
            let whole = source.trimmed(0..<source.bytes.count)
            guard !whole.isEmpty else { return LoadedDocument(text: source.string, blocks: []) }
            let entries = try scanner.scan() ?? [JSONScanner.Entry(key: nil, range: whole)]
            let blocks = entries.map { Block(kind: .record, range: $0.range, lines: source.lines(of: $0.range)) }
            let title = entries.first { $0.key == "title" || $0.key == "name" }.flatMap { Self.stringValue($0, source) }
            return LoadedDocument(text: source.string, blocks: blocks, title: title)
        } catch {
            var document = PlainTextLoader.document(source)
            document.notices.append("not valid JSON on line \(source.lineNumber(at: error.offset)) (\(error.reason)); read as plain text")
            return document
        }
    }

    /// The value of a member that is a string.
    private static func stringValue(_ entry: JSONScanner.Entry, _ source: SourceText) -> String? {
        let bytes = source.bytes[entry.range]
        guard bytes.last == Ascii.quote, bytes.count < 4096 else { return nil }
        // The name is a checked string: find its end, then the colon.
        var index = bytes.startIndex + 1
        while index < bytes.endIndex, bytes[index] != Ascii.quote { index += bytes[index] == Ascii.backslash ? 2 : 1 }
        guard index < bytes.endIndex, let colon = bytes[(index + 1)...].firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let value = source.trimmed((colon + 1)..<entry.range.upperBound)
        guard value.count >= 2, source.bytes[value.lowerBound] == Ascii.quote else { return nil }
        return JSONText.unescaped(source.bytes[(value.lowerBound + 1)..<(value.upperBound - 1)])
    }
}

/// JSON Lines: each line is a record.
package struct JSONLinesLoader: TextFormatLoader {
    package let formatName = "JSON Lines"
    package let extensions: Set<String> = ["jsonl", "ndjson", "jsonlines"]

    package init() {}

    package func load(_ source: SourceText, of file: FileContents) -> LoadedDocument {
        var blocks: [Block] = [], firstBad: (line: Int, reason: String)?, bad = 0
        for index in 0..<source.lineCount where source.hasTime {
            let range = source.trimmed(source.line(index))
            guard !range.isEmpty else { continue }
            var scanner = JSONScanner(bytes: source.bytes, range: range)
            do {
                _ = try scanner.scan()
            } catch {
                bad += 1
                if firstBad == nil { firstBad = (index + 1, error.reason) }
            }
            blocks.append(Block(kind: .record, range: range, lines: (index + 1)...(index + 1)))
        }
        let notices = firstBad.map { ["\(bad) lines are not valid JSON, the first is line \($0.line) (\($0.reason)); kept as they are"] } ?? []
        return LoadedDocument(text: source.string, blocks: blocks, notices: notices)
    }
}
