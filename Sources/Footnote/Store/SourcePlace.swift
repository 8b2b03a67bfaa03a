import Ingestion

/// Where in a document that has pages, slides, sheets, cells or chapters something stands.
public struct SourcePlace: Hashable, Sendable, Codable, CustomStringConvertible {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case page, slide
        /// `first` and `last` are rows.
        case sheet
        /// A cell of a notebook.
        case cell
        /// A chapter of a book.
        case chapter
    }

    public var kind: Kind
    /// Counted from 1.
    public var first: Int
    public var last: Int
    /// Of a sheet.
    public var name: String?

    public init(_ kind: Kind, first: Int, last: Int? = nil, name: String? = nil) {
        self.kind = kind
        self.first = first
        self.last = max(first, last ?? first)
        self.name = name
    }

    /// `page 3`, `pages 3-4`, `sheet Costs, rows 7-19`.
    public var description: String {
        let numbers = first == last ? "\(first)" : "\(first)-\(last)"
        let word = kind == .sheet ? "row" : kind.rawValue
        let place = "\(word)\(first == last ? "" : "s") \(numbers)"
        return kind == .sheet ? "sheet \(name ?? ""), \(place)" : place
    }

    init(_ place: Place) {
        switch place {
        case .page(let number): self.init(.page, first: number)
        case .slide(let number): self.init(.slide, first: number)
        case .sheet(let name, let row): self.init(.sheet, first: row, name: name)
        case .cell(let number): self.init(.cell, first: number)
        case .chapter(let number): self.init(.chapter, first: number)
        }
    }

    /// As the database holds the place of a block: `page 3`, `sheet 7 Costs`.
    init?(stored: String) {
        let parts = stored.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, let kind = Kind(rawValue: String(parts[0])), let number = Int(parts[1]) else { return nil }
        self.init(kind, first: number, name: parts.count == 3 ? String(parts[2]) : nil)
    }

    var stored: String { "\(kind.rawValue) \(first)" + (name.map { " \($0)" } ?? "") }

    /// Both places and what lies between, if they are of one kind and sheet.
    func joined(_ other: SourcePlace) -> SourcePlace {
        guard kind == other.kind, name == other.name else { return self }
        return SourcePlace(kind, first: min(first, other.first), last: max(last, other.last), name: name)
    }
}

/// Where the blocks of a document stand, by the UTF-8 offset in its text at which each place begins.
struct DocumentPlaces: Sendable, Equatable {
    /// Ascending; `nil` begins text that stands nowhere in particular.
    private(set) var starts: [(offset: Int, place: SourcePlace?)] = []

    init() {}

    init(_ blocks: [Block]) {
        for block in blocks {
            let place = block.place.map { SourcePlace($0) }
            if starts.last.map({ $0.place != place }) ?? (place != nil) { starts.append((block.range.lowerBound, place)) }
        }
    }

    init(starts: [(offset: Int, place: SourcePlace?)]) { self.starts = starts }

    /// `nil` in documents without places, and before the first.
    func place(of range: Range<Int>) -> SourcePlace? {
        var low = 0, high = starts.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle].offset <= range.lowerBound { low = middle + 1 } else { high = middle }
        }
        let places = starts[max(0, low - 1)...].prefix { $0.offset < max(range.upperBound, 1) }.compactMap(\.place)
        return places.first.map { first in places.dropFirst().reduce(first) { $0.joined($1) } }
    }

    static func == (a: DocumentPlaces, b: DocumentPlaces) -> Bool {
        a.starts.elementsEqual(b.starts) { $0.offset == $1.offset && $0.place == $1.place }
    }
}
