/// Finds what stands at the head or foot of page after page: running titles and page numbers.
struct PDFRunningHeads {
    private var repeated: Set<String> = []
    private let pageCount: Int

    init(_ pages: [PDFPage]) {
        pageCount = pages.count
        guard pages.count >= 3 else { return }
        var counts: [String: Int] = [:]
        for page in pages {
            for key in Set(page.lines.filter { Self.isOuter($0, page) }.map(Self.key)) { counts[key, default: 0] += 1 }
        }
        // Left and right pages may differ, chapters too: a fifth of the pages, and three at least.
        let least = max(3, pages.count / 5)
        repeated = Set(counts.filter { $0.value >= least && !$0.key.isEmpty }.keys)
    }

    /// Removes heads, feet and page numbers.
    func clean(_ page: inout PDFPage) {
        let whole = page
        page.lines.removeAll { line in
            guard Self.isOuter(line, whole) else { return false }
            if repeated.contains(Self.key(line)) { return true }
            return pageCount > 1 && Self.isPageNumber(line.text)
        }
    }

    /// In the upper or lower tenth of the page.
    private static func isOuter(_ line: PDFPage.Line, _ page: PDFPage) -> Bool {
        guard page.height > 0 else { return false }
        return line.bottom < page.height * 0.1 || line.top > page.height * 0.9
    }

    /// The line without what changes from page to page.
    private static func key(_ line: PDFPage.Line) -> String {
        var key = "", wasDigit = false
        for character in line.text.lowercased() where !character.isWhitespace {
            if character.isNumber {
                if !wasDigit { key += "#" }
                wasDigit = true
            } else {
                key.append(character)
                wasDigit = false
            }
        }
        return key == "#" ? "" : key
    }

    static func isPageNumber(_ text: String) -> Bool {
        let plain = text.lowercased().filter { !$0.isWhitespace && !"-–—|·•[]()".contains($0) }
        guard !plain.isEmpty, plain.count <= 20 else { return false }
        if plain.allSatisfy({ $0.isNumber }) { return plain.count <= 4 }
        if plain.allSatisfy({ "ivxlc".contains($0) }) { return true }
        var rest = Substring(plain)
        for word in ["page", "seite", "p.", "第", "página", "стр."] where rest.hasPrefix(word) { rest = rest.dropFirst(word.count) }
        guard let first = rest.first, first.isNumber else { return false }
        let digits = rest.prefix { $0.isNumber }
        rest = rest.dropFirst(digits.count)
        guard digits.count <= 4 else { return false }
        if rest.isEmpty || rest == "页" || rest == "頁" { return true }
        for word in ["of", "/", "von", "de"] where rest.hasPrefix(word) { return rest.dropFirst(word.count).allSatisfy { $0.isNumber } }
        return false
    }
}
