import Testing

import Ingestion

@Suite struct DocumentChunkerTests {
    private static let text = """
        # Locks

        A lock lifts ships. It fills with water. The gate opens then. Boats leave slowly. The keeper waves. Then it is empty again.

        ## Gates

        - The north gate is old and made of oak.
        - The south gate is new.

        Last words stand here, after both gates.
        """

    private func chunks(_ strategy: ChunkingStrategy, maximum: Int = 12, overlap: Int = 0) async throws -> (LoadedDocument, [Chunk]) {
        let document = try DocumentFixture.load("a.md", Self.text)
        let chunker = DocumentChunker(
            strategy: strategy, options: ChunkingOptions(maximumTokens: maximum, overlapTokens: overlap), tokenCount: { $0.split { $0 == " " || $0 == "\n" }.count })
        return (document, try await chunker.chunks(of: document, embed: topics))
    }

    /// A vector for each text: one dimension for lock, gate, keeper and the rest.
    private func topics(_ texts: [String]) -> [Float] {
        texts.flatMap { text -> [Float] in
            let words = ["lock", "gate", "keeper"].map { Float(text.lowercased().contains($0) ? 1 : 0) } + [0.5]
            let length = words.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return words.map { $0 / length }
        }
    }

    /// Whatever the strategy, no chunk is too large, and every word of the text is in one.
    @Test(arguments: ChunkingStrategy.allCases) func wholeText(_ strategy: ChunkingStrategy) async throws {
        let (document, chunks) = try await chunks(strategy)
        #expect(!chunks.isEmpty)
        var covered = Set<Int>()
        for chunk in chunks {
            let text = document.text(chunk.range)
            #expect(text.split { $0 == " " || $0 == "\n" }.count <= 12, "\(text)")
            #expect(chunk.lines.upperBound >= chunk.lines.lowerBound)
            if let embedded = chunk.embedded { #expect(chunk.range.lowerBound <= embedded.lowerBound && embedded.upperBound <= chunk.range.upperBound) }
            covered.formUnion(chunk.range)
        }
        let bytes = Array(document.text.utf8)
        for (index, byte) in bytes.enumerated() where byte > 0x20 { #expect(covered.contains(index), "byte \(index)") }
    }

    @Test func sentencesHaveWindows() async throws {
        let (document, chunks) = try await chunks(.sentenceWindow, maximum: 20)
        let sentence = try #require(chunks.first { $0.embedded.map(document.text) == "The gate opens then." })
        #expect(document.text(sentence.range) == "A lock lifts ships. It fills with water. The gate opens then. Boats leave slowly. The keeper waves.")
        #expect(sentence.headingPath == ["Locks"])
        #expect(chunks.last?.headingPath == ["Locks", "Gates"])
    }

    @Test func childrenShareTheirParent() async throws {
        let (document, children) = try await chunks(.parentChild, maximum: 40)
        let parents = try await chunks(.structured, maximum: 40).1
        #expect(Set(children.map(\.range)) == Set(parents.map(\.range)))
        #expect(children.count > parents.count)
        for child in children { if let part = child.embedded { #expect(document.text(part).split { $0 == " " || $0 == "\n" }.count <= 10) } }
    }

    @Test func overlapRepeatsTheEnd() async throws {
        let (document, chunks) = try await chunks(.fixed, maximum: 12, overlap: 4)
        for (first, second) in zip(chunks, chunks.dropFirst()) {
            #expect(second.range.lowerBound < first.range.upperBound, "\(document.text(second.range))")
            #expect(second.range.lowerBound > first.range.lowerBound)
        }
    }
}
