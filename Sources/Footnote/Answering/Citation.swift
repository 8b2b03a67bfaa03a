/// A place in the normalised text of a document, in UTF-8 bytes, on character boundaries.
public struct SourceRange: Hashable, Sendable, Codable {
    public var lowerBound: Int
    public var upperBound: Int

    public init(_ range: Range<Int>) {
        lowerBound = range.lowerBound
        upperBound = range.upperBound
    }

    public var range: Range<Int> { lowerBound..<max(lowerBound, upperBound) }
    public var count: Int { max(0, upperBound - lowerBound) }
}

extension String {
    /// The text at a source range; `nil` when the range does not lie within the text or cuts a character.
    public subscript(source: SourceRange) -> Substring? {
        let bytes = utf8
        guard source.lowerBound >= 0, source.upperBound >= source.lowerBound, source.upperBound <= bytes.count
        else { return nil }
        let lower = bytes.index(bytes.startIndex, offsetBy: source.lowerBound)
        let upper = bytes.index(bytes.startIndex, offsetBy: source.upperBound)
        guard lower.samePosition(in: unicodeScalars) != nil, upper.samePosition(in: unicodeScalars) != nil
        else { return nil }
        return self[lower..<upper]
    }
}

/// Where in the original file something stands.
public struct SourceLocation: Hashable, Sendable, Codable {
    /// First and last line, counted from 1.
    public var firstLine: Int
    public var lastLine: Int
    /// Page, slide, sheet and rows, cell or chapter, in formats that have them.
    public var place: SourcePlace?
    /// Page or slide, counted from 1, on which it begins.
    public var page: Int? { place.flatMap { [.page, .slide].contains($0.kind) ? $0.first : nil } }

    public init(lines: ClosedRange<Int>, place: SourcePlace? = nil) {
        firstLine = lines.lowerBound
        lastLine = lines.upperBound
        self.place = place
    }
}

/// A document as answers and results name it.
public struct DocumentReference: Hashable, Sendable, Codable {
    public var id: Int64
    /// Path as it was indexed: relative to the knowledge base's root where it lies within it.
    public var path: String
    public var title: String?
    public var collection: String

    public init(id: Int64, path: String, title: String?, collection: String) {
        self.id = id
        self.path = path
        self.title = title
        self.collection = collection
    }
}

/// The source of a statement: `quote` is exactly the document's text at `range`.
public struct Citation: Hashable, Sendable, Codable {
    /// Marker in the answer, counted from 1 in order of first use.
    public var number: Int
    public var document: DocumentReference
    public var headingPath: [String]
    public var location: SourceLocation
    /// UTF-8 offsets into the document's normalised text.
    public var range: SourceRange
    /// The same range in Unicode scalars, as clients that index strings by code point expect it.
    public var characterRange: Range<Int>
    public var quote: String
    /// Other places of the passage the quote stands in; where one `differs`, the quote may stand there in other words.
    public var alsoAt: [ResultPlace]

    public init(
        number: Int, document: DocumentReference, headingPath: [String], location: SourceLocation,
        range: SourceRange, characterRange: Range<Int>, quote: String, alsoAt: [ResultPlace] = []
    ) {
        self.number = number
        self.document = document
        self.headingPath = headingPath
        self.location = location
        self.range = range
        self.characterRange = characterRange
        self.quote = quote
        self.alsoAt = alsoAt
    }
}
