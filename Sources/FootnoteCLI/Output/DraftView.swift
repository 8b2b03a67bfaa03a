/// Shows a draft on standard error while it is written, and takes it away once the checked text is there.
///
/// The draft is progress, not result: it has no markers yet and nothing in it has been checked. Standard output
/// gets the checked sentences alone. Both streams are the same terminal here, so the view also follows where
/// standard output has left the cursor.
struct DraftView {
    private let terminal: Terminal
    /// Where the draft began, and where it has come to since.
    private var startColumn = 0
    private var column = 0
    private var rows = 0
    private var isEmpty = true

    init(terminal: Terminal = .error) {
        self.terminal = terminal
    }

    mutating func append(_ text: String) {
        var text = terminal.clean(text)
        if isEmpty {
            text = String(text.drop(while: \.isWhitespace))
            guard !text.isEmpty else { return }
            if startColumn > 0 { text = " " + text }
        }
        isEmpty = false
        StandardError.write(terminal.styled(text, .dim))
        text.forEach { move(over: $0) }
    }

    /// Removes the draft. What has scrolled out of the window stays.
    mutating func erase() {
        guard !isEmpty else { return }
        let up = min(rows, terminal.height - 1)
        StandardError.write((up > 0 ? "\u{1B}[\(up)A" : "") + "\u{1B}[\(startColumn + 1)G\u{1B}[J")
        (column, rows, isEmpty) = (startColumn, 0, true)
    }

    /// Takes note of text written to the terminal through standard output.
    mutating func advance(over text: String) {
        text.forEach { move(over: $0) }
        (startColumn, rows) = (column, 0)
    }

    private mutating func move(over character: Character) {
        guard character != "\n" else {
            column = 0
            rows += 1
            return
        }
        // Tab stops are eight columns apart.
        let width = character == "\t" ? 8 - column % 8 : displayWidth(character)
        if column + width > terminal.width {
            column = 0
            rows += 1
        }
        column += width
    }
}
