import Foundation
import Testing

import TransformerCore

/// The fast path on the quantised file against the plain one, on text of the repository's own collections.
@Suite(.enabled(if: TestModels.hasSmolLM2), .serialized) struct FastPathTests {
    /// Tokens that are read afresh; each one predicts the next.
    private static let window = 512

    /// 20,000 tokens with `FOOTNOTE_FULL_TESTS=1`, which takes minutes on the plain path, else a few windows.
    private static var tokenCount: Int {
        ProcessInfo.processInfo.environment["FOOTNOTE_FULL_TESTS"] == "1" ? 20_480 : 1024
    }

    private struct Pass {
        var best: [Int32] = []
        /// Sum of -log p(next token).
        var loss = 0.0
        var predicted = 0
        var perplexity: Double { exp(loss / Double(predicted)) }
    }

    private func pass(
        _ tokens: [Int32], precision: ComputePrecision, cacheType: TensorType, batchSize: Int
    ) throws -> Pass {
        let model = try ModelArchitecture.loadDecoder(GGUFFile(path: TestModels.smolLM2), precision: precision)
        var result = Pass()
        for start in stride(from: 0, to: tokens.count, by: Self.window) {
            let window = Array(tokens[start..<min(start + Self.window, tokens.count)])
            let session = GenerationSession(model, cacheType: cacheType, batchSize: batchSize)
            try session.append(window) { index, logits in
                result.best.append(try Sampler.mostLikely(logits))
                guard index + 1 < window.count else { return }
                result.loss -= logProbability(of: window[index + 1], logits)
                result.predicted += 1
            }
        }
        return result
    }

    private func logProbability(of token: Int32, _ logits: UnsafeBufferPointer<Float>) -> Double {
        let highest = logits.max() ?? 0
        let sum = logits.reduce(0.0) { $0 + exp(Double($1 - highest)) }
        return Double(logits[Int(token)] - highest) - log(sum)
    }

    /// Prompts are read many rows at a time and answers written one by one: kernels differ, so both are compared.
    @Test(arguments: [256, 1])
    func agreesWithThePlainPath(batchSize: Int) throws {
        var fixture = try Fixture("smollm2_text.bin")
        let tokens = fixture.ids(Self.tokenCount)
        let plain = try pass(tokens, precision: .exact, cacheType: .f32, batchSize: 256)
        let fast = try pass(tokens, precision: .fast, cacheType: .f16, batchSize: batchSize)

        let agreement = Double(zip(plain.best, fast.best).count { $0 == $1 }) / Double(tokens.count)
        let ratio = fast.perplexity / plain.perplexity
        print(
            "SmolLM2, \(tokens.count) tokens, \(batchSize) at a time: perplexity plain \(plain.perplexity), "
                + "fast \(fast.perplexity) (ratio \(ratio)), same top token at \(100 * agreement)%")
        #expect(agreement >= 0.97)
        #expect(abs(ratio - 1) <= 0.01)
    }
}
