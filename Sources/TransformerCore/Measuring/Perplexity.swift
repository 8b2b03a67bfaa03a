#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How well a model foresees a text: the exponential of the mean negative logarithm of its tokens' probabilities.
///
/// The text is cut into windows; of each, tokens in the second half are counted, each given those before it in the window,
/// so that all have some context. (The way of llama.cpp's `perplexity`, whose figures can be set beside these.)
package struct Perplexity: Sendable {
    package let value: Double
    /// Tokens that were counted.
    package let tokens: Int

    /// - Parameters:
    ///   - tokens: ids of the whole text.
    ///   - beginning: put in place of the first token of each window, for models that expect one.
    ///   - window: tokens of a window.
    /// - Throws: `GenerationError` when the text is shorter than a window, or the model's context is.
    package init(
        _ model: any DecoderModel, tokens: [Int32], beginning: Int32?, window: Int = 512, pool: ComputePool
    ) throws {
        guard tokens.count >= window else {
            throw GenerationError.invalidOption(
                name: "the text", value: "\(tokens.count) tokens long", expected: "at least \(window) tokens")
        }
        var sum = 0.0
        var counted = 0
        for start in stride(from: 0, through: tokens.count - window, by: window) {
            var part = Array(tokens[start..<start + window])
            if let beginning { part[0] = beginning }
            let session = GenerationSession(model, contextLimit: window, cacheType: .f32, batchSize: 64, pool: pool)
            try session.append(part) { index, logits in
                guard index >= window / 2, index + 1 < window else { return }
                sum -= Self.logProbability(of: part[index + 1], logits)
                counted += 1
            }
        }
        self.tokens = counted
        value = exp(sum / Double(max(1, counted)))
    }

    /// log softmax(logits)[token]
    private static func logProbability(of token: Int32, _ logits: UnsafeBufferPointer<Float>) -> Double {
        var highest = -Float.infinity
        for logit in logits { highest = max(highest, logit) }
        var sum: Float = 0
        for logit in logits { sum += expf(logit - highest) }
        return Double(logits[Int(token)] - highest) - log(Double(sum))
    }
}
