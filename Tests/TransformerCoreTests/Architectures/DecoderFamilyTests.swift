import Testing

import TransformerCore

/// Every family of decoders against transformers, by way of our converter.
@Suite struct DecoderFamilyTests {
    /// Largest difference of a logit, relative to the largest logit.
    private func error(_ actual: [Float], _ expected: [Float]) -> Float {
        let largest = expected.map(abs).max() ?? 1
        return zip(actual, expected).map { abs($0 - $1) }.max().map { $0 / largest } ?? 1
    }

    private func logits(
        _ model: any DecoderModel, _ tokens: [Int32], batchSize: Int, cacheType: TensorType = .f32
    ) throws -> [Float] {
        let session = GenerationSession(model, cacheType: cacheType, batchSize: batchSize)
        var all: [Float] = []
        try session.append(tokens) { _, logits in all += logits }
        return all
    }

    @Test(arguments: FamilyFixture.decoders) func logitsOfTheReference(name: String) throws {
        let fixture = try FamilyFixture(name)
        let (tokens, expected, _) = try fixture.expected()
        let model = try fixture.decoder()
        for batchSize in [512, 5, 1] {
            let difference = error(try logits(model, tokens, batchSize: batchSize), expected)
            if batchSize == 512 { print("\(name): largest difference to transformers \(difference)") }
            #expect(difference <= 1e-4, "\(name), \(batchSize) at once")
        }
        #expect(error(try logits(model, tokens, batchSize: 512, cacheType: .f16), expected) < 5e-3, "\(name)")
    }

    @Test(arguments: FamilyFixture.decoders) func fastIsClose(name: String) throws {
        let fixture = try FamilyFixture(name)
        let (tokens, expected, _) = try fixture.expected()
        let model = try fixture.decoder(precision: .fast)
        #expect(error(try logits(model, tokens, batchSize: 512), expected) < 0.05, "\(name)")
    }

    @Test(arguments: FamilyFixture.decoders) func greedyTokensOfTheReference(name: String) throws {
        let fixture = try FamilyFixture(name)
        let (tokens, _, greedy) = try fixture.expected()
        let session = GenerationSession(try fixture.decoder(), cacheType: .f32)
        var logits = try session.append(tokens)
        var chosen: [Int32] = []
        for _ in greedy {
            chosen.append(try logits.withUnsafeBufferPointer { try Sampler.mostLikely($0, position: 0) })
            logits = try session.append([chosen[chosen.count - 1]])
        }
        #expect(chosen == greedy, "\(name)")
    }

    /// Three sequences of different lengths at once, then one token of each: the same as each alone.
    @Test(arguments: FamilyFixture.decoders) func batchesChangeNothing(name: String) throws {
        let fixture = try FamilyFixture(name)
        let tokens = try fixture.expected().tokens
        let model = try fixture.decoder()
        let workspace = DecoderWorkspace()
        // Logits lie in the workspace's memory.
        defer { withExtendedLifetime(workspace) {} }
        let prompts = [Array(tokens[0..<13]), Array(tokens[5..<8]), Array(tokens[2..<22])]
        let states = prompts.map { _ in model.makeState(contextLimit: 40, cacheType: .f32) }
        let rows: [LogitRows] = [.some([3, 12]), .all, .last]
        let first = Array(model.forward(
            zip(zip(states, prompts), rows).map { DecoderSegment(state: $0.0, tokens: $0.1, rows: $1) },
            workspace: workspace, pool: .shared))
        let second = Array(model.forward(
            states.map { DecoderSegment(state: $0, tokens: [tokens[0]], rows: .last) }, workspace: workspace,
            pool: .shared))
        let vocabulary = model.vocabularyCount
        var expectedFirst: [Float] = []
        var expectedSecond: [Float] = []
        for (index, prompt) in prompts.enumerated() {
            let all = try logits(model, prompt + [tokens[0]], batchSize: 64)
            let wanted = [[3, 12], [0, 1, 2], [19]][index]
            for row in wanted { expectedFirst += all[row * vocabulary..<(row + 1) * vocabulary] }
            expectedSecond += all[prompt.count * vocabulary..<(prompt.count + 1) * vocabulary]
        }
        #expect(first.count == expectedFirst.count && error(first, expectedFirst) < 1e-5, "\(name)")
        #expect(error(second, expectedSecond) < 1e-5, "\(name)")
    }
}
