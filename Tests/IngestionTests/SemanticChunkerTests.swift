import Testing

import Ingestion

@Suite struct SemanticChunkerTests {
    /// Sentences about one of several topics; the vector of a sentence is that of its topic.
    private static func document(_ topics: [Int], heading: Bool = false) throws -> LoadedDocument {
        let sentences = topics.enumerated().map { index, topic in "Topic\(topic) is told of in sentence number \(index)." }
        return try DocumentFixture.load("a.md", (heading ? "# Head\n\n" : "") + sentences.joined(separator: " ") + "\n")
    }

    private static func embed(_ texts: [String]) -> [Float] {
        texts.flatMap { text -> [Float] in
            var vector = [Float](repeating: 0, count: 8)
            for topic in 0..<7 where text.contains("Topic\(topic)") { vector[topic] = 0.98 }
            vector[7] = (1 - vector.reduce(0) { $0 + $1 * $1 }).squareRoot()
            return vector
        }
    }

    private func chunks(_ document: LoadedDocument, maximum: Int = 100, minimum: Int = 0) async throws -> [Chunk] {
        let chunker = SemanticChunker(
            options: ChunkingOptions(maximumTokens: maximum, minimumTokens: minimum), tokenCount: { $0.split(separator: " ").count })
        return try await chunker.chunks(of: document, embed: { Self.embed($0) })
    }

    @Test func cutsWhereTheTopicChanges() async throws {
        let document = try Self.document([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2])
        let texts = try await chunks(document).map { document.text($0.range) }
        #expect(texts.count == 3)
        for (topic, text) in texts.enumerated() {
            #expect(text.hasPrefix("Topic\(topic)"))
            #expect(!(0..<7).contains { $0 != topic && text.contains("Topic\($0)") })
        }
    }

    /// More sentences than go through the model at once: the borders between calls are like any other.
    @Test func callsLeaveNoSeam() async throws {
        let document = try Self.document((0..<200).map { $0 / 29 % 7 })
        let chunks = try await chunks(document, maximum: 1000)
        #expect(chunks.count == 7)
        #expect(chunks.map { document.text($0.range).split(separator: ".").count } == [29, 29, 29, 29, 29, 29, 26])
    }

    @Test func sizesAreKept() async throws {
        let one = try Self.document([Int](repeating: 0, count: 40))
        let even = try await chunks(one, maximum: 50, minimum: 20)
        #expect(even.allSatisfy { (20...50).contains(one.text($0.range).split(separator: " ").count) })
        #expect(even.count >= 6)
        let wild = try Self.document((0..<40).map { $0 % 7 })
        let joined = try await chunks(wild, maximum: 50, minimum: 20)
        let sizes = joined.map { wild.text($0.range).split(separator: " ").count }
        #expect(sizes.reduce(0, +) == 320 && sizes.allSatisfy { $0 <= 50 })
        // What is small has no neighbour with room for it.
        for (first, second) in zip(sizes, sizes.dropFirst()) { #expect(min(first, second) >= 20 || first + second > 50) }
    }

    @Test func headingsStayApart() async throws {
        let document = try DocumentFixture.load(
            "a.md", "# One\n\nTopic0 here. Topic0 there.\n\n## Two\n\nTopic0 again. Topic0 more.\n\n# Three\n\n## Four\n\nTopic0 last.\n")
        let chunks = try await chunks(document)
        #expect(chunks.map(\.headingPath) == [["One"], ["One", "Two"], ["Three", "Four"]])
        #expect(document.text(chunks[2].range) == "# Three\n\n## Four\n\nTopic0 last.")
    }

    @Test func emptyDocument() async throws {
        #expect(try await chunks(LoadedDocument(text: "", blocks: [])).isEmpty)
    }
}
