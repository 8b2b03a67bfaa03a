/// HTML and XHTML by libxml2: the visible text with headings, lists, tables and code; without scripts, hidden elements
/// and the frame of the page (navigation, header, footer), unless next to nothing would remain.
package struct HTMLLoader: TextFormatLoader {
    package let formatName = "HTML"
    package let extensions: Set<String> = ["html", "htm", "xhtml", "xht", "shtml"]

    package init() {}

    package func canLoad(_ file: FileContents) -> Bool {
        if extensions.contains(file.pathExtension) { return true }
        guard file.pathExtension.isEmpty else { return false }
        let start = String(decoding: file.bytes.prefix(256), as: UTF8.self).lowercased().trimmingLeadingSpace()
        return start.hasPrefix("<!doctype html") || start.hasPrefix("<html")
    }

    package func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        let decoded = file.decoded(declared: Self.declaredEncoding(file.bytes))
        var document = try load(decoded.bytes, file.budget)
        document.notices = decoded.notices + document.notices
        return document
    }

    package func load(_ source: SourceText, of file: FileContents) throws(IngestionError) -> LoadedDocument { try load(source.bytes, file.budget) }

    private func load(_ bytes: [UInt8], _ budget: LoadBudget) throws(IngestionError) -> LoadedDocument {
        guard !bytes.isEmpty else { return LoadedDocument(text: "", blocks: []) }
        let hasStyles = Self.hasStyles(bytes)
        guard var result = HTMLParser.parse(bytes, keepsFrame: false, hasStyles: hasStyles, budget: budget) else { throw .malformed(format: formatName, reason: "libxml2 could not read it") }
        var notices: [String] = []
        let (kept, frame) = (result.builder.keptBytes, result.builder.frameBytes)
        if frame > 0, kept < 40 || (kept < 400 && kept * 5 < frame), let whole = HTMLParser.parse(bytes, keepsFrame: true, hasStyles: hasStyles, budget: budget) {
            result = whole
        }
        if result.isTooDeep {
            notices.append("elements are nested deeper than \(HTMLParser.maximumDepth); what follows that point was left out")
        }
        let builder = result.builder
        let title = String(decoding: builder.titleBytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let heading = builder.blocks.first { $0.kind == .heading(level: 1) }?.heading
        return LoadedDocument(
            text: String(decoding: builder.text, as: UTF8.self), blocks: builder.blocks, title: title.isEmpty ? heading : title,
            metadata: builder.metadata, notices: notices)
    }

    /// Whether the page has style sheets, by which its ground may have any colour.
    private static func hasStyles(_ bytes: [UInt8]) -> Bool {
        let start = String(decoding: bytes.prefix(1 << 18).map(Ascii.lowercased), as: UTF8.self)
        return start.contains("<style") || start.contains("stylesheet")
    }

    /// The encoding that the file names in its first kilobytes: `charset=…` or an XML declaration's `encoding="…"`.
    static func declaredEncoding(_ bytes: [UInt8]) -> String? {
        let start = bytes.prefix(4096).map(Ascii.lowercased)
        for key in ["charset", "encoding"] {
            let key = Array(key.utf8)
            for index in start.indices.dropLast(key.count) where start[index] == key[0] && start[index..<(index + key.count)].elementsEqual(key) {
                let value = start[(index + key.count)...].drop { Ascii.isSpace($0) }
                guard value.first == UInt8(ascii: "=") else { continue }
                let name = value.dropFirst().drop { Ascii.isSpace($0) || $0 == Ascii.quote || $0 == Ascii.apostrophe }
                    .prefix { Ascii.isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
                if !name.isEmpty, name.count < 40 { return String(decoding: name, as: UTF8.self) }
            }
        }
        return nil
    }
}

extension String {
    fileprivate func trimmingLeadingSpace() -> Substring { drop { $0.isWhitespace || $0 == "\u{FEFF}" } }
}
