/// The headings that a PDF's outline, its table of bookmarks, names: found again in the text of their pages.
struct PDFOutline {
    struct Heading {
        var level: Int
        /// Lines of the page that make it.
        var lines: Range<Int>
    }

    private let byPage: [Int: [PDFMarkup.OutlineItem]]

    init(_ items: [PDFMarkup.OutlineItem]) { byPage = Dictionary(grouping: items, by: \.page) }

    var isEmpty: Bool { byPage.isEmpty }

    /// The headings on a page, by their first line.
    func headings(on page: PDFPage) -> [Int: Heading] {
        guard let items = byPage[page.number] else { return [:] }
        let keys = page.lines.map { Self.key($0.text) }
        var result: [Int: Heading] = [:], taken: Set<Int> = []
        for item in items {
            let key = Self.key(item.title)
            guard !key.isEmpty, let lines = Self.find(key, in: keys, taken: taken) else { continue }
            taken.formUnion(lines)
            result[lines.lowerBound] = Heading(level: item.level, lines: lines)
        }
        return result
    }

    /// A heading may go over three lines; its number may stand in the text alone or in the outline alone.
    private static func find(_ key: String, in keys: [String], taken: Set<Int>) -> Range<Int>? {
        let bare = withoutNumber(key)
        guard !bare.isEmpty else { return nil }
        for start in keys.indices where !taken.contains(start) {
            var joined = ""
            for end in start..<min(start + 3, keys.count) where !taken.contains(end) {
                joined += keys[end]
                if joined == key || withoutNumber(joined) == bare { return start..<(end + 1) }
                if joined.utf8.count > key.utf8.count + 12 { break }
            }
        }
        return nil
    }

    /// Letters and digits alone, in lower case: ligatures, spaces and points differ.
    private static func key(_ text: String) -> String {
        var key = ""
        for character in text.lowercased() {
            switch character {
            case "ﬁ": key += "fi"
            case "ﬂ": key += "fl"
            case "ﬀ": key += "ff"
            case "ﬃ": key += "ffi"
            case "ﬄ": key += "ffl"
            default: if character.isLetter || character.isNumber { key.append(character) }
            }
        }
        return key
    }

    private static func withoutNumber(_ key: String) -> Substring { key.drop { $0.isNumber } }
}
