import Footnote

/// An answer as `ask --json` prints it.
struct AnswerJSON: Encodable {
    var question: String
    /// As it was understood from the conversation, where that differs.
    var rewrittenQuestion: String?
    /// `answered` or `no_evidence`.
    var outcome: String
    var text: String
    var facts: [Fact]
    var sentences: [Sentence]
    /// Written by the language model and not part of the answer.
    var dropped: [Sentence]
    var citations: [CitationJSON]
    var context: Context
    var model: String?
    var evidence: Double
    var refusal: RefusalJSON?
    var notices: [String]

    struct Fact: Encodable {
        var text: String
        var probability: Double
        /// Numbers of `citations`; the place below is in the document of the first.
        var citations: [Int]
        var startByte: Int
        var endByte: Int

        init(_ fact: AnswerFact) {
            text = fact.text
            probability = fact.probability
            citations = fact.citations.map(\.number)
            startByte = fact.range.lowerBound
            endByte = fact.range.upperBound
        }
    }

    struct Sentence: Encodable {
        /// `generated` or `quoted`.
        var kind: String
        var text: String
        /// `supported`, `partial` or `unsupported`.
        var support: String
        var reasons: [String]
        /// Numbers of `citations`.
        var citations: [Int]

        init(_ sentence: AnswerSentence) {
            kind = sentence.kind.rawValue
            text = sentence.text
            support = sentence.support.rawValue
            reasons = sentence.reasons
            citations = sentence.citations.map(\.number)
        }
    }

    struct Context: Encodable {
        var tokenBudget: Int
        var tokensUsed: Int
        var includedChunks: [Int64]
        var omittedChunks: [Int64]
    }

    init(_ answer: Answer) {
        question = answer.question
        rewrittenQuestion = answer.rewrittenQuestion
        outcome = answer.outcome == .answered ? "answered" : "no_evidence"
        text = answer.text
        facts = answer.facts.map(Fact.init)
        dropped = answer.dropped.map(Sentence.init)
        refusal = answer.refusal.map(RefusalJSON.init)
        sentences = answer.sentences.map(Sentence.init)
        citations = CitationJSON.list(answer.citations)
        context = Context(
            tokenBudget: answer.context.tokenBudget, tokensUsed: answer.context.tokensUsed,
            includedChunks: answer.context.includedChunks, omittedChunks: answer.context.omittedChunks)
        model = answer.model
        evidence = answer.evidence
        notices = answer.notices
    }
}

/// A citation in the `char_location` shape that chat clients know, with the place in the file added.
struct CitationJSON: Encodable {
    /// `page_location` for a document that has pages, as clients expect it, else `char_location`.
    var type: String
    /// The marker in the answer's text.
    var number: Int
    var citedText: String
    /// Place among the distinct documents of this answer, counted from 0.
    var documentIndex: Int
    var documentId: Int64
    var documentTitle: String?
    var path: String
    var collection: String
    var headingPath: [String]
    var lines: LinesJSON
    var page: Int?
    var place: PlaceJSON?
    /// Pages from 1, the end not included; for `page_location`.
    var startPageNumber: Int?
    var endPageNumber: Int?
    /// Unicode scalars from the start of the document's text; the end is not included.
    var startCharIndex: Int
    var endCharIndex: Int
    /// The same in UTF-8 bytes.
    var startByte: Int
    var endByte: Int
    /// Other places of the passage; absent when there is none.
    var alsoAt: [OtherPlaceJSON]?

    static func list(_ citations: [Citation]) -> [CitationJSON] {
        var indexes = [Int64: Int]()
        return citations.map { citation in
            let index = indexes[citation.document.id] ?? indexes.count
            indexes[citation.document.id] = index
            return CitationJSON(citation, documentIndex: index)
        }
    }

    private init(_ citation: Citation, documentIndex: Int) {
        number = citation.number
        citedText = citation.quote
        self.documentIndex = documentIndex
        documentId = citation.document.id
        documentTitle = citation.document.title
        path = citation.document.path
        collection = citation.document.collection
        headingPath = citation.headingPath
        lines = LinesJSON(citation.location)
        page = citation.location.page
        place = PlaceJSON(citation.location)
        type = page == nil ? "char_location" : "page_location"
        startPageNumber = page
        endPageNumber = page == nil ? nil : citation.location.place.map { $0.last + 1 }
        startCharIndex = citation.characterRange.lowerBound
        endCharIndex = citation.characterRange.upperBound
        startByte = citation.range.lowerBound
        endByte = citation.range.upperBound
        alsoAt = OtherPlaceJSON.list(citation.alsoAt)
    }
}

/// What was searched for a refused question, and what came nearest.
struct RefusalJSON: Encodable {
    var documents: Int
    var chunks: Int
    var nearest: [Nearest]

    struct Nearest: Encodable {
        var documentId: Int64
        var documentTitle: String?
        var path: String
        var headingPath: [String]
        var lines: LinesJSON
        var page: Int?
        var place: PlaceJSON?
        var citedText: String
    }

    init(_ refusal: Refusal) {
        documents = refusal.documents
        chunks = refusal.chunks
        nearest = refusal.nearest.map {
            Nearest(
                documentId: $0.document.id, documentTitle: $0.document.title, path: $0.document.path,
                headingPath: $0.headingPath, lines: LinesJSON($0.location), page: $0.location.page,
                place: PlaceJSON($0.location), citedText: $0.quote)
        }
    }
}

/// Page, slide, sheet, cell or chapter.
struct PlaceJSON: Encodable {
    /// `page`, `slide`, `sheet`, `cell` or `chapter`.
    var kind: String
    /// Numbers from 1; of a sheet the rows.
    var first: Int
    var last: Int
    /// Of a sheet.
    var name: String?

    init?(_ location: SourceLocation) {
        guard let place = location.place else { return nil }
        kind = place.kind.rawValue
        first = place.first
        last = place.last
        name = place.name
    }
}

/// First and last line in the file, counted from 1.
struct LinesJSON: Encodable {
    var first: Int
    var last: Int

    init(_ location: SourceLocation) {
        first = location.firstLine
        last = location.lastLine
    }
}
