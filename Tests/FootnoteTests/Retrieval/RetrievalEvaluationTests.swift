import Foundation
import Testing

import Footnote

/// Expected values: `Fixtures/ranking_reference.py`.
@Suite struct RankingMetricsTests {
    private let metrics = RankingMetrics(
        order: ["d3", "x", "d1", "y", "d4", "z"], judgements: ["d1": 3, "d2": 2, "d3": 1, "d4": 1])

    @Test func figuresOfTheReference() {
        #expect(abs(metrics.ndcg(at: 10) - 0.5559620137398665) < 1e-12)
        #expect(abs(metrics.ndcg(at: 3) - 0.5250049893849101) < 1e-12)
        #expect(abs(metrics.ndcg(at: 1) - 1.0 / 3) < 1e-12)
        #expect(metrics.recall(at: 3) == 0.5)
        #expect(metrics.recall(at: 10) == 0.75)
        #expect(metrics.reciprocalRank == 1)
        #expect(RankingMetrics(order: ["x", "d1"], judgements: ["d1": 1]).reciprocalRank == 0.5)
    }

    @Test func nothingIsNeverNotANumber() {
        for metrics in [RankingMetrics(order: [], judgements: [:]), RankingMetrics(order: [], judgements: ["d": 1])] {
            #expect(metrics.ndcg(at: 10) == 0)
            #expect(metrics.recall(at: 10) == 0)
            #expect(metrics.reciprocalRank == 0)
            #expect(!metrics.hit(at: 5))
        }
    }
}

@Suite struct RetrievalEvaluationTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(
            "corpus.jsonl",
            """
            {"id": "lamp", "title": "The lamp", "text": "It is lit at dusk by the keeper."}
            {"id": "horn", "title": "", "text": "In fog the horn sounds twice a minute."}
            {"_id": "boat", "title": "The boat", "text": "It brings oil and bread on Mondays."}

            """)
        try folder.write(
            "queries.jsonl",
            """
            {"id": "1", "text": "when does the horn sound"}
            {"id": "2", "text": "oil and bread"}
            {"id": "3", "text": "nobody judged this"}

            """)
        try folder.write("qrels.tsv", "query\tdocument\trelevance\n1\thorn\t2\n1\tlamp\t0\n2\tboat\t1\n")
    }

    private func report(_ options: RetrievalEvaluationOptions = RetrievalEvaluationOptions()) async throws -> RetrievalReport {
        let evaluation = try RetrievalEvaluation(folder: folder.url, options: options)
        let base = KnowledgeBaseOptions(embeddingModel: .model(HashingEmbeddingModel()))
        return try await evaluation.run(in: folder.url.appendingPathComponent("work"), base: base)
    }

    @Test func figuresOfASmallCollection() async throws {
        let first = try await report()
        #expect(first.documents == 3)
        #expect(first.queries == 2)
        for way in ["lexical", "hybrid"] {
            #expect(first.measures["ndcg@10 \(way)"]?.value == 1)
            #expect(first.measures["hit@1 \(way)"]?.count == 2)
        }
        #expect(first.measures["ndcg@10 reranked"] == nil)
        // The folder is used again, and nothing depends on the run.
        let second = try await report()
        #expect(second.measures == first.measures)
        #expect(second.regressions(against: first).isEmpty)
        #expect(first.table.contains("recall@100 dense"))
    }

    @Test func aRegressionIsNamed() async throws {
        let good = try await report()
        var bad = good
        bad.measures["mrr hybrid"] = good.measures["mrr hybrid"].map { measure in
            var measure = measure
            measure.value -= 0.5
            return measure
        }
        #expect(bad.regressions(against: good) == ["mrr hybrid: 0.500, was 1.000"])
        #expect(good.regressions(against: bad).isEmpty)
    }

    @Test func onlyTheWaysAskedForAreMeasured() async throws {
        var options = RetrievalEvaluationOptions()
        options.ways = [.lexical]
        options.sample = 1
        let report = try await report(options)
        #expect(report.queries == 1)
        #expect(report.measures.keys.allSatisfy { $0.hasSuffix(" lexical") })
    }

    @Test(arguments: [
        ("qrels.tsv", "1\tnowhere\t1\n", "line 1: there is no document nowhere"),
        ("qrels.tsv", "query\tdocument\trelevance\n9\thorn\t1\n", "line 2: there is no query 9"),
        ("qrels.tsv", "1\thorn\n", "line 1: expected query, document and relevance between tabs"),
        ("qrels.tsv", "query\tdocument\trelevance\n1\thorn\tmuch\n", "line 2: much is no whole number"),
        ("qrels.tsv", "1\thorn\t0\n", "names no relevant document for any query"),
        ("corpus.jsonl", "{\"id\": \"a\", \"text\": \"x\"}\n{\"id\": \"a\", \"text\": \"y\"}\n", "the id a stands there twice"),
        ("corpus.jsonl", "{\"id\": \"a\"}\n", "line 1 is no JSON object with id and text"),
        ("queries.jsonl", "\n", "holds no queries"),
    ])
    func whatCannotBeReadIsNamed(file: String, content: String, problem: String) throws {
        try folder.write(file, content)
        let path = folder.url.appendingPathComponent(file).path
        #expect(throws: EvaluationError(path: path, problem: problem)) {
            _ = try RetrievalEvaluation(folder: folder.url)
        }
    }

    @Test func aMissingFileIsNamed() throws {
        try folder.remove("queries.jsonl")
        let expected = EvaluationError(path: folder.url.path, problem: "holds neither queries.jsonl nor queries.jsonl.gz")
        #expect(throws: expected) { _ = try RetrievalEvaluation(folder: folder.url) }
    }
}

/// Test collections lie beside the repository, or where `$FOOTNOTE_COLLECTIONS` says.
private let collections: URL = {
    let environment = ProcessInfo.processInfo.environment["FOOTNOTE_COLLECTIONS"]
    let repository = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    return environment.map { URL(fileURLWithPath: $0) }
        ?? repository.deletingLastPathComponent().appendingPathComponent("shared/eval/retrieval")
}()

private let collectionIsAtHand: Bool = {
    let model = try? ModelStore().find(ModelStore.defaultEmbeddingModel)
    return model != nil && FileManager.default.fileExists(atPath: collections.appendingPathComponent("cranfield/qrels.tsv").path)
}()

@Suite(.enabled(if: collectionIsAtHand, "the collection or the embedding model is not at hand"))
struct HybridInvariantTests {
    /// The first 40 queries of Cranfield on the documents judged for them: a few hundred, so that it takes seconds.
    private func smallCollection() throws -> TemporaryFolder {
        let source = collections.appendingPathComponent("cranfield"), folder = try TemporaryFolder()
        let lines = try String(contentsOf: source.appendingPathComponent("qrels.tsv"), encoding: .utf8).split(separator: "\n")
        let judged = lines.dropFirst().filter { Int($0.prefix { $0 != "\t" }).map { $0 <= 40 } ?? false }
        let wanted = Set(judged.map { $0.split(separator: "\t")[1] })
        try folder.write("qrels.tsv", judged.joined(separator: "\n"))
        let queries = try String(contentsOf: source.appendingPathComponent("queries.jsonl"), encoding: .utf8)
        try folder.write("queries.jsonl", queries)
        let unpack = Process()
        unpack.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        unpack.arguments = ["gzip", "-dc", source.appendingPathComponent("corpus.jsonl.gz").path]
        let output = Pipe()
        unpack.standardOutput = output
        try unpack.run()
        let corpus = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let kept = try corpus.split(separator: "\n").filter { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return wanted.contains(Substring(object?["id"] as? String ?? ""))
        }
        try folder.write("corpus.jsonl", kept.joined(separator: "\n"))
        return folder
    }

    @Test func bothTogetherAreNoWorseThanTheBetter() async throws {
        let folder = try smallCollection()
        let evaluation = try RetrievalEvaluation(folder: folder.url)
        #expect(evaluation.queryCount == 40)
        let report = try await evaluation.run(in: folder.url.appendingPathComponent("work"))
        func ndcg(_ way: String) throws -> Double { try #require(report.measures["ndcg@10 \(way)"]).value }
        let (lexical, dense, hybrid) = (try ndcg("lexical"), try ndcg("dense"), try ndcg("hybrid"))
        print("nDCG@10 on part of Cranfield: lexical \(lexical), dense \(dense), hybrid \(hybrid)")
        #expect(hybrid >= max(lexical, dense) - 0.005)
    }
}
