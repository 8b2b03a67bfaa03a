#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How fast a language model reads and writes on this machine. What the weights say does not matter, nor do the tokens.
package struct ModelBenchmark: Sendable {
    /// Tokens each second, the median of the rounds after the first one, which finds nothing prepared.
    package let prefill: Double
    package let decode: Double
    /// Tokens each second of all texts of a batch together, the median of the rounds; 0 when none was asked for.
    package let batchDecode: Double
    /// From opening the file to the first token after the prompt, in the first round.
    package let secondsToFirstToken: Double
    package let secondsToLoad: Double
    /// The most memory that the process has held, the mapped file's pages included.
    package let peakBytes: Int
    package let parameters: Int
    package let threads: Int
    package let instructionSet: String

    /// - Parameters:
    ///   - prompt: tokens of the prompt.
    ///   - generate: tokens written after it.
    ///   - batch: texts that are written side by side, each after the same prompt; none when below 2.
    ///   - threads: nil for one for each core.
    ///   - rounds: how often both are measured, after a round that only the first token is taken from.
    /// - Throws: `ModelFileError`, `GenerationError`.
    package init(path: String, prompt: Int, generate: Int, batch: Int = 0, threads: Int?, rounds: Int) throws {
        let clock = ContinuousClock()
        let start = clock.now
        let pool = ComputePool(threads: threads)
        let model = try ModelArchitecture.loadDecoder(try GGUFFile(path: path))
        secondsToLoad = (clock.now - start).seconds
        var prefills: [Double] = [], decodes: [Double] = [], batches: [Double] = []
        var first: Double?
        for round in 0...max(1, rounds) {
            let session = GenerationSession(model, contextLimit: prompt + generate + 1, pool: pool)
            var ids = TokenIDs(vocabulary: model.vocabularyCount, seed: UInt64(round))
            let began = clock.now
            _ = try session.append(ids.next(prompt))
            let read = clock.now
            guard first != nil else {
                first = (read - start).seconds
                continue
            }
            prefills.append(Double(prompt) / (read - began).seconds)
            let wrote = clock.now
            for _ in 0..<generate { _ = try session.append(ids.next(1)) }
            if generate > 0 { decodes.append(Double(generate) / (clock.now - wrote).seconds) }
            guard batch > 1, generate > 0 else { continue }
            session.rewind(to: prompt)
            batches.append(Self.batchSpeed(of: batch, session, &ids, generate: generate, pool: pool))
        }
        prefill = prefills.median
        decode = decodes.median
        batchDecode = batches.median
        secondsToFirstToken = first ?? 0
        peakBytes = Self.peakMemory()
        parameters = model.parameterCount
        self.threads = pool.threads
        instructionSet = ComputePool.instructionSet
    }

    /// Tokens each second of `batch` texts that go on from one prompt, all of them by one pass.
    private static func batchSpeed(
        of batch: Int, _ prompt: GenerationSession, _ ids: inout TokenIDs, generate: Int, pool: ComputePool
    ) -> Double {
        let workspace = DecoderWorkspace()
        let states = (0..<batch).map { _ in prompt.copyState() }
        let start = ContinuousClock.now
        for _ in 0..<generate {
            let segments = states.map { DecoderSegment(state: $0, tokens: ids.next(1), rows: .last) }
            _ = prompt.model.forward(segments, workspace: workspace, pool: pool)
        }
        return Double(batch * generate) / (ContinuousClock.now - start).seconds
    }

    private static func peakMemory() -> Int {
        var usage = rusage()
        let ownProcess: Int32 = 0  // RUSAGE_SELF, whose type differs from system to system
        guard getrusage(ownProcess, &usage) == 0 else { return 0 }
        #if canImport(Darwin)
        return Int(usage.ru_maxrss)
        #else
        return Int(usage.ru_maxrss) * 1024
        #endif
    }
}

/// Arbitrary token ids.
private struct TokenIDs {
    let vocabulary: Int
    private var generator: Xoshiro256

    init(vocabulary: Int, seed: UInt64) {
        self.vocabulary = max(1, vocabulary)
        generator = Xoshiro256(seed: seed)
    }

    mutating func next(_ count: Int) -> [Int32] {
        (0..<count).map { _ in Int32(truncatingIfNeeded: generator.next() % UInt64(vocabulary)) }
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

extension [Double] {
    fileprivate var median: Double {
        guard !isEmpty else { return 0 }
        let sorted = sorted()
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }
}
