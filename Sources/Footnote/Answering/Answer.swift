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
    public var outcome: AnswerOutcome
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
    /// The question as it was understood from the conversation, where that differs from how it was asked.
    public var rewrittenQuestion: String?
    /// What it was made from; set by `KnowledgeBase.ask`.
    public var manifest: AnswerManifest?
    /// Things a reader should know: "two sentences are not supported by the sources".
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

    /// The sentences joined, with numbered markers.
    public var text: String {
        sentences.map { sentence in
            sentence.text + sentence.citations.map { " [\($0.number)]" }.joined()
        }.joined(separator: " ")
    }
}

/// What happens while a question is answered, in this order.
public enum AskEvent: Sendable {
    case retrieved([SearchResult])
    /// A piece of the draft as it is generated. The checked text is in `sentence` and `finished`.
    case text(String)
    /// A sentence that is complete and has been compared with the sources.
    case sentence(AnswerSentence)
    case finished(Answer)
}
