internal import Foundation

/// The documents of a test collection as files, and which of them stands where.
struct RetrievalFiles {
    private(set) var passages: [PassageFolder.Passage] = []
    /// By stored path the documents in the file, with their UTF-8 ranges if there are several.
    private var documents: [String: [(id: String, range: Range<Int>)]] = [:]

    /// - Parameter join: documents in one file.
    init(_ collection: [RetrievalCollection.Document], join: Int) {
        for start in stride(from: 0, to: collection.count, by: join) {
            let group = collection[start..<min(start + join, collection.count)]
            let passage = join == 1 ? Self.single(group[start], number: start) : joined(group)
            passages.append(passage)
            if join == 1 { documents["passages/\(passage.name)"] = [(group[start].id, 0..<Int.max)] }
        }
    }

    /// A title becomes a heading, as it is in the documents that people keep.
    private static func single(_ document: RetrievalCollection.Document, number: Int) -> PassageFolder.Passage {
        let title = line(document.title)
        return title.isEmpty
            ? PassageFolder.Passage(name: "document-\(number).txt", text: document.text)
            : PassageFolder.Passage(name: "document-\(number).md", text: "# \(title)\n\n\(document.text)")
    }

    private mutating func joined(_ group: ArraySlice<RetrievalCollection.Document>) -> PassageFolder.Passage {
        var text = "", places: [(id: String, range: Range<Int>)] = []
        for document in group {
            let start = text.utf8.count
            // One paragraph without a title of its own line: that would show where a document begins.
            text += Self.line([document.title, document.text].filter { !$0.isEmpty }.joined(separator: ". ")) + "\n\n"
            places.append((document.id, start..<text.utf8.count))
        }
        let name = "documents-\(group.startIndex).txt"
        documents["passages/\(name)"] = places
        return PassageFolder.Passage(name: name, text: text)
    }

    private static func line(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

    /// The documents that a range of a file overlaps, most of it first.
    func documents(at path: String, _ range: SourceRange) -> [String] {
        (documents[path] ?? []).map { ($0.id, $0.range.clamped(to: range.range).count) }
            .filter { $0.1 > 0 }.sorted { $0.1 > $1.1 }.map(\.0)
    }
}
