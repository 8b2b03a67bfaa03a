import Footnote
import Foundation

/// An answer for a person: sentences with numbered markers, the sources below with the quoted words, and what
/// the check found wanting.
struct AnswerText {
    var answer: Answer
    /// The folder that relative paths start from.
    var root: URL
    var terminal = Terminal.output
    /// Show what was left out, and why.
    var explains = false

    var text: String { body + afterBody }

    /// What follows the sentences: sources and doubts.
    var afterBody: String { [sources, doubts].compactMap(\.self).map { "\n\n" + $0 }.joined() + "\n" }

    private var body: String {
        let facts = Self.facts(answer.facts, terminal: terminal)
        return facts + (facts.isEmpty || answer.sentences.isEmpty ? "" : "\n\n")
            + Answer.join(answer.sentences) { Self.sentence($0, terminal: terminal) }
    }

    /// The facts, one a line; in bold on a terminal and between asterisks, as Markdown has it, elsewhere.
    /// - Parameter isMeasured: without escape sequences, as wide as it is shown.
    static func facts(_ facts: [AnswerFact], terminal: Terminal, isMeasured: Bool = false) -> String {
        let style = isMeasured ? Terminal.plain : terminal
        return facts.map { fact in
            let words = terminal.clean(SourceLine.singleLine(fact.text))
            let shown = terminal.usesColor ? style.styled(words, .bold) : "**\(words)**"
            return shown + markers(fact.citations, terminal: style)
        }.joined(separator: "\n")
    }

    private static func markers(_ citations: [Citation], terminal: Terminal) -> String {
        citations.map { terminal.styled(" [\($0.number)]", .cyan) }.joined()
    }

    /// A sentence with its markers, and a word of warning where its sources do not bear it out.
    static func sentence(_ sentence: AnswerSentence, terminal: Terminal) -> String {
        let words = terminal.clean(sentence.text)
        let markers = markers(sentence.citations, terminal: terminal)
        switch sentence.support {
        case .supported: return words + markers
        case .partial: return words + markers + terminal.styled(" (partly supported)", .yellow)
        case .unsupported: return words + markers + terminal.styled(" (unsupported)", .red)
        }
    }

    private var sources: String? {
        guard !answer.citations.isEmpty else { return nil }
        let lines = answer.citations.map { citation in
            let number = terminal.styled("[\(citation.number)]", .cyan)
            let place = SourceLine.text(citation.document, citation.location, root: root, terminal: terminal)
            let headings = SourceLine.headings(citation.headingPath, terminal: terminal)
            let quote = terminal.clean(SourceLine.singleLine(citation.quote))
            let others = SourceLine.places(citation.alsoAt, limit: 3, root: root, terminal: terminal).map { "\n    " + $0 }.joined()
            return "\(number) \(place)\(headings)\n    \(terminal.styled("“\(quote)”", .dim))" + others
        }
        return terminal.styled("Sources", .bold) + "\n" + lines.joined(separator: "\n")
    }

    private var doubts: String? {
        let lines = (answer.sentences + (explains ? answer.dropped : [])).filter { $0.support != .supported && !$0.reasons.isEmpty }.map { sentence in
            let words = terminal.clean(SourceLine.excerpt(sentence.text, limit: 60))
            return "- “\(words)”: \(terminal.clean(sentence.reasons.joined(separator: "; ")))"
        }
        guard !lines.isEmpty else { return nil }
        return terminal.styled("Not borne out by the sources", .bold) + "\n" + lines.joined(separator: "\n")
    }
}
