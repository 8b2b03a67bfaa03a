public import Foundation

/// How an evaluation of retrieval is run.
public struct RetrievalEvaluationOptions: Sendable {
    /// Queries to ask, drawn at random; `nil` for all.
    public var sample: Int?
    public var seed: UInt64 = 1
    /// Ways to search that are measured.
    public var ways = RetrievalEvaluation.Way.allCases
    public var search = SearchOptions()

    public init() {}
}

/// Asks the queries of a test collection of a knowledge base made of its documents, and compares what is found with
/// the documents that are known to bear on them.
public struct RetrievalEvaluation: Sendable {
    /// A way to search.
    public enum Way: String, Sendable, Codable, CaseIterable {
        case lexical, dense, hybrid
        /// `hybrid` with the knowledge base's reranker behind it; passed over when there is none.
        case reranked
    }

    public let options: RetrievalEvaluationOptions
    private let collection: RetrievalCollection
    private let queries: [RetrievalCollection.Query]

    /// Documents of an order that figures look at.
    private static let depth = 100

    /// - Parameter folder: holds `corpus.jsonl`, `queries.jsonl` and `qrels.tsv`.
    /// - Throws: `EvaluationError` for a collection that cannot be read.
    public init(folder: URL, options: RetrievalEvaluationOptions = RetrievalEvaluationOptions()) throws {
        self.options = options
        collection = try RetrievalCollection(folder: folder)
        var random = SeededGenerator(seed: options.seed)
        let all = collection.queries
        queries = options.sample.map { Array(all.shuffled(using: &random).prefix($0)) } ?? all
    }

    public var documentCount: Int { collection.documents.count }
    public var queryCount: Int { queries.count }

    /// Makes the knowledge base in `folder` (what is there from an earlier run is used again) and asks every query.
    /// - Parameter progress: called with the number of queries asked.
    /// - Throws: `EvaluationError`, `KnowledgeBaseError`, or what a model throws.
    public func run(
        in folder: URL, base options: KnowledgeBaseOptions = KnowledgeBaseOptions(),
        progress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> RetrievalReport {
        let base = try await PassageFolder(folder).base(of: passages, options: options)
        let ids = Dictionary(
            uniqueKeysWithValues: zip(passages.map { "passages/\($0.name)" }, collection.documents.map(\.id)))
        let ways = self.options.ways.filter { $0 != .reranked || options.reranker != nil }
        var metrics: [Way: [RankingMetrics]] = [:]
        for (index, query) in queries.enumerated() {
            for way in ways {
                let order = try await documents(for: query.text, way, of: base).compactMap { ids[$0] }
                let judgements = collection.judgements[query.id] ?? [:]
                metrics[way, default: []].append(RankingMetrics(order: order, judgements: judgements))
            }
            progress(index + 1)
        }
        return RetrievalReport(
            documents: documentCount, queries: queryCount, metrics: metrics,
            embeddingModel: try? await base.embeddingModel().identity.name, reranker: options.reranker?.identity.name,
            seed: self.options.seed)
    }

    /// A title becomes a heading, as it is in the documents that people keep.
    private var passages: [PassageFolder.Passage] {
        collection.documents.enumerated().map { index, document in
            let title = document.title.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return title.isEmpty
                ? PassageFolder.Passage(name: "document-\(index).txt", text: document.text)
                : PassageFolder.Passage(name: "document-\(index).md", text: "# \(title)\n\n\(document.text)")
        }
    }

    /// Stored paths, best first: a document stands where the best of its chunks does.
    private func documents(for query: String, _ way: Way, of base: KnowledgeBase) async throws -> [String] {
        var search = options.search
        search.mode = switch way {
        case .lexical: .lexical
        case .dense: .dense
        case .hybrid, .reranked: .hybrid
        }
        if way != .reranked { search.rerank = 0 }
        // A document may have several chunks among the results.
        search.limit = 4 * Self.depth
        var seen: Set<String> = []
        let results = try await base.search(query, options: search)
        // What was left out as a repetition was found all the same.
        let paths = results.flatMap { [$0.document.path] + $0.alsoAt.map(\.document.path) }
        return Array(paths.filter { seen.insert($0).inserted }.prefix(Self.depth))
    }
}
