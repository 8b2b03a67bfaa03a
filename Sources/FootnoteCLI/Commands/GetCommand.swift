import ArgumentParser
import Footnote

struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print a document, or some of its lines, as the knowledge base holds it.",
        discussion: """
            The document is named by its path, the end of its path, or #id. Lines are those of the original file, as \
            answers and results give them: manual.md:12 or manual.md:12-20. Of formats whose text is not the file \
            itself, such as HTML, the passages that these lines make are printed.
            """)

    @OptionGroup var base: BaseOptions

    @Argument(help: ArgumentHelp("Which document, and which lines of it.", valueName: "document[:lines]"))
    var reference: String

    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await Interruption.cancelling {
            let knowledgeBase = try await base.open()
            let (document, lines) = try await find(in: knowledgeBase)
            let excerpt = try await Excerpt.read(lines, of: document, in: knowledgeBase)
            if format.json {
                try JSONOutput.document(ExcerptJSON(document: DocumentJSON(document), lines: lines, text: excerpt))
            } else {
                let text = Terminal.output.clean(excerpt)
                StandardOutput.write(text.isEmpty || text.hasSuffix("\n") ? text : text + "\n")
            }
        }
    }

    /// A file name may itself end in `:12`, so the whole reference is tried first.
    private func find(in knowledgeBase: KnowledgeBase) async throws -> (DocumentInfo, ClosedRange<Int>?) {
        guard let (name, lines) = LineRange.split(reference) else {
            return (try await knowledgeBase.document(reference), nil)
        }
        do {
            return (try await knowledgeBase.document(reference), nil)
        } catch KnowledgeBaseError.documentNotFound {
            return (try await knowledgeBase.document(name), lines)
        }
    }
}

/// `path:12`, `path:12-20`.
enum LineRange {
    /// Path and lines, counted from 1; `nil` when the text does not end in lines.
    static func split(_ reference: String) -> (path: String, lines: ClosedRange<Int>)? {
        guard let match = reference.wholeMatch(of: /(.+):([0-9]{1,9})(?:-([0-9]{1,9}))?/), let first = Int(match.2) else {
            return nil
        }
        let last = match.3.flatMap { Int($0) } ?? first
        guard first >= 1, last >= first else { return nil }
        return (String(match.1), first...last)
    }
}

/// Lines of a document.
enum Excerpt {
    /// - Parameter lines: lines of the original file; `nil` for the whole text.
    /// - Throws: `CommandFailure` when the document has no such lines.
    static func read(
        _ lines: ClosedRange<Int>?, of document: DocumentInfo, in knowledgeBase: KnowledgeBase
    ) async throws -> String {
        guard let lines else { return try await knowledgeBase.text(of: document.reference) }
        let found: [String]
        // Lines of a page are those of its file, not of the visible text.
        if document.format == "HTML" {
            found = try await knowledgeBase.chunks(of: document.reference)
                .filter { $0.location.firstLine <= lines.upperBound && $0.location.lastLine >= lines.lowerBound }
                .map(\.text)
        } else {
            found = try await knowledgeBase.text(of: document.reference)
                .split(separator: "\n", omittingEmptySubsequences: false)
                .dropFirst(lines.lowerBound - 1).prefix(lines.count).map(String.init)
        }
        guard !found.isEmpty else {
            throw CommandFailure(
                "\(document.reference.path) has no text at line \(lines.lowerBound)", advice: "Without lines, `get` prints all of it")
        }
        return found.joined(separator: "\n")
    }
}

/// What `get --json` prints.
struct ExcerptJSON: Encodable {
    struct Lines: Encodable {
        var first: Int
        var last: Int
    }

    var document: DocumentJSON
    /// As they were asked for; absent when all of the document was.
    var lines: Lines?
    var text: String

    init(document: DocumentJSON, lines: ClosedRange<Int>?, text: String) {
        self.document = document
        self.lines = lines.map { Lines(first: $0.lowerBound, last: $0.upperBound) }
        self.text = text
    }
}
