public import Foundation

/// How an evaluation of retrieval is run.
public struct RetrievalEvaluationOptions: Sendable {
    /// Queries to ask, drawn at random; `nil` for all.
    public var sample: Int?
    public var seed: UInt64 = 1
    /// Ways to search that are measured.
    public var ways = RetrievalEvaluation.Way.allCases
    public var search = SearchOptions()
    /// How documents are cut; `nil` as is usual, or as the knowledge base in the folder has it.
    public var chunking: ChunkingChoice?
    /// Documents in one file. With more than one, titles are no headings: nothing but the text tells where one ends, and
    /// a passage counts for every document that it overlaps.
    public var join = 1

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
        let files = RetrievalFiles(collection.documents, join: max(1, self.options.join))
        let base = try await PassageFolder(folder).base(of: files.passages, options: options, chunking: self.options.chunking)
        let ways = self.options.ways.filter { $0 != .reranked || options.reranker != nil }
        var metrics: [Way: [RankingMetrics]] = [:]
        for (index, query) in queries.enumerated() {
            for way in ways {
                let order = try await documents(for: query.text, way, of: base, files)
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

    /// Ids, best first: a document stands where the best of its chunks does.
    private func documents(
        for query: String, _ way: Way, of base: KnowledgeBase, _ files: RetrievalFiles
    ) async throws -> [String] {
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
        let ids = results.flatMap { result in
            files.documents(at: result.document.path, result.range)
                + result.alsoAt.flatMap { files.documents(at: $0.document.path, $0.range) }
        }
        return Array(ids.filter { seen.insert($0).inserted }.prefix(Self.depth))
    }
}
