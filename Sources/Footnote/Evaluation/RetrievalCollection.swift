internal import Foundation

/// A test collection in the layout of BEIR: documents, queries, and judgements of which documents bear on which query.
struct RetrievalCollection: Sendable {
    struct Document: Sendable, Decodable {
        var id: String
        var title: String
        var text: String
    }

    struct Query: Sendable, Decodable {
        var id: String
        var text: String
    }

    let documents: [Document]
    /// Queries with at least one judged document, in the order of their file.
    let queries: [Query]
    /// Relevance above 0 by query, then document.
    let judgements: [String: [String: Int]]

    /// Reads `corpus.jsonl` (`id` or `_id`, `title`, `text`), `queries.jsonl` (`id` or `_id`, `text`), each as it is or
    /// with `.gz`, and `qrels.tsv` (query, document, relevance; a first line of column names is passed over).
    /// - Throws: `EvaluationError` saying which file and line cannot be used.
    init(folder: URL) throws {
        let corpus = try Self.file("corpus.jsonl", in: folder), asked = try Self.file("queries.jsonl", in: folder)
        let qrels = try Self.file("qrels.tsv", in: folder)
        documents = try JSONLines.read(Document.self, from: corpus, fields: "id and text", called: "documents")
        let queries = try JSONLines.read(Query.self, from: asked, fields: "id and text", called: "queries")
        let documentIDs = try Self.distinct(documents.map(\.id), in: corpus)
        let queryIDs = try Self.distinct(queries.map(\.id), in: asked)
        let judgements = try Self.judgements(qrels, queries: queryIDs, documents: documentIDs)
        self.queries = queries.filter { judgements[$0.id] != nil }
        self.judgements = judgements
        guard !self.queries.isEmpty else {
            throw EvaluationError(path: qrels.path, problem: "names no relevant document for any query")
        }
    }

    private static func file(_ name: String, in folder: URL) throws -> URL {
        let plain = folder.appendingPathComponent(name), packed = folder.appendingPathComponent(name + ".gz")
        if FileManager.default.fileExists(atPath: plain.path) { return plain }
        guard FileManager.default.fileExists(atPath: packed.path) else {
            throw EvaluationError(path: folder.path, problem: "holds neither \(name) nor \(name).gz")
        }
        return packed
    }

    private static func distinct(_ ids: [String], in file: URL) throws -> Set<String> {
        var seen: Set<String> = []
        for id in ids where !seen.insert(id).inserted {
            throw EvaluationError(path: file.path, problem: "the id \(id) stands there twice")
        }
        return seen
    }

    private static func judgements(
        _ file: URL, queries: Set<String>, documents: Set<String>
    ) throws -> [String: [String: Int]] {
        var judgements: [String: [String: Int]] = [:]
        let text = String(decoding: try JSONLines.content(of: file), as: UTF8.self)
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
            if fields.allSatisfy(\.isEmpty) { continue }
            func problem(_ text: String) -> EvaluationError {
                EvaluationError(path: file.path, problem: "line \(index + 1): \(text)")
            }
            guard fields.count == 3 else { throw problem("expected query, document and relevance between tabs") }
            guard let relevance = Int(fields[2]) else {
                if index == 0 { continue }
                throw problem("\(fields[2]) is no whole number")
            }
            guard queries.contains(fields[0]) else { throw problem("there is no query \(fields[0])") }
            guard documents.contains(fields[1]) else { throw problem("there is no document \(fields[1])") }
            // 0 and below say that a document was judged and does not bear on the query.
            if relevance > 0 { judgements[fields[0], default: [:]][fields[1]] = relevance }
        }
        return judgements
    }
}

extension RetrievalCollection.Document {
    private enum CodingKeys: String, CodingKey { case id, _id, title, text }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decodeIfPresent(String.self, forKey: .id) ?? values.decode(String.self, forKey: ._id)
        title = try values.decodeIfPresent(String.self, forKey: .title) ?? ""
        text = try values.decode(String.self, forKey: .text)
    }
}

extension RetrievalCollection.Query {
    private enum CodingKeys: String, CodingKey { case id, _id, text }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decodeIfPresent(String.self, forKey: .id) ?? values.decode(String.self, forKey: ._id)
        text = try values.decode(String.self, forKey: .text)
    }
}
