/// A chunk that was found, with how it was found.
public struct SearchResult: Hashable, Sendable, Codable {
    public var chunkID: Int64
    public var document: DocumentReference
    public var headingPath: [String]
    public var location: SourceLocation
    public var range: SourceRange
    /// The document's text at `range`.
    public var text: String
    /// Header row or lead-in that stands earlier in the document, for the reader; not part of `range`.
    public var leadIn: String?
    public var scores: RetrievalScores
    /// Other places that say the same or nearly the same; they are not shown as results of their own.
    public var alsoAt: [ResultPlace]

    public init(
        chunkID: Int64, document: DocumentReference, headingPath: [String], location: SourceLocation,
        range: SourceRange, text: String, leadIn: String?, scores: RetrievalScores, alsoAt: [ResultPlace] = []
    ) {
        self.chunkID = chunkID
        self.document = document
        self.headingPath = headingPath
        self.location = location
        self.range = range
        self.text = text
        self.leadIn = leadIn
        self.scores = scores
        self.alsoAt = alsoAt
    }
}

/// Where a passage stands.
public struct ResultPlace: Hashable, Sendable, Codable {
    public var chunkID: Int64
    public var document: DocumentReference
    public var location: SourceLocation
    public var range: SourceRange
    /// Whether the passage there is not the same to the letter.
    public var differs: Bool

    public init(
        chunkID: Int64, document: DocumentReference, location: SourceLocation, range: SourceRange, differs: Bool = false
    ) {
        self.chunkID = chunkID
        self.document = document
        self.location = location
        self.range = range
        self.differs = differs
    }

    /// - Parameter text: of the passage that is shown instead.
    init(_ result: SearchResult, differsFrom text: String) {
        self.init(
            chunkID: result.chunkID, document: result.document, location: result.location, range: result.range,
            differs: result.text != text)
    }
}

/// What each stage said of a result.
public struct RetrievalScores: Hashable, Sendable, Codable {
    /// Place among the lexical candidates, counted from 1; `nil` when it was not among them.
    public var lexicalRank: Int?
    /// BM25, larger is better; may be known of a dense candidate that is no lexical one.
    public var lexicalScore: Double?
    public var denseRank: Int?
    /// Cosine of question and chunk.
    public var denseScore: Double?
    /// What the candidates are ordered by, in 0...1.
    public var fused: Double
    /// What the reranker says, on its own scale; `nil` for a candidate that it did not read. Candidates that have it come
    /// first, in its order.
    public var rerank: Double?

    public init(
        lexicalRank: Int? = nil, lexicalScore: Double? = nil, denseRank: Int? = nil, denseScore: Double? = nil,
        fused: Double = 0, rerank: Double? = nil
    ) {
        self.lexicalRank = lexicalRank
        self.lexicalScore = lexicalScore
        self.denseRank = denseRank
        self.denseScore = denseScore
        self.fused = fused
        self.rerank = rerank
    }
}
