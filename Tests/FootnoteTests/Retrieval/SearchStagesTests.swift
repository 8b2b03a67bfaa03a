import Foundation
import Testing

import Footnote

/// Says of a passage how often it holds a word.
private struct CountingReranker: Reranker {
    let identity = ModelIdentity(name: "counting", digest: "-")
    let word: String
    var breaks = false

    func scores(question: String, passages: [String]) async throws -> [Double] {
        breaks ? [.nan] : passages.map { Double($0.components(separatedBy: word).count - 1) }
    }
}

@Suite struct SearchStagesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func base(reranker: (any Reranker)? = nil) async throws -> KnowledgeBase {
        var options = KnowledgeBaseOptions(embeddingModel: .model(HashingEmbeddingModel()))
        options.reranker = reranker
        let base = try await KnowledgeBase(at: folder.url, options: options)
        try await base.index(folder.url)
        return base
    }

    // MARK: Repetitions

    private static let passage = "The valve opens at 120 bar, and the pump stops after nine seconds of overload."

    private func places(_ other: String) async throws -> (results: Int, alsoAt: [String]) {
        try folder.write("a.txt", Self.passage + "\n")
        try folder.write("b.txt", other + "\n")
        let results = try await base().search("valve opens at 120 bar, pump overload")
        return (results.count, results.first?.alsoAt.map(\.document.path) ?? [])
    }

    @Test(arguments: [
        passage, passage.uppercased(), "**The valve** opens at 120 bar — and the pump stops\nafter nine seconds of overload!",
        "The pump stops after nine seconds of overload.",
    ])
    func whatSaysTheSameIsShownOnce(other: String) async throws {
        let found = try await places(other)
        #expect(found.results == 1)
        #expect(found.alsoAt.count == 1)
    }

    @Test(arguments: [
        passage.replacingOccurrences(of: "120", with: "12.0"), passage.replacingOccurrences(of: "120", with: "-120"),
        passage.replacingOccurrences(of: "stops", with: "never stops"), passage.replacingOccurrences(of: "pump", with: "motor"),
        "The pump opens at 120 bar, and the valve stops after nine seconds of overload.",
    ])
    func whatSaysSomethingElseIsShown(other: String) async throws {
        let found = try await places(other)
        #expect(found.results == 2)
        #expect(found.alsoAt.isEmpty)
    }

    @Test func windowsThatOverlapAreOnePlace() async throws {
        try folder.write("a.txt", "The valve opens at 120 bar. The pump stops then. A lamp is lit beside it.\n")
        let base = try await KnowledgeBase(
            at: folder.url, options: KnowledgeBaseOptions(embeddingModel: .model(HashingEmbeddingModel())))
        var options = IndexingOptions()
        options.chunking = ChunkingChoice(.sentenceWindow)
        let report = try await base.index(folder.url, options: options)
        #expect(report.chunks == 3)
        let results = try await base.search("valve opens, pump stops, lamp is lit")
        #expect(results.count == 1)
        #expect(results.first?.alsoAt.isEmpty == true)
    }

    // MARK: Neighbours

    @Test func chunksBesideAChunk() async throws {
        let sections = (1...4).map { "# Part \($0)\n\nText of part number \($0).\n" }
        try folder.write("a.md", sections.joined(separator: "\n"))
        try folder.write("b.md", "# Other\n\nSomething else.\n")
        let base = try await base()
        let chunks = try await base.chunks(of: base.document("a.md").reference).map(\.chunkID)
        try #require(chunks.count == 4)
        let middle = try await base.neighbours(of: chunks[1], before: 5, after: 1)
        #expect(middle.before.map(\.chunkID) == [chunks[0]])
        #expect(middle.after.map(\.chunkID) == [chunks[2]])
        let end = try await base.neighbours(of: chunks[3], before: 2, after: .max)
        #expect(end.before.map(\.chunkID) == [chunks[1], chunks[2]])
        #expect(end.after.isEmpty)
        let none = try await base.neighbours(of: chunks[1], before: -1, after: 0)
        #expect(none.before.isEmpty && none.after.isEmpty)
        let unknown = try await base.neighbours(of: 9999, before: 1, after: 1)
        #expect(unknown.before.isEmpty && unknown.after.isEmpty)
    }

    // MARK: Diversity

    @Test func diversityBringsWhatIsDifferent() async throws {
        for number in 1...3 {
            try folder.write("red-\(number).txt", "Apples apples red apples in basket number\(number) apples.\n")
        }
        try folder.write("tree.txt", "Apples grow where winters are cold and summers long, says the gardener.\n")
        let base = try await base()
        var options = SearchOptions(limit: 2)
        let relevant = try await base.search("red apples", options: options).map(\.document.path)
        #expect(relevant.allSatisfy { $0.hasPrefix("red") })
        options.diversity = 0.7
        let diverse = try await base.search("red apples", options: options).map(\.document.path)
        #expect(diverse.first == relevant.first)
        #expect(diverse.last == "tree.txt")
        #expect(try await base.search("red apples", options: options).map(\.document.path) == diverse)
    }

    // MARK: Reranking

    private func writeLamps() throws {
        for number in 1...4 {
            let marks = String(repeating: " zebra", count: number)
            try folder.write("lamp-\(number).txt", "The lamp of house \(number) is lit at dusk\(marks).\n")
        }
    }

    @Test func theFirstAreInTheRerankersOrder() async throws {
        try writeLamps()
        let plain = try await base().search("lamp dusk", options: SearchOptions(mode: .lexical)).map(\.document.path)
        let base = try await base(reranker: CountingReranker(word: "zebra"))
        let results = try await base.search("lamp dusk")
        #expect(results.map(\.document.path) == ["lamp-4.txt", "lamp-3.txt", "lamp-2.txt", "lamp-1.txt"])
        #expect(results.map(\.scores.rerank) == [4, 3, 2, 1])
        var options = SearchOptions(mode: .lexical)
        options.rerank = 0
        #expect(try await base.search("lamp dusk", options: options).map(\.document.path) == plain)
        options.rerank = 2
        let some = try await base.search("lamp dusk", options: options)
        #expect(Set(some.prefix(2).map(\.document.path)) == Set(plain.prefix(2)))
        #expect(some.map { $0.scores.rerank != nil } == [true, true, false, false])
        #expect(some.dropFirst(2).map(\.document.path) == Array(plain.dropFirst(2)))
    }

    @Test func scoresThatAreNoneAreAnError() async throws {
        try writeLamps()
        let base = try await base(reranker: CountingReranker(word: "zebra", breaks: true))
        await #expect(throws: RerankingError.self) { try await base.search("lamp dusk") }
    }

    @Test func aCrossEncoderFileOrdersWhatIsFound() async throws {
        try writeLamps()
        let model = try tinyCrossEncoder()
        let reranker = try ModelStore(folder: model.url).reranker("cross")
        let results = try await base(reranker: reranker).search("lamp dusk")
        let expected = try await reranker.scores(question: "lamp dusk", passages: results.map(\.text))
        #expect(results.count == 4)
        #expect(zip(results, expected).allSatisfy { abs(($0.scores.rerank ?? .nan) - $1) < 1e-4 })
        #expect(zip(expected, expected.dropFirst()).allSatisfy { $0 >= $1 })
        #expect(Set(expected).count > 1)
        // Longer than the model reads: cut, not refused.
        let long = String(repeating: "lamp ", count: 500)
        #expect(try await reranker.scores(question: long, passages: [long, "", "dusk"]).count == 3)
        #expect(try await reranker.scores(question: "lamp", passages: []).isEmpty)
        #expect(throws: ModelError.self) { try ModelStore(folder: model.url).embeddingModel("cross") }
    }

    /// The random model that `TransformerCoreTests` compares with its reference, with a vocabulary of letters.
    private func tinyCrossEncoder() throws -> TemporaryFolder {
        let tests = (0..<3).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        let fixtures = tests.appendingPathComponent("TransformerCoreTests/Fixtures")
        let golden = try JSONSerialization.jsonObject(with: Data(contentsOf: fixtures.appendingPathComponent("tiny_bert.json")))
        var config = try #require((golden as? [String: Any])?["config"] as? [String: Any])
        config["architectures"] = ["BertForSequenceClassification"]
        let folder = try TemporaryFolder()
        let letters = "abcdefghijklmnopqrstuvwxyz0123456789".map { String($0) }
        let vocabulary = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"] + letters.prefix(28) + letters.map { "##" + $0 }
        try folder.write("cross/vocab.txt", vocabulary.joined(separator: "\n") + "\n")
        let json = try JSONSerialization.data(withJSONObject: config)
        try folder.write("cross/config.json", String(decoding: json, as: UTF8.self))
        try FileManager.default.copyItem(
            at: fixtures.appendingPathComponent("tiny_cross1.bin"), to: folder.url.appendingPathComponent("cross/model.safetensors"))
        return folder
    }
}
