/// Makes blocks of pages: headings by size, paragraphs with hyphens mended, list items, tables.
struct PDFLayout {
    /// Height of most text of the document.
    private let bodySize: Double
    /// Heights of headings, largest first.
    private let headingSizes: [Double]
    /// Words that stand in the document in one piece, to tell a hyphen that divides from one that joins.
    private let vocabulary: Set<String>
    private let outline: PDFOutline

    init(_ pages: [PDFPage], outline: PDFOutline) {
        self.outline = outline
        var sizes: [Double: Int] = [:], lineCounts: [Double: Int] = [:], words: Set<String> = []
        for line in pages.lazy.flatMap(\.lines) {
            let size = line.size
            sizes[size, default: 0] += line.words.reduce(0) { $0 + $1.text.utf8.count }
            lineCounts[size, default: 0] += 1
            for word in line.words.dropLast() where words.count < 200_000 { words.insert(Self.letters(word.text)) }
        }
        let body = sizes.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key ?? 0
        bodySize = body
        headingSizes = Array(lineCounts.keys.filter { $0 >= body * 1.18 }.sorted(by: >).prefix(12))
        vocabulary = words
    }

    /// The words of a piece of text in lower case, for comparing.
    private static func letters(_ text: String) -> String {
        String(text.lowercased().drop { !$0.isLetter }.reversed().drop { !$0.isLetter }.reversed())
    }

    func add(_ page: PDFPage, to builder: inout DocumentBuilder) throws(IngestionError) {
        let tables = PDFTables.find(in: page)
        var written = Set<Int>(), paragraph: [PDFPage.Line] = []
        let headings = outline.headings(on: page)
        var next = 0
        while next < page.lines.count {
            if let heading = headings[next] {
                try flush(&paragraph, &builder)
                try builder.heading(join(Array(page.lines[heading.lines])), level: heading.level)
                next = heading.lines.upperBound
                continue
            }
            var line = page.lines[next]
            next += 1
            for (index, table) in tables.enumerated() where line.words.contains(where: table.holds) {
                if written.insert(index).inserted {
                    try flush(&paragraph, &builder)
                    try write(table, &builder)
                }
                line.words.removeAll(where: table.holds)
            }
            guard !line.words.isEmpty else { continue }
            if let last = paragraph.last, !continues(last, line) { try flush(&paragraph, &builder) }
            paragraph.append(line)
        }
        try flush(&paragraph, &builder)
    }

    private func write(_ table: PDFTables.Table, _ builder: inout DocumentBuilder) throws(IngestionError) {
        for (index, row) in table.rows.enumerated() { try builder.row(row, header: index == 0 && TableHeader.isLikely(row)) }
    }

    /// Whether `line` goes on with what `last` began.
    private func continues(_ last: PDFPage.Line, _ line: PDFPage.Line) -> Bool {
        if headingLevel(last) != headingLevel(line) { return false }
        if startsItem(line) { return false }
        if last.block == line.block {
            // Lines of a block are one paragraph unless there is room between them.
            return line.top - last.bottom < 0.9 * max(last.size, 4)
        }
        // A paragraph that goes on in the next column begins small and was not ended.
        guard headingLevel(line) == nil, abs(last.size - line.size) < 1, let end = last.text.last, let first = line.text.first else { return false }
        return (end.isLetter || end == "-" || end == ",") && first.isLowercase && last.words.count > 3
    }

    private func headingLevel(_ line: PDFPage.Line) -> Int? {
        let size = line.size
        guard size >= bodySize * 1.18, let place = headingSizes.firstIndex(where: { $0 <= size + 0.25 }), line.text.contains(where: \.isLetter) else { return nil }
        return min(place + 1, 6)
    }

    private static let bullets: Set<Character> = ["•", "◦", "▪", "‣", "●", "○", "■", "□", "➢", "✓", "–", "\u{F0B7}"]

    private func startsItem(_ line: PDFPage.Line) -> Bool {
        guard let first = line.words.first?.text, line.words.count > 1 else { return false }
        if first.count == 1, let mark = first.first, Self.bullets.contains(mark) { return true }
        let digits = first.prefix { $0.isNumber }
        return !digits.isEmpty && digits.count <= 2 && (first.dropFirst(digits.count) == "." || first.dropFirst(digits.count) == ")")
    }

    private func flush(_ lines: inout [PDFPage.Line], _ builder: inout DocumentBuilder) throws(IngestionError) {
        guard let first = lines.first else { return }
        let text = join(lines)
        if let level = headingLevel(first), text.count <= 200 {
            try builder.heading(text, level: level)
        } else if startsItem(first), let space = text.firstIndex(of: " ") {
            let mark = text[..<space]
            try builder.listItem(String(text[text.index(after: space)...]), mark: mark.contains(where: \.isNumber) ? String(mark) : "-")
        } else {
            try builder.paragraph(text)
        }
        lines = []
    }

    /// Joins lines, mending words that were divided at their ends.
    private func join(_ lines: [PDFPage.Line]) -> String {
        var result = ""
        for line in lines {
            let text = line.text
            if result.isEmpty {
                result = text
            } else if let last = result.last, last == "-" || last == "\u{2010}" || last == "\u{AD}", let first = text.first, first.isLowercase,
                result.dropLast().last?.isLetter == true {
                let before = result.split(separator: " ").last.map(String.init) ?? "", after = text.split(separator: " ").first.map(String.init) ?? ""
                if keepsHyphen(before, after) { result += text } else { result = String(result.dropLast()) + text }
            } else if let last = result.unicodeScalars.last, let first = text.unicodeScalars.first, Self.isIdeograph(last), Self.isIdeograph(first) {
                result += text
            } else {
                result += " " + text
            }
        }
        return result
    }

    /// The hyphen stays when the document has the word with it and not without.
    private func keepsHyphen(_ before: String, _ after: String) -> Bool {
        let whole = Self.letters(String(before.dropLast()) + after)
        if vocabulary.contains(whole) { return false }
        return vocabulary.contains(Self.letters(before + after)) || before.dropLast().contains("-")
    }

    private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
        (0x3001...0x30FF).contains(scalar.value) || (0x3400...0x9FFF).contains(scalar.value) || (0xFF00...0xFFEF).contains(scalar.value)
    }
}
