import Testing

import TransformerCore

/// Embedding models and models that rank against transformers, by way of our converter.
@Suite struct EncoderFamilyTests {
    private func expected(_ name: String) throws -> (sequences: [TokenPair], values: [Float]) {
        var fixture = try Fixture("Families/\(name)/expected.bin")
        let count = Int(fixture.next(UInt32.self))
        let width = Int(fixture.next(UInt32.self))
        var sequences: [TokenPair] = []
        var values: [Float] = []
        for _ in 0..<count {
            let tokens = Int(fixture.next(UInt32.self))
            let second = Int(fixture.next(UInt32.self))
            sequences.append(TokenPair(tokenIDs: fixture.array(tokens, of: Int32.self), secondSegment: second))
            values += fixture.array(width, of: Float.self)
        }
        return (sequences, values)
    }

    private func difference(_ a: [Float], _ b: [Float]) -> Float {
        a.count == b.count ? zip(a, b).map { abs($0 - $1) }.max() ?? 1 : 1
    }

    /// Without it llama.cpp does not load them.
    @Test(arguments: ["roberta", "xlmr", "nomic"]) func numberOfTokenTypesIsStated(name: String) throws {
        let converted = try FamilyFixture(name).converted()
        let file = try GGUFFile(path: converted.path)
        let rows = try #require(file.tensors["token_types.weight"]?.shape.first)
        #expect(file.metadata["tokenizer.ggml.token_type_count"]?.int == rows)
    }

    @Test(arguments: ["roberta", "xlmr", "nomic", "modernbert", "qwen3embed"]) func vectorsOfTheReference(name: String) throws {
        let converted = try FamilyFixture(name).converted()
        let file = try GGUFFile(path: converted.path)
        let encoder = try ModelArchitecture.loadTextEncoder(file, precision: .exact)
        let (sequences, values) = try expected(name)
        let vectors = try encoder.embed(tokenIDs: sequences.map(\.tokenIDs), pool: .shared)
        #expect(difference(vectors, values) < 1e-5, "\(name)")
        for (index, sequence) in sequences.enumerated() {
            let alone = try encoder.embed(tokenIDs: [sequence.tokenIDs], pool: .shared)
            let together = Array(vectors[index * encoder.dimension..<(index + 1) * encoder.dimension])
            #expect(difference(alone, together) < 1e-5, "\(name)")
        }
        let fast = try ModelArchitecture.loadTextEncoder(file).embed(tokenIDs: sequences.map(\.tokenIDs), pool: .shared)
        #expect(difference(fast, values) < 0.03, "\(name)")
    }

    @Test(arguments: ["xlmrrank", "bertrank"]) func scoresOfTheReference(name: String) throws {
        let converted = try FamilyFixture(name).converted()
        let encoder = try ModelArchitecture.loadCrossEncoder(path: converted.path, precision: .exact)
        let (pairs, values) = try expected(name)
        #expect(difference(try encoder.score(pairs), values) < 1e-4, "\(name)")
    }

    @Test func whatCannotBeEmbedded() throws {
        let converted = try FamilyFixture("modernbert").converted()
        let encoder = try ModelArchitecture.loadTextEncoder(GGUFFile(path: converted.path))
        #expect(throws: EncoderError.emptySequence(index: 1)) { try encoder.embed(tokenIDs: [[1], []], pool: .shared) }
        #expect(throws: EncoderError.tooLong(index: 0, tokens: 81, limit: 80)) {
            try encoder.embed(tokenIDs: [[Int32](repeating: 1, count: 81)], pool: .shared)
        }
        #expect(throws: EncoderError.tokenOutOfRange(id: 64, vocabularyCount: 64)) {
            try encoder.embed(tokenIDs: [[64]], pool: .shared)
        }
    }
}
