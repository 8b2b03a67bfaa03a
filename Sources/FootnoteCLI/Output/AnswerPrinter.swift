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
    /// Show what was left out of the answer, and why.
    var explains = false
    var terminal = Terminal.output

    /// Follows the events to the end.
    /// - Returns: the checked answer.
    /// - Throws: what the stream throws; `CommandFailure` when it ends without an answer.
    func print(_ events: AsyncThrowingStream<AskEvent, any Error>) async throws -> Answer {
        var live = LiveAnswer(isShown: stream && !json && terminal.isInteractive && Terminal.error.isInteractive)
        do {
            for try await event in events {
                if json && stream { try JSONOutput.line(AskEventJSON(event)) }
                switch event {
                case .retrieved: break
                case .facts(let facts): live.facts(facts)
                case .text(let text): live.draft(text)
                case .sentence(let sentence): live.sentence(sentence)
                case .finished(let answer):
                    live.finish()
                    try show(answer, alreadyShown: live.shown == answer.sentences && live.shownFacts == answer.facts)
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

    private func show(_ answer: Answer, alreadyShown: Bool) throws {
        // After the answer, where a reader who has read it looks next.
        defer { answer.notices.forEach(StandardError.notice) }
        if json {
            guard !stream else { return }
            try isPartOfSequence ? JSONOutput.line(AnswerJSON(answer)) : JSONOutput.document(AnswerJSON(answer))
        } else if answer.outcome == .noEvidence {
            StandardError.write(RefusalText(answer: answer, root: root).text + "\n")
        } else {
            let text = AnswerText(answer: answer, root: root, terminal: terminal, explains: explains)
            StandardOutput.write(alreadyShown ? text.afterBody : text.text)
        }
    }
}

/// An answer on a terminal while it comes about: the draft, dim and on standard error, gives way to each sentence
/// as soon as it has been checked.
private struct LiveAnswer {
    let isShown: Bool
    private(set) var shown: [AnswerSentence] = []
    private(set) var shownFacts: [AnswerFact] = []
    private var view = DraftView()

    init(isShown: Bool) {
        self.isShown = isShown
    }

    mutating func draft(_ text: String) {
        if isShown { view.append(text) }
    }

    mutating func facts(_ facts: [AnswerFact]) {
        guard isShown else { return }
        shownFacts = facts
        StandardOutput.write(AnswerText.facts(facts, terminal: .output))
        view.advance(over: AnswerText.facts(facts, terminal: .output, isMeasured: true))
    }

    mutating func sentence(_ sentence: AnswerSentence) {
        guard isShown else { return }
        view.erase()
        let gap = shown.isEmpty ? (shownFacts.isEmpty ? "" : "\n\n") : Answer.gap(between: shown[shown.count - 1], and: sentence)
        StandardOutput.write(gap + AnswerText.sentence(sentence, terminal: .output))
        view.advance(over: gap + AnswerText.sentence(sentence, terminal: .plain))
        shown.append(sentence)
    }

    mutating func finish() {
        view.erase()
    }
}
