import Footnote
import Foundation

/// Search results for a person: place, headings and the beginning of the text; with `explain`, a table row of
/// what each stage said.
struct SearchText {
    var results: [SearchResult]
    /// The folder that relative paths start from.
    var root: URL
    var explain: Bool
    /// Show whole chunks instead of their beginning.
    var full: Bool
    var terminal = Terminal.output
    /// Places of the same text that are listed.
    private static let placesShown = 8

    var text: String {
        results.enumerated().map { entry($0.element, rank: $0.offset + 1) }.joined(separator: "\n")
    }

    private func entry(_ result: SearchResult, rank: Int) -> String {
        let place = SourceLine.text(result.document, result.location, root: root, terminal: terminal)
        let headings = SourceLine.headings(result.headingPath, terminal: terminal)
        var lines = ["\(terminal.styled("\(rank).", .bold)) \(place)\(headings)"]
        if explain { lines.append("   " + terminal.styled(scores(result.scores), .yellow)) }
        if full {
            lines += terminal.clean(result.text).split(separator: "\n", omittingEmptySubsequences: false).map { "   \($0)" }
            lines.append("")
        } else {
            lines.append("   " + terminal.clean(SourceLine.excerpt(result.text, limit: 240)))
        }
        let places = SourceLine.places(result.alsoAt, limit: full ? .max : Self.placesShown, root: root, terminal: terminal)
        lines += places.map { "   " + $0 }
        return lines.joined(separator: "\n") + "\n"
    }

    private func scores(_ scores: RetrievalScores) -> String {
        func part(_ name: String, _ rank: Int?, _ score: Double?) -> String {
            guard let rank else { return "\(name) –" }
            return "\(name) #\(rank)" + (score.map { String(format: " %.3f", $0) } ?? "")
        }
        return [
            part("lexical", scores.lexicalRank, scores.lexicalScore),
            part("dense", scores.denseRank, scores.denseScore),
            String(format: "fused %.4f", scores.fused),
        ].joined(separator: "   ") + (scores.rerank.map { String(format: "   rerank %.3f", $0) } ?? "")
    }
}
