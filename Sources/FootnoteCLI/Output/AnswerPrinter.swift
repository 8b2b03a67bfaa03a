import Footnote
import Foundation

/// Prints one answer, as it comes about or when it is complete.
struct AnswerPrinter {
    var json: Bool
    /// Show sentences and draft as they come.
    var stream: Bool
    /// The folder that relative paths start from.
    var root: URL
    /// Answers follow one another: JSON takes one line each.
    var isPartOfSequence = false
    var terminal = Terminal.output

    /// Follows the events to the end.
    /// - Returns: the checked answer.
    /// - Throws: what the stream throws; `CommandFailure` when it ends without an answer.
    func print(_ events: AsyncThrowingStream<AskEvent, any Error>) async throws -> Answer {
        var live = LiveAnswer(isShown: stream && !json && terminal.isInteractive && Terminal.error.isInteractive)
        var retrieved: [SearchResult] = []
        do {
            for try await event in events {
                if json && stream { try JSONOutput.line(AskEventJSON(event)) }
                switch event {
                case .retrieved(let results): retrieved = results
                case .text(let text): live.draft(text)
                case .sentence(let sentence): live.sentence(sentence)
                case .finished(let answer):
                    live.finish()
                    try show(answer, alreadyShown: live.shown == answer.sentences, retrieved: retrieved)
                    return answer
                }
            }
        } catch {
            live.finish()
            throw error
        }
        try Task.checkCancellation()
        throw CommandFailure("the answer ended before it was complete")
    }

    private func show(_ answer: Answer, alreadyShown: Bool, retrieved: [SearchResult]) throws {
        // After the answer, where a reader who has read it looks next.
        defer { answer.notices.forEach(StandardError.notice) }
        if json {
            guard !stream else { return }
            try isPartOfSequence ? JSONOutput.line(AnswerJSON(answer)) : JSONOutput.document(AnswerJSON(answer))
        } else if answer.outcome == .noEvidence {
            StandardError.notice("No evidence: the knowledge base does not answer this." + nearest(retrieved))
        } else {
            let text = AnswerText(answer: answer, root: root, terminal: terminal)
            StandardOutput.write(alreadyShown ? text.afterBody : text.text)
        }
    }

    /// Where a person may look on, when there is no answer.
    private func nearest(_ results: [SearchResult]) -> String {
        guard !results.isEmpty else { return "" }
        let places = results.prefix(3).map { "\n  \($0.document.path):\($0.location.firstLine)" }
        return " Nearest passages:" + places.joined()
    }
}

/// An answer on a terminal while it comes about: the draft, dim and on standard error, gives way to each sentence
/// as soon as it has been checked.
private struct LiveAnswer {
    let isShown: Bool
    private(set) var shown: [AnswerSentence] = []
    private var view = DraftView()

    init(isShown: Bool) {
        self.isShown = isShown
    }

    mutating func draft(_ text: String) {
        if isShown { view.append(text) }
    }

    mutating func sentence(_ sentence: AnswerSentence) {
        guard isShown else { return }
        view.erase()
        let text = (shown.isEmpty ? "" : " ") + AnswerText.sentence(sentence, terminal: .output)
        StandardOutput.write(text)
        view.advance(over: (shown.isEmpty ? "" : " ") + AnswerText.sentence(sentence, terminal: .plain))
        shown.append(sentence)
    }

    mutating func finish() {
        view.erase()
    }
}
