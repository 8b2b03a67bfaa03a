/// CSV and TSV (RFC 4180): each row is a block, quoted line ends included. The text is the file.
package struct DelimitedTextLoader: TextFormatLoader {
    package let formatName = "CSV"
    package let extensions: Set<String> = ["csv", "tsv", "tab", "psv"]

    package init() {}

    package func load(_ source: SourceText, of file: FileContents) -> LoadedDocument {
        let isTab = file.pathExtension == "tsv" || file.pathExtension == "tab"
        let reader = DelimitedTextReader(source: source, delimiter: isTab ? Ascii.tab : Self.delimiter(of: source))
        var blocks: [Block] = []
        let (rows, isUnclosed) = reader.rows()
        let hasHeader = Self.hasHeader(reader, rows)
        for row in rows {
            blocks.append(Block(kind: .tableRow(header: hasHeader && blocks.isEmpty), range: row.range, lines: row.lines))
        }
        let notices = isUnclosed.map { ["the quotation mark that opens on line \($0) is not closed; quotation marks are ignored from there on"] } ?? []
        return LoadedDocument(text: source.string, blocks: blocks, notices: notices)
    }

    /// The delimiter that splits the first lines most evenly: comma, semicolon, tab or bar.
    static func delimiter(of source: SourceText) -> UInt8 {
        var best = (delimiter: UInt8(ascii: ","), score: 0)
        for candidate in [UInt8(ascii: ","), UInt8(ascii: ";"), Ascii.tab, Ascii.pipe] {
            let reader = DelimitedTextReader(source: source, delimiter: candidate)
            let counts = (0..<min(source.lineCount, 10)).map { source.line($0) }.filter { !source.isBlank($0) && $0.count < 65_536 }
                .map { reader.fields(in: $0).count - 1 }
            guard let least = counts.min(), let most = counts.max(), most > 0 else { continue }
            // Every line split alike beats many fields in one line.
            let score = least == most ? 1000 + least : least * 10
            if score > best.score { best = (candidate, score) }
        }
        return best.delimiter
    }

    /// Column names are short, none is a number, none is missing, and no two are equal.
    private static func hasHeader(_ reader: DelimitedTextReader, _ rows: [DelimitedTextReader.Row]) -> Bool {
        guard rows.count > 1, rows[0].range.count < 65_536 else { return false }
        let names = reader.fields(in: rows[0].range).map { reader.value(of: $0) }
        guard names.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 100 && Double($0) == nil }) else { return false }
        return Set(names).count == names.count
    }
}

/// Rows and fields of delimited text.
struct DelimitedTextReader {
    struct Row {
        var range: Range<Int>
        var lines: ClosedRange<Int>
    }

    let source: SourceText
    let delimiter: UInt8

    /// The rows that are not blank, and the line on which a quotation mark opens that nothing closes. From that line on
    /// quotation marks mean nothing, so that one stray mark does not make the rest of the file one row.
    func rows() -> (rows: [Row], unclosed: Int?) {
        var rows: [Row] = [], line = 0, ignoresQuotes = false, unclosed: Int?
        while line < source.lineCount, source.hasTime {
            var last = line
            if !ignoresQuotes {
                var isOpen = endsInsideQuotes(source.line(line), isOpen: false)
                while isOpen, last + 1 < source.lineCount {
                    last += 1
                    isOpen = endsInsideQuotes(source.line(last), isOpen: true)
                }
                if isOpen {
                    ignoresQuotes = true
                    unclosed = line + 1
                    last = line
                }
            }
            let range = source.trimmedEnd(source.line(line).lowerBound..<source.line(last).upperBound)
            if !source.isBlank(range) { rows.append(Row(range: source.trimmed(range), lines: (line + 1)...source.lineNumber(at: range.upperBound - 1))) }
            line = last + 1
        }
        return (rows, unclosed)
    }

    /// Whether a quoted field is open at the end of a line. A mark inside a field that is not quoted means nothing.
    private func endsInsideQuotes(_ line: Range<Int>, isOpen: Bool) -> Bool {
        var isOpen = isOpen, isFieldStart = !isOpen, index = line.lowerBound
        while index < line.upperBound {
            let byte = source.bytes[index]
            if isOpen {
                if byte == Ascii.quote {
                    if index + 1 < line.upperBound, source.bytes[index + 1] == Ascii.quote { index += 1 } else { isOpen = false }
                }
            } else if byte == Ascii.quote, isFieldStart {
                isOpen = true
                isFieldStart = false
            } else {
                isFieldStart = byte == delimiter || (isFieldStart && byte == Ascii.space)
            }
            index += 1
        }
        return isOpen
    }

    /// The fields of a row, with their quotation marks.
    func fields(in row: Range<Int>) -> [Range<Int>] {
        var fields: [Range<Int>] = [], start = row.lowerBound, isQuoted = false
        for index in row {
            let byte = source.bytes[index]
            if byte == Ascii.quote { isQuoted.toggle() }
            if byte == delimiter, !isQuoted {
                fields.append(start..<index)
                start = index + 1
            }
        }
        fields.append(start..<row.upperBound)
        return fields
    }

    /// A field's text without quotation marks around it and spaces.
    func value(of field: Range<Int>) -> String {
        let range = source.trimmed(field)
        guard range.count >= 2, source.bytes[range.lowerBound] == Ascii.quote, source.bytes[range.upperBound - 1] == Ascii.quote
        else { return source.string(range) }
        return source.string((range.lowerBound + 1)..<(range.upperBound - 1))
    }
}
