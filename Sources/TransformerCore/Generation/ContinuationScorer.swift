#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads a prompt batch by batch, then says how likely the model finds ways to go on after it.
final class ContinuationScorer: @unchecked Sendable {  // sound: the one task that owns it makes one call after another
    private let session: GenerationSession
    private let promptCount: Int
    private let reader: PromptReader

    /// Throws `GenerationError` unless there is a prompt and each continuation fits behind it.
    init(
        _ session: GenerationSession, prompt: [Int32], continuations: [[Int32]], cache: PrefixCache? = nil
    ) throws(GenerationError) {
        guard !prompt.isEmpty else { throw .emptyPrompt }
        self.session = session
        promptCount = prompt.count
        reader = PromptReader(session, prompt, cache: cache)
        for continuation in continuations { try session.check(reader.unread + continuation) }
    }

    /// Reads the next part of the prompt; false when there is none left.
    func readPromptBatch() throws -> Bool {
        try reader.readBatch()
    }

    /// Log-probabilities of the tokens of one continuation, after the whole prompt has been read.
    func logProbabilities(of continuation: [Int32]) throws -> [Double] {
        guard let first = continuation.first else { return [] }
        defer { session.rewind(to: promptCount) }
        var result = [try reader.logits.withUnsafeBufferPointer { try Self.logProbability(of: first, $0, position: promptCount) }]
        // The scores after a token are those of the next one; after the last, nobody asks.
        try session.append(Array(continuation.dropLast())) { index, logits in
            result.append(
                try Self.logProbability(of: continuation[index + 1], logits, position: promptCount + index + 1))
        }
        return result
    }

    /// log softmax(logits)[token], summed in double precision.
    private static func logProbability(
        of token: Int32, _ logits: UnsafeBufferPointer<Float>, position: Int
    ) throws(GenerationError) -> Double {
        let highest = logits[Int(try Sampler.mostLikely(logits, position: position))]
        let sum = logits.reduce(0.0) { $0 + exp(Double($1 - highest)) }
        return Double(logits[Int(token)] - highest) - log(sum)
    }
}
