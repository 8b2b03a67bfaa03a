import Footnote
import Foundation

/// A refusal for a person: what was searched, and what came nearest.
struct RefusalText {
    var answer: Answer
    /// The folder that relative paths start from.
    var root: URL
    var terminal = Terminal.error

    var text: String {
        var lines = ["No evidence: the knowledge base does not answer this."]
        if let refusal = answer.refusal {
            lines.append("Searched \(count(refusal.chunks, "passage")) of \(count(refusal.documents, "document")).")
            if !refusal.nearest.isEmpty { lines.append("Nearest:") }
            for nearest in refusal.nearest {
                let place = SourceLine.text(nearest.document, nearest.location, root: root, terminal: terminal)
                lines.append("  \(place)\(SourceLine.headings(nearest.headingPath, terminal: terminal))")
                lines.append("    “\(terminal.clean(SourceLine.excerpt(nearest.quote, limit: 160)))”")
            }
        }
        return lines.joined(separator: "\n")
    }

    private func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
