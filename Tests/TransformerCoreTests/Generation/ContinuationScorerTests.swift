import Foundation
import Testing

import TransformerCore

@Suite struct ContinuationScorerTests {
    private let tokenizer = LetterTokenizer("abcdefghijklmnopqrstuvw")

    /// One token at a time in a session of its own, by the definition.
    private func naive(_ model: any DecoderModel, _ prompt: [Int32], _ continuation: [Int32]) throws -> [Double] {
        let session = GenerationSession(model)
        var logits = try session.append(prompt)
        return try continuation.map { token in
            let weights = logits.map { exp(Double($0)) }
            let result = log(weights[Int(token)] / weights.reduce(0, +))
            logits = try session.append([token])
            return result
        }
    }

    @Test func equalsTheDefinition() async throws {
        let model = try TinyLlama().load()
        let generator = TextGenerator(model: model, tokenizer: tokenizer)
        let continuations = ["b", "hello", "", "help", "abababababab", "b"].map(tokenizer.encode)
        for prompt in ["a", "abcdefg", "abcdefghij", "abc"].map(tokenizer.encode) {
            let scores = try await generator.logProbabilities(of: continuations, after: prompt)
            #expect(scores.map(\.count) == continuations.map(\.count))
            for (score, continuation) in zip(scores, continuations) {
                let expected = try naive(model, prompt, continuation)
                #expect(zip(score, expected).allSatisfy { abs($0 - $1) < 1e-3 }, "\(score) \(expected)")
            }
            #expect(scores[0] == scores[5])
        }
        #expect(try await generator.logProbabilities(of: [], after: [1]).isEmpty)
    }

    @Test func probabilitiesOfAllTokensSumToOne() async throws {
        let generator = TextGenerator(model: try TinyLlama().load(), tokenizer: tokenizer)
        let all = (0..<Int32(TinyLlama.vocabulary)).map { [$0] }
        let scores = try await generator.logProbabilities(of: all, after: [3, 1, 4])
        #expect(abs(scores.joined().reduce(0) { $0 + exp($1) } - 1) < 1e-9)
    }

    @Test func whatDoesNotFitIsRefused() async throws {
        let generator = TextGenerator(model: try TinyLlama().load(), tokenizer: tokenizer, contextLimit: 10)
        await #expect(throws: GenerationError.emptyPrompt) { try await generator.logProbabilities(of: [[1]], after: []) }
        await #expect(throws: GenerationError.contextExceeded(needed: 11, limit: 10)) {
            try await generator.logProbabilities(of: [[1], [1, 2, 3, 4]], after: [1, 2, 3, 4, 5, 6, 7])
        }
        await #expect(throws: GenerationError.tokenOutOfRange(id: 24, vocabularyCount: 24)) {
            try await generator.logProbabilities(of: [[1, 24]], after: [1])
        }
    }
}
