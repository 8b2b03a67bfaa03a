import Foundation

/// What one of the standard streams can show.
struct Terminal: Sendable {
    enum Style: String { case bold = "1", dim = "2", red = "31", green = "32", yellow = "33", cyan = "36" }

    /// A person is looking, on a terminal that understands escape sequences.
    var isInteractive: Bool
    /// Off when `NO_COLOR` is set to anything (no-color.org).
    var usesColor: Bool
    private let descriptor: Int32

    static let output = Terminal(descriptor: STDOUT_FILENO)
    static let error = Terminal(descriptor: STDERR_FILENO)
    /// Shows nothing but text, wherever it goes.
    static let plain = Terminal(descriptor: -1)
    static var inputIsInteractive: Bool { isatty(STDIN_FILENO) == 1 }

    init(descriptor: Int32, environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.descriptor = descriptor
        isInteractive = isatty(descriptor) == 1 && environment["TERM"] != "dumb"
        usesColor = isInteractive && (environment["NO_COLOR"] ?? "").isEmpty
    }

    /// Columns; 80 when the terminal does not say.
    var width: Int { size.columns }
    /// Rows; 24 when the terminal does not say.
    var height: Int { size.rows }

    private var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    func styled(_ text: String, _ style: Style) -> String {
        usesColor ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// A hyperlink (OSC 8) to a file where a person can click it, the plain text elsewhere.
    func link(_ text: String, file path: String?) -> String {
        guard isInteractive, let path, path.hasPrefix("/") else { return text }
        let url = URL(fileURLWithPath: path).absoluteString
        return "\u{1B}]8;;\(url)\u{1B}\\\(text)\u{1B}]8;;\u{1B}\\"
    }

    /// Text of a document or a file name, made harmless: on a terminal, control characters would let a
    /// document move the cursor or forge output. Elsewhere the text stays as it is.
    func clean(_ text: String) -> String {
        guard isInteractive else { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
            scalars.append(isControl ? "\u{FFFD}" : scalar)
        }
        return String(scalars)
    }
}

/// Columns a text takes on a terminal: two for East Asian wide characters and emoji, none for combining marks.
func displayWidth(_ text: String) -> Int {
    text.reduce(0) { $0 + displayWidth($1) }
}

/// Columns of one character; UAX #11's wide ranges, coarsely.
func displayWidth(_ character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0: return 0
    case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
        return 2
    default: return 1
    }
}

/// The end of a text that fits into so many columns, with an ellipsis where something was left out.
func shortened(_ text: String, toColumns columns: Int) -> String {
    guard displayWidth(text) > columns else { return text }
    guard columns > 1 else { return "" }
    var kept: [Character] = []
    var used = 1
    for character in text.reversed() {
        used += displayWidth(character)
        guard used <= columns else { break }
        kept.append(character)
    }
    return "…" + String(kept.reversed())
}
