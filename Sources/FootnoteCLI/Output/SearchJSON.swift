import Footnote

/// A found chunk as `search --json` and the `retrieved` event of `ask --json --stream` print it.
struct SearchResultJSON: Encodable {
    var rank: Int
    var chunkId: Int64
    var documentId: Int64
    var documentTitle: String?
    var path: String
    var collection: String
    var headingPath: [String]
    var lines: LinesJSON
    var page: Int?
    var startByte: Int
    var endByte: Int
    var leadIn: String?
    var text: String
    var scores: Scores
    /// Other places that say the same; absent when there is none.
    var alsoAt: [Place]?

    struct Place: Encodable {
        var documentId: Int64
        var path: String
        var lines: LinesJSON
        var page: Int?
    }

    struct Scores: Encodable {
        var lexicalRank: Int?
        var lexicalScore: Double?
        var denseRank: Int?
        var denseScore: Double?
        var fused: Double
        var rerank: Double?
    }

    /// `rank` counts from 1.
    init(_ result: SearchResult, rank: Int) {
        self.rank = rank
        chunkId = result.chunkID
        documentId = result.document.id
        documentTitle = result.document.title
        path = result.document.path
        collection = result.document.collection
        headingPath = result.headingPath
        lines = LinesJSON(result.location)
        page = result.location.page
        startByte = result.range.lowerBound
        endByte = result.range.upperBound
        leadIn = result.leadIn
        text = result.text
        scores = Scores(
            lexicalRank: result.scores.lexicalRank, lexicalScore: result.scores.lexicalScore,
            denseRank: result.scores.denseRank, denseScore: result.scores.denseScore, fused: result.scores.fused,
            rerank: result.scores.rerank)
        let places = result.alsoAt.map {
            Place(documentId: $0.document.id, path: $0.document.path, lines: LinesJSON($0.location), page: $0.location.page)
        }
        alsoAt = places.isEmpty ? nil : places
    }

    static func list(_ results: [SearchResult]) -> [SearchResultJSON] {
        results.enumerated().map { SearchResultJSON($0.element, rank: $0.offset + 1) }
    }
}

/// What `search --json` prints.
struct SearchJSON: Encodable {
    var query: String
    var results: [SearchResultJSON]
    var notices: [String]

    init(query: String, response: SearchResponse) {
        self.query = query
        results = SearchResultJSON.list(response.results)
        notices = response.notices
    }
}
