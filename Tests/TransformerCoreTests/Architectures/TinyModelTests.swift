import Foundation
import Testing

import TransformerCore

/// Small random decoders against llama.cpp: the ways in which models of the family differ. See `make_tiny_models.py`.
@Suite struct TinyModelTests {
    private func model(_ kind: String) throws -> any DecoderModel {
        let path = Bundle.module.bundleURL.appendingPathComponent("Fixtures/tiny_\(kind).bin").path
        return try ModelArchitecture.loadDecoder(GGUFFile(path: path), precision: .exact)
    }

    private func tokens(_ count: Int, vocabulary: Int) -> [Int32] {
        (0..<count).map { Int32(($0 * $0 * 7 + 3) % vocabulary) }
    }

    @Test(arguments: ["qwen2", "llama3", "linear"], [1, 7, 512])
    func logitsOfTheReference(kind: String, batchSize: Int) throws {
        let model = try model(kind)
        #expect(model.vocabularyCount == 96)
        var fixture = try Fixture("tiny_\(kind)_logits.bin")
        let expected = fixture.array(40 * 96, of: Float.self)
        #expect(fixture.isAtEnd)
        var largest: Float = 0
        let session = GenerationSession(model, cacheType: .f32, batchSize: batchSize)
        try session.append(tokens(40, vocabulary: 96)) { index, logits in
            for (id, logit) in logits.enumerated() { largest = max(largest, abs(logit - expected[index * 96 + id])) }
        }
        #expect(largest < 2e-4, "largest difference \(largest)")
    }

    @Test func cacheGrowsWithoutChangingAnything() throws {
        let model = try model("llama3")
        let ids = tokens(500, vocabulary: 96)
        let small = GenerationSession(model, cacheType: .f32, batchSize: 3)
        let large = GenerationSession(model, cacheType: .f32, batchSize: 512)
        let first = try small.append(ids)
        let second = try large.append(ids)
        let difference = zip(first, second).map { abs($0 - $1) }.max() ?? 1
        #expect(difference < 1e-3)
    }

    @Test func halfPrecisionCacheIsClose() throws {
        let model = try model("qwen2")
        let ids = tokens(100, vocabulary: 96)
        let exact = try GenerationSession(model, cacheType: .f32).append(ids)
        let half = try GenerationSession(model, cacheType: .f16).append(ids)
        let difference = zip(exact, half).map { abs($0 - $1) }.max() ?? 1
        #expect(difference > 0 && difference < 0.02, "\(difference)")
    }

    @Test func rewindingForgets() throws {
        let model = try model("linear")
        let ids = tokens(60, vocabulary: 96)
        let session = GenerationSession(model, cacheType: .f32)
        _ = try session.append(ids)
        session.rewind(to: 20)
        #expect(session.tokens == Array(ids.prefix(20)))
        let again = try session.append(Array(ids[20..<40]))
        let fresh = GenerationSession(model, cacheType: .f32)
        _ = try fresh.append(Array(ids[0..<20]))
        #expect(again == (try fresh.append(Array(ids[20..<40]))))
    }

    @Test func saysHowManyTokensAreTooMany() throws {
        let session = GenerationSession(try model("qwen2"), contextLimit: 10)
        #expect(throws: GenerationError.contextExceeded(needed: 12, limit: 10)) { try session.append(tokens(12, vocabulary: 96)) }
        #expect(throws: GenerationError.contextExceeded(needed: 11, limit: 10)) { try session.check([1, 2, 3], output: 8) }
        #expect(throws: GenerationError.tokenOutOfRange(id: 96, vocabularyCount: 96)) { try session.append([1, 96]) }
        #expect(throws: GenerationError.tokenOutOfRange(id: -1, vocabularyCount: 96)) { try session.append([-1]) }
        #expect(throws: GenerationError.emptyPrompt) { try session.append([]) }
        _ = try session.append(tokens(10, vocabulary: 96))
        #expect(throws: GenerationError.contextExceeded(needed: 11, limit: 10)) { try session.append([1]) }
    }

    @Test func contextIsNeverLongerThanTheModels() throws {
        #expect(GenerationSession(try model("qwen2"), contextLimit: 100_000).contextLimit == 512)
    }
}
