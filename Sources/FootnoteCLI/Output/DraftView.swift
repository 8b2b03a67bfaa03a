/// Shows a draft on standard error while it is written, and takes it away once the checked answer is there.
///
/// The draft is progress, not result: it has no markers yet and nothing in it has been checked. Standard output
/// gets the checked answer alone.
struct DraftView {
    private let terminal: Terminal
    private var column = 0
    private var rows = 0
    private var isEmpty = true

    init(terminal: Terminal = .error) {
        self.terminal = terminal
    }

    mutating func append(_ text: String) {
        let text = terminal.clean(text)
        guard !text.isEmpty else { return }
        isEmpty = false
        StandardError.write(terminal.styled(text, .dim))
        for character in text { advance(over: character) }
    }

    /// Removes the draft from a terminal; elsewhere ends its line. What has scrolled away stays.
    mutating func finish() {
        guard !isEmpty else { return }
        if terminal.isInteractive, rows < terminal.height {
            StandardError.write("\r" + (rows > 0 ? "\u{1B}[\(rows)A" : "") + "\u{1B}[J")
        } else {
            StandardError.write("\n\n")
        }
        self = DraftView(terminal: terminal)
    }

    private mutating func advance(over character: Character) {
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
