/// The few words that answer a question for a fact, cut from a source.
public struct AnswerFact: Hashable, Sendable, Codable {
    /// The document's text at `range`, character for character.
    public var text: String
    /// UTF-8 offsets into the normalised text of the first citation's document.
    public var range: SourceRange
    /// The sentences that hold it; several when documents agree.
    public var citations: [Citation]
    /// How likely it is the answer, 0...1.
    public var probability: Double

    public init(text: String, range: SourceRange, citations: [Citation], probability: Double) {
        self.text = text
        self.range = range
        self.citations = citations
        self.probability = probability
    }
}

/// Why a question was not answered, and where a reader may look on.
public struct Refusal: Hashable, Sendable, Codable {
    /// A sentence of a passage that came near.
    public struct Nearest: Hashable, Sendable, Codable {
        public var document: DocumentReference
        public var headingPath: [String]
        public var location: SourceLocation
        /// The sentence, exactly as it stands.
        public var quote: String
    }

    /// What was searched, after filters.
    public var documents: Int
    public var chunks: Int
    /// Best first, one for each passage.
    public var nearest: [Nearest]
}
