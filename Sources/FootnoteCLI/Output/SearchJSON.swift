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
    var place: PlaceJSON?
    var startByte: Int
    var endByte: Int
    var leadIn: String?
    var text: String
    var scores: Scores
    /// Other places that say the same; absent when there is none.
    var alsoAt: [OtherPlaceJSON]?

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
        place = PlaceJSON(result.location)
        startByte = result.range.lowerBound
        endByte = result.range.upperBound
        leadIn = result.leadIn
        text = result.text
        scores = Scores(
            lexicalRank: result.scores.lexicalRank, lexicalScore: result.scores.lexicalScore,
            denseRank: result.scores.denseRank, denseScore: result.scores.denseScore, fused: result.scores.fused,
            rerank: result.scores.rerank)
        alsoAt = OtherPlaceJSON.list(result.alsoAt)
    }

    static func list(_ results: [SearchResult]) -> [SearchResultJSON] {
        results.enumerated().map { SearchResultJSON($0.element, rank: $0.offset + 1) }
    }
}

/// Another place of a passage, as results and citations name it.
struct OtherPlaceJSON: Encodable {
    var documentId: Int64
    var path: String
    var lines: LinesJSON
    var page: Int?
    var place: PlaceJSON?
    /// Whether the passage there is not the same to the letter.
    var differs: Bool

    /// `nil` for none, so that the key is absent.
    static func list(_ places: [ResultPlace]) -> [OtherPlaceJSON]? {
        places.isEmpty ? nil : places.map { place in
            OtherPlaceJSON(
                documentId: place.document.id, path: place.document.path, lines: LinesJSON(place.location),
                page: place.location.page, place: PlaceJSON(place.location), differs: place.differs)
        }
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
