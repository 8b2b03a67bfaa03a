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

    public init(
        chunkID: Int64, document: DocumentReference, headingPath: [String], location: SourceLocation,
        range: SourceRange, text: String, leadIn: String?, scores: RetrievalScores
    ) {
        self.chunkID = chunkID
        self.document = document
        self.headingPath = headingPath
        self.location = location
        self.range = range
        self.text = text
        self.leadIn = leadIn
        self.scores = scores
    }
}

/// What each stage said of a result.
public struct RetrievalScores: Hashable, Sendable, Codable {
    /// Place among the lexical candidates, counted from 1; `nil` when it was not among them.
    public var lexicalRank: Int?
    /// BM25, larger is better.
    public var lexicalScore: Double?
    public var denseRank: Int?
    /// Cosine of question and chunk.
    public var denseScore: Double?
    /// What the results are ordered by, in 0...1.
    public var fused: Double

    public init(
        lexicalRank: Int? = nil, lexicalScore: Double? = nil, denseRank: Int? = nil, denseScore: Double? = nil,
        fused: Double = 0
    ) {
        self.lexicalRank = lexicalRank
        self.lexicalScore = lexicalScore
        self.denseRank = denseRank
        self.denseScore = denseScore
        self.fused = fused
    }
}
