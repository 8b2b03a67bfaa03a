/// How far a sentence is borne out by the text it cites.
public enum Support: String, Sendable, Codable, CaseIterable {
    case supported, partial, unsupported
}

/// One sentence of an answer with its sources.
public struct AnswerSentence: Hashable, Sendable, Codable {
    public enum Kind: String, Sendable, Codable {
        /// Written by the language model.
        case generated
        /// Cut from a source, character for character.
        case quoted
    }

    public var kind: Kind
    public var text: String
    public var citations: [Citation]
    public var support: Support
    /// Why the support is less than full: "number 45 is not in the source".
    public var reasons: [String]

    public init(kind: Kind, text: String, citations: [Citation], support: Support, reasons: [String] = []) {
        self.kind = kind
        self.text = text
        self.citations = citations
        self.support = support
        self.reasons = reasons
    }
}

/// What became of a question.
public enum AnswerOutcome: String, Sendable, Codable {
    case answered
    /// Nothing in the knowledge base bears on the question enough to answer it.
    case noEvidence
}

/// What the language model was given to read.
public struct ContextReport: Hashable, Sendable, Codable {
    /// Tokens available for sources, counted by the model's own tokenizer.
    public var tokenBudget: Int
    public var tokensUsed: Int
    public var includedChunks: [Int64]
    /// Chunks that were found and did not fit, best first. Never cut silently.
    public var omittedChunks: [Int64]

    static let empty = ContextReport(tokenBudget: 0, tokensUsed: 0, includedChunks: [], omittedChunks: [])

    public init(tokenBudget: Int, tokensUsed: Int, includedChunks: [Int64], omittedChunks: [Int64]) {
        self.tokenBudget = tokenBudget
        self.tokensUsed = tokensUsed
        self.includedChunks = includedChunks
        self.omittedChunks = omittedChunks
    }
}

/// An answer whose every sentence shows its source, or the statement that there is none.
public struct Answer: Hashable, Sendable, Codable {
    public var question: String
    /// The question as it was understood from the conversation, where that differs from how it was asked.
    public var rewrittenQuestion: String?
    public var outcome: AnswerOutcome
    /// The few words that answer a question for a fact; several where the sources differ, none for other questions.
    public var facts: [AnswerFact] = []
    public var sentences: [AnswerSentence]
    /// Distinct citations in order of their numbers.
    public var citations: [Citation]
    public var context: ContextReport
    /// Name of the language model; `nil` for extractive answers.
    public var model: String?
    /// Evidence score in 0...1 that decided between answering and refusing.
    public var evidence: Double
    /// What the score was made from.
    public var evidenceFeatures: EvidenceFeatures
    /// Sentences that the language model wrote and the sources do not bear out. They are not part of the answer.
    public var dropped: [AnswerSentence] = []
    /// What was searched and what came nearest; only where the outcome is `noEvidence`.
    public var refusal: Refusal?
    /// Tokens that the language model wrote, kept or not.
    public var tokensWritten = 0
    /// What it was made from; set by `KnowledgeBase.ask`.
    public var manifest: AnswerManifest?
    /// Things a reader should know: "two sentences were left out".
    public var notices: [String]

    public init(
        question: String, outcome: AnswerOutcome, sentences: [AnswerSentence], citations: [Citation],
        context: ContextReport, model: String?, evidence: Double,
        evidenceFeatures: EvidenceFeatures = EvidenceFeatures(), notices: [String]
    ) {
        self.question = question
        self.outcome = outcome
        self.sentences = sentences
        self.citations = citations
        self.context = context
        self.model = model
        self.evidence = evidence
        self.evidenceFeatures = evidenceFeatures
        self.notices = notices
    }

    /// Facts in bold, one a line, then the sentences, with numbered markers.
    public var text: String {
        let facts = facts.map { "**\($0.text)**" + Self.markers($0.citations) }.joined(separator: "\n")
        return facts + (facts.isEmpty || sentences.isEmpty ? "" : "\n\n") + Self.join(sentences) { $0.text + Self.markers($0.citations) }
    }

    /// Sentences behind one another; what has several lines stands apart.
    package static func join(_ sentences: [AnswerSentence], _ body: (AnswerSentence) -> String) -> String {
        var text = ""
        for (index, sentence) in sentences.enumerated() {
            if index > 0 { text += gap(between: sentences[index - 1], and: sentence) }
            text += body(sentence)
        }
        return text
    }

    package static func gap(between first: AnswerSentence, and second: AnswerSentence) -> String {
        first.text.contains("\n") || second.text.contains("\n") ? "\n\n" : " "
    }

    private static func markers(_ citations: [Citation]) -> String { citations.map { " [\($0.number)]" }.joined() }
}

/// What happens while a question is answered, in this order.
public enum AskEvent: Sendable {
    case retrieved([SearchResult])
    /// The few words that answer; not for every question.
    case facts([AnswerFact])
    /// A piece of the draft as it is generated. The checked text is in `sentence` and `finished`.
    case text(String)
    /// A sentence that is complete and has been compared with the sources.
    case sentence(AnswerSentence)
    case finished(Answer)
}
