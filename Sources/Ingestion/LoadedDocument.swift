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

    package init(
        text: String, blocks: [Block], title: String? = nil, metadata: [String: String] = [:], notices: [String] = []
    ) {
        self.text = text
        self.blocks = blocks
        self.title = title
        self.metadata = metadata
        self.notices = notices
    }

    /// Whether there is nothing to index: no block, or no text.
    package var isEmpty: Bool { blocks.isEmpty }
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

    package init(kind: Kind, range: Range<Int>, lines: ClosedRange<Int>, heading: String? = nil) {
        self.kind = kind
        self.range = range
        self.lines = lines
        self.heading = heading
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

    package init(range: Range<Int>, lines: ClosedRange<Int>, headingPath: [String], leadIn: Range<Int>? = nil) {
        self.range = range
        self.lines = lines
        self.headingPath = headingPath
        self.leadIn = leadIn
    }
}
