import Footnote
import Foundation

/// How a place in a document is written: `path:first-last`, a link on a terminal.
enum SourceLine {
    /// `root` is the folder that relative paths start from.
    static func text(
        _ document: DocumentReference, _ location: SourceLocation, root: URL, terminal: Terminal = .output
    ) -> String {
        let lines = location.firstLine == location.lastLine
            ? "\(location.firstLine)" : "\(location.firstLine)-\(location.lastLine)"
        let place = "\(document.path):\(lines)" + (location.place.map { " (\(singleLine($0.description)))" } ?? "")
        let file = URL(fileURLWithPath: document.path, relativeTo: root).path
        return terminal.link(terminal.styled(terminal.clean(place), .cyan), file: file)
    }

    /// Where else a passage stands, a line each; of more than `limit` places their number.
    static func places(_ places: [ResultPlace], limit: Int, root: URL, terminal: Terminal) -> [String] {
        let lines = places.prefix(limit).map { place in
            (place.differs ? "nearly the same at " : "also at ") + text(place.document, place.location, root: root, terminal: terminal)
        }
        return places.count > limit ? lines + ["and at \(places.count - limit) more places"] : lines
    }

    /// ` › Heading › Subheading`, empty when there is none.
    static func headings(_ path: [String], terminal: Terminal = .output) -> String {
        path.map { " › " + terminal.clean(singleLine($0)) }.joined()
    }

    /// Text with every run of white space made one space.
    static func singleLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// Single-line text of at most so many characters.
    static func excerpt(_ text: String, limit: Int) -> String {
        let line = singleLine(text)
        return line.count <= limit ? line : line.prefix(max(0, limit - 1)) + "…"
    }
}
