/// Which chunks may be found.
public struct SearchFilter: Hashable, Sendable, Codable {
    /// Shell patterns over stored paths, of which one must match: `*` and `?` within a folder, `**` across
    /// folders, `[abc]` one of. A pattern without a slash matches in any folder. Empty: all.
    public var paths: [String] = []
    /// Names of collections, of which the document must be in one. Empty: all.
    public var collections: [String] = []
    /// Metadata keys with the value that the document must have, in any case of letters.
    public var metadata: [String: String] = [:]

    public init(paths: [String] = [], collections: [String] = [], metadata: [String: String] = [:]) {
        self.paths = paths
        self.collections = collections
        self.metadata = metadata
    }

    var isEmpty: Bool { paths.isEmpty && collections.isEmpty && metadata.isEmpty }
}

/// How to search.
public struct SearchOptions: Sendable {
    public enum Mode: String, Sendable, Codable, CaseIterable {
        /// Words and meaning, fused.
        case hybrid
        /// Words alone (BM25); needs no embedding model.
        case lexical
        /// Meaning alone.
        case dense
    }

    public var mode: Mode = .hybrid
    /// Most results to return.
    public var limit: Int = 10
    /// Results whose fused score is below are left out.
    public var minimumScore: Double = 0
    public var filter = SearchFilter()
    /// Candidates that each side contributes before fusion. More find more and cost more.
    public var candidates: Int = 100
    /// How many of the first candidates are put in the order of the knowledge base's reranker, when it has one; 0 for none.
    public var rerank: Int = 20
    /// How much it counts that results differ from each other: 0 orders by relevance alone, 1 by difference alone
    /// (maximal marginal relevance).
    public var diversity: Double = 0

    public init(
        mode: Mode = .hybrid, limit: Int = 10, minimumScore: Double = 0, filter: SearchFilter = SearchFilter()
    ) {
        self.mode = mode
        self.limit = limit
        self.minimumScore = minimumScore
        self.filter = filter
    }
}

/// What a search found, and what a reader should know about how it was done.
public struct SearchResponse: Sendable {
    /// Best first.
    public var results: [SearchResult]
    /// "no embedding model: searched by words alone".
    public var notices: [String]
}
