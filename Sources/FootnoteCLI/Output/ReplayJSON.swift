import Footnote

/// What `replay --json` prints.
struct ReplayJSON: Encodable {
    var identical: Bool
    var differences: [Difference]
    var answer: AnswerJSON

    struct Difference: Encodable {
        /// `embedding_model`, `passage_removed`, `answer` …
        var kind: String
        var detail: String
    }

    init(_ report: ReplayReport) {
        identical = report.isIdentical
        differences = report.differences.map { Difference(kind: Self.snakeCase($0.kind.rawValue), detail: $0.detail) }
        answer = AnswerJSON(report.answer)
    }

    private static func snakeCase(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
    }
}

/// One entry of `log --json`.
struct LoggedQuestionJSON: Encodable {
    var askedAt: String
    var question: String
    /// `answered` or `no_evidence`.
    var outcome: String
    var text: String
    var model: String?
    var evidence: Double
    var sources: [Source]

    struct Source: Encodable {
        var number: Int
        var documentId: Int64
        var documentTitle: String?
        var path: String
        var collection: String
        var lines: Lines
        var citedText: String

        struct Lines: Encodable {
            var first: Int
            var last: Int
        }
    }

    init(_ question: LoggedQuestion) {
        askedAt = question.askedAt
        self.question = question.question
        outcome = question.outcome == .answered ? "answered" : "no_evidence"
        text = question.answer
        model = question.model
        evidence = question.evidence
        sources = question.sources.map {
            Source(
                number: $0.number, documentId: $0.document.id, documentTitle: $0.document.title, path: $0.document.path,
                collection: $0.document.collection, lines: .init(first: $0.firstLine, last: $0.lastLine), citedText: $0.quote)
        }
    }
}
