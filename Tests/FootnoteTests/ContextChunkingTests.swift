import Foundation
import GRDB
import Testing

import Footnote

/// Chunking that asks the model: semantic, and late.
@Suite struct ContextChunkingTests {
    let folder: TemporaryFolder
    let model = HashingEmbeddingModel()

    init() throws { folder = try TemporaryFolder() }

    private func options(_ strategy: ChunkingChoice.Strategy, tokens: Int? = nil) -> IndexingOptions {
        var options = IndexingOptions()
        options.chunking = ChunkingChoice(strategy, maximumTokens: tokens)
        return options
    }

    private static func paragraph(_ number: Int) -> String {
        "Paragraph \(number) tells of " + (0..<12).map { "thing\(number * 12 + $0)" }.joined(separator: " ") + "."
    }

    @Test func semanticIsAChoiceThatStays() async throws {
        try folder.write("a.md", "# Tales\n\n" + (0..<6).map(Self.paragraph).joined(separator: "\n\n") + "\n")
        let base = try await folder.openBase(model: model)
        try await base.index(folder.url)
        let report = try await base.index([folder.url], options: options(.semantic, tokens: 40))
        #expect(report.isComplete && report.chunks > 2)
        #expect(try await !base.status().isRebuilding)
        #expect(try await base.search("thing38").first?.text.contains("thing38") == true)
        #expect(try await base.index(folder.url).count(.unchanged) == 1)
        try await expectSound(base)
    }

    /// The same passage in other surroundings has another vector; nothing else would show that they were read.
    @Test func lateVectorsDependOnTheSurroundings() async throws {
        let shared = "The gate opens at six in the morning and closes at nine in the evening every day."
        try folder.write("a.md", Self.paragraph(1) + "\n\n" + shared + "\n")
        try folder.write("b.md", Self.paragraph(2) + "\n\n" + shared + "\n")
        let base = try await folder.openBase(model: model)
        let report = try await base.index([folder.url], options: options(.late, tokens: 18))
        #expect(report.chunks == 4 && report.embedded == 4)
        try await expectSound(base)
        let results = try await base.search("thing14 thing15 gate opens six morning", options: {
            var options = SearchOptions()
            options.mode = .dense
            return options
        }())
        let gate = try #require(results.firstIndex { $0.text == shared })
        #expect(results[gate].document.path == "a.md")
    }

    @Test func lateReadsAgainOnlyWhatStandsNearAChange() async throws {
        var paragraphs = (0..<60).map(Self.paragraph)
        try folder.write("long.md", paragraphs.joined(separator: "\n\n"))
        let base = try await folder.openBase(model: model)
        let first = try await base.index([folder.url], options: options(.late, tokens: 18))
        #expect(first.chunks == 60 && first.embedded == 60)
        let calls = model.embedded
        #expect(try await base.index(folder.url).embedded == 0 && model.embedded == calls)
        paragraphs[55] = paragraphs[55].replacingOccurrences(of: "tells", with: "speaks")
        try folder.write("long.md", paragraphs.joined(separator: "\n\n"))
        let second = try await base.index(folder.url)
        #expect(second.chunks == 60 && (1..<20).contains(second.embedded))
        try await expectSound(base)
    }

    @Test("what was embedded of a chunk is made anew alike", arguments: ChunkingChoice.Strategy.allCases)
    func repair(_ strategy: ChunkingChoice.Strategy) async throws {
        try folder.write("a.md", "# Tales\n\n" + (0..<8).map(Self.paragraph).joined(separator: "\n\n") + "\n")
        let base = try await folder.openBase(model: model)
        let report = try await base.index([folder.url], options: options(strategy, tokens: 40))
        let question = "What does paragraph 3 tell of thing40?"
        let before = try await base.search(question)
        let path = folder.url.appendingPathComponent(".footnote/knowledge.sqlite").path
        try await DatabaseQueue(path: path).write { try $0.execute(sql: "UPDATE vector_index_1_codes SET code = zeroblob(length(code))") }
        let damaged = try await folder.openBase(model: model)
        let repaired = try await damaged.repair()
        #expect(repaired.embedded == report.chunks && repaired.lost.isEmpty)
        let after = try await damaged.search(question)
        #expect(after.map(\.range) == before.map(\.range))
        for (new, old) in zip(after, before) { #expect(abs((new.scores.denseScore ?? 0) - (old.scores.denseScore ?? 0)) < 1e-4) }
    }

    private struct PlainModel: EmbeddingModel {
        let inner = HashingEmbeddingModel()
        var identity: ModelIdentity { inner.identity }
        var dimension: Int { inner.dimension }
        var maximumTokens: Int { inner.maximumTokens }
        func tokenCount(_ text: String) -> Int { inner.tokenCount(text) }
        func embed(_ texts: [String]) async throws -> [Float] { try await inner.embed(texts) }
    }

    @Test func lateNeedsTokenVectors() async throws {
        try folder.write("a.md", Self.paragraph(1))
        let base = try await KnowledgeBase(at: folder.url, options: KnowledgeBaseOptions(embeddingModel: .model(PlainModel())))
        try await base.index(folder.url)
        await #expect(throws: KnowledgeBaseError.self) { try await base.index([folder.url], options: options(.late)) }
        #expect(try await !base.status().isRebuilding)
        #expect(try await base.search("thing13").count == 1)
    }

    /// The model that comes with Footnote: the mean of a text's token vectors is near its vector, which has the two tokens of
    /// the frame besides.
    @Test func localTokenVectors() async throws {
        guard let model = try? ModelStore().embeddingModel(ModelStore.defaultEmbeddingModel) as? any TokenEmbeddingModel else { return }
        let texts = ["The lock lifts ships from the river to the canal.", "大堂每天六点开门。", "x"]
        let vectors = try await model.embed(texts), tokens = try await model.tokenVectors(texts)
        for (index, text) in texts.enumerated() {
            let ranges = tokens[index].ranges
            #expect(ranges.count == model.tokenCount(text) && ranges.count * model.dimension == tokens[index].vectors.count)
            #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound } && ranges.last?.upperBound ?? 0 <= text.utf8.count)
            var dot: Float = 0, length: Float = 0
            for element in 0..<model.dimension {
                let sum = ranges.indices.reduce(Float(0)) { $0 + tokens[index].vectors[$1 * model.dimension + element] }
                dot += sum * vectors[index * model.dimension + element]
                length += sum * sum
            }
            #expect(dot / length.squareRoot() > (ranges.count > 3 ? 0.95 : 0.5), "\(text)")
        }
    }
}
