/// HTML blocks inside Markdown (CommonMark 4.6): seven kinds by how they begin, each with its own end.
enum MarkdownHTMLBlock {
    /// `<script`, `<pre`, `<style`, `<textarea`: up to the closing tag.
    case raw
    case comment
    case instruction
    case declaration
    case cdata
    /// A block-level element: up to a blank line.
    case element
    /// Any other complete tag alone on its line: up to a blank line; does not interrupt a paragraph.
    case loneTag

    private static let blockNames: Set<String> = [
        "address", "article", "aside", "base", "basefont", "blockquote", "body", "caption", "center", "col", "colgroup", "dd",
        "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "frame",
        "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "iframe", "legend", "li", "link",
        "main", "menu", "menuitem", "nav", "noframes", "ol", "optgroup", "option", "p", "param", "search", "section",
        "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "track", "ul",
    ]

    init?(_ line: MarkdownLine) {
        let source = line.source, start = line.content, end = line.end
        guard start + 1 < end, source.bytes[start] == UInt8(ascii: "<") else { return nil }
        if source.has("<!--", at: start, before: end) { self = .comment; return }
        if source.has("<?", at: start, before: end) { self = .instruction; return }
        if source.has("<![CDATA[", at: start, before: end) { self = .cdata; return }
        if source.has("<!", at: start, before: end), start + 2 < end, Ascii.isLetter(source.bytes[start + 2]) { self = .declaration; return }
        let isClosing = source.bytes[start + 1] == UInt8(ascii: "/")
        let nameStart = start + (isClosing ? 2 : 1)
        var next = nameStart
        while next < end, next - nameStart < 32, Ascii.isAlphanumeric(source.bytes[next]) || source.bytes[next] == UInt8(ascii: "-") { next += 1 }
        guard next > nameStart, Ascii.isLetter(source.bytes[nameStart]) else { return nil }
        let name = source.string(nameStart..<next).lowercased()
        let isEnded = next == end || Ascii.isSpace(source.bytes[next]) || source.bytes[next] == UInt8(ascii: ">")
        if !isClosing, isEnded, ["script", "pre", "style", "textarea"].contains(name) { self = .raw; return }
        if isEnded || source.has("/>", at: next, before: end), Self.blockNames.contains(name) { self = .element; return }
        guard Self.isCompleteTag(source, from: next, to: end) else { return nil }
        self = .loneTag
    }

    private static func isCompleteTag(_ source: SourceText, from offset: Int, to end: Int) -> Bool {
        var next = offset, quote: UInt8?
        guard next < end, Ascii.isSpace(source.bytes[next]) || source.bytes[next] == UInt8(ascii: ">") || source.bytes[next] == UInt8(ascii: "/")
        else { return false }
        while next < end {
            let byte = source.bytes[next]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == Ascii.quote || byte == Ascii.apostrophe {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return source.isBlank((next + 1)..<end)
            } else if byte == UInt8(ascii: "<") {
                return false
            }
            next += 1
        }
        return false
    }

    var mayInterruptParagraph: Bool { if case .loneTag = self { false } else { true } }
    var endsAtBlankLine: Bool {
        switch self {
        case .element, .loneTag: true
        default: false
        }
    }

    /// Whether the block's end stands in `range` of one line.
    func ends(in range: Range<Int>, of source: SourceText) -> Bool {
        switch self {
        case .raw: ["</script>", "</pre>", "</style>", "</textarea>"].contains { Self.holds($0, range, source) }
        case .comment: Self.holds("-->", range, source)
        case .instruction: Self.holds("?>", range, source)
        case .declaration: Self.holds(">", range, source)
        case .cdata: Self.holds("]]>", range, source)
        case .element, .loneTag: false
        }
    }

    private static func holds(_ needle: String, _ range: Range<Int>, _ source: SourceText) -> Bool {
        let bytes = Array(needle.utf8)
        guard range.count >= bytes.count else { return false }
        return (range.lowerBound...(range.upperBound - bytes.count)).contains { start in
            bytes.indices.allSatisfy { Ascii.lowercased(source.bytes[start + $0]) == bytes[$0] }
        }
    }

    /// Whether anything but tags and comments stands in `range`: blocks of bare markup are no text.
    static func hasText(_ range: Range<Int>, _ source: SourceText) -> Bool {
        var inTag = false
        for index in range {
            let byte = source.bytes[index]
            if byte == UInt8(ascii: "<") { inTag = true } else if byte == UInt8(ascii: ">") { inTag = false } else if !inTag, Ascii.isWord(byte) { return true }
        }
        return false
    }
}
