/// What a loader makes of a file: one normalised text, and the blocks that structure it.
///
/// `text` is what is stored, quoted and cited. For text formats (plain text, Markdown, source code, JSON, CSV)
/// it is the decoded file itself with line ends made `\n` and a byte-order mark removed, so that a citation
/// quotes the file; for markup such as HTML it is the visible text.
package struct LoadedDocument: Sendable, Equatable {
    package var text: String
    /// In ascending order of `range`, not overlapping. Characters between blocks are separators.
    package var blocks: [Block]
    package var title: String?
    /// Front matter, `<meta>` elements and the like. Keys are lower case.
    package var metadata: [String: String]
    /// What a person should know about how the file was read: replaced bytes, an encoding that was guessed,
    /// a syntax error that made the loader fall back. One sentence each; empty in the usual case.
    package var notices: [String]
    /// Files within the file: attachments, members of an archive. Each is a document of its own.
    package var parts: [DocumentPart] = []

    package init(
        text: String, blocks: [Block], title: String? = nil, metadata: [String: String] = [:], notices: [String] = []
    ) {
        self.text = text
        self.blocks = blocks
        self.title = title
        self.metadata = metadata
        self.notices = notices
    }

    /// Whether there is nothing to index: no block that is shown, and no part.
    package var isEmpty: Bool { parts.isEmpty && blocks.allSatisfy(\.isHidden) }
}

extension LoadedDocument {
    /// The document without what a reader of the original does not see; only what is left is stored.
    package func withoutHiddenText() -> LoadedDocument {
        guard blocks.contains(where: \.isHidden) else { return self }
        let bytes = Array(text.utf8)
        var kept: [UInt8] = [], result = self, line = 1, count = 0
        result.blocks = []
        for var block in blocks {
            if block.isHidden { count += 1; continue }
            let last = result.blocks.last
            if let last { kept.append(contentsOf: last.kind == block.kind && last.kind != .paragraph ? [Ascii.newline] : [Ascii.newline, Ascii.newline]) }
            line += last.map { $0.kind == block.kind && $0.kind != .paragraph ? 1 : 2 } ?? 0
            let start = kept.count
            kept.append(contentsOf: bytes[block.range])
            block.range = start..<kept.count
            let first = line
            line += kept[start...].reduce(0) { $0 + ($1 == Ascii.newline ? 1 : 0) }
            block.lines = first...line
            result.blocks.append(block)
        }
        result.text = String(decoding: kept, as: UTF8.self)
        result.notices.append(count == 1 ? "one passage is hidden and was left out" : "\(count) passages are hidden and were left out")
        return result
    }
}

/// A file within a file.
package struct DocumentPart: Sendable, Equatable {
    /// Its path within the file.
    package var name: String
    package var content: Content

    package enum Content: Sendable, Equatable {
        case bytes([UInt8])
        /// Left out, and why.
        case skipped(String)
        case failed(IngestionError)
    }

    package init(name: String, content: Content) {
        self.name = name
        self.content = content
    }
}

/// A structural unit of a document.
package struct Block: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// `level` counts from 1. The block's text is the heading's text with its markup.
        case heading(level: Int)
        case paragraph
        case listItem
        /// A table row; `header` marks rows that name the columns.
        case tableRow(header: Bool)
        /// Code, kept whole where it fits. `name` is the declaration, if the loader knows one: enclosing names
        /// first, joined by full stops (`Stack.push`).
        case code(language: String?, name: String?)
        /// One record of JSON, JSONL or the like.
        case record
    }

    package var kind: Kind
    /// UTF-8 offsets into `LoadedDocument.text`, on character boundaries.
    package var range: Range<Int>
    /// Lines of the original file, counted from 1.
    package var lines: ClosedRange<Int>
    /// Plain heading text without markup; only for headings.
    package var heading: String?
    /// Page, slide, sheet or cell, where the format has them.
    package var place: Place?
    /// Text that a reader of the original does not see. It is shown by `extract` and never indexed.
    package var isHidden = false

    package init(kind: Kind, range: Range<Int>, lines: ClosedRange<Int>, heading: String? = nil, place: Place? = nil, isHidden: Bool = false) {
        self.kind = kind
        self.range = range
        self.lines = lines
        self.heading = heading
        self.place = place
        self.isHidden = isHidden
    }
}

/// A piece of a document that is embedded, found and cited as one.
package struct Chunk: Sendable, Equatable {
    /// UTF-8 offsets into the document's text. The chunk's text is exactly that slice.
    package var range: Range<Int>
    /// Lines of the original file, counted from 1.
    package var lines: ClosedRange<Int>
    /// Headings the chunk stands under, outermost first, including one that opens the chunk; for source code
    /// the names of the enclosing declarations.
    package var headingPath: [String]
    /// A header row or lead-in that belongs to the chunk and stands earlier in the document, if any: given to
    /// the embedding and to the reader as context, not part of the cited text.
    package var leadIn: Range<Int>?
    /// The part that is embedded, where that is not the whole.
    package var embedded: Range<Int>?
    /// Where the chunk begins, in formats with pages, slides, sheets or cells.
    package var place: Place?

    package init(range: Range<Int>, lines: ClosedRange<Int>, headingPath: [String], leadIn: Range<Int>? = nil, place: Place? = nil) {
        self.place = place
        self.range = range
        self.lines = lines
        self.headingPath = headingPath
        self.leadIn = leadIn
    }
}
