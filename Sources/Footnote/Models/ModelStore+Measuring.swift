import Foundation
import Tokenizers
import TransformerCore

/// How fast a language model reads and writes on this machine.
public struct ModelSpeed: Sendable, Hashable, Codable {
    /// Path of the model's file.
    public var path: String
    /// Weights.
    public var parameters: Int
    /// Tokens of the prompt, and tokens written after it.
    public var prompt: Int
    public var generate: Int
    public var threads: Int
    /// Of the processor, as `FOOTNOTE_ISA` names it.
    public var instructionSet: String
    /// Medians of the rounds.
    public var prefillTokensPerSecond: Double
    public var decodeTokensPerSecond: Double
    /// Texts that were written side by side, and the tokens each second of all of them together; nil when that was not asked for.
    public var batch: Int?
    public var batchDecodeTokensPerSecond: Double?
    public var secondsToLoad: Double
    /// From opening the file until the prompt of the first round has been read and the first token could be chosen.
    public var secondsToFirstToken: Double
    /// The most memory that the process has held so far, the mapped file's pages included.
    public var peakBytes: Int
}

extension ModelStore {
    /// Measures a language model with arbitrary tokens: speed does not depend on what they say.
    ///
    /// - Parameters:
    ///   - name: see `find(_:)`.
    ///   - prompt: tokens of the prompt, at least 1.
    ///   - generate: tokens written after it, one by one.
    ///   - batch: texts to write side by side, too; nil measures one alone.
    ///   - threads: nil for one for each core.
    ///   - rounds: how often both are measured.
    /// - Throws: `ModelError`.
    public func measureSpeed(
        _ name: String, prompt: Int = 512, generate: Int = 64, batch: Int? = nil, threads: Int? = nil,
        rounds: Int = 3
    ) async throws -> ModelSpeed {
        let path = try ggufPath(name)
        let result = try await ComputePool.shared.run {
            try ModelError.wrapping(path) {
                try ModelBenchmark(
                    path: path, prompt: prompt, generate: generate, batch: batch ?? 0, threads: threads, rounds: rounds)
            }
        }
        return ModelSpeed(
            path: path, parameters: result.parameters, prompt: prompt, generate: generate, threads: result.threads,
            instructionSet: result.instructionSet, prefillTokensPerSecond: result.prefill,
            decodeTokensPerSecond: result.decode, batch: batch,
            batchDecodeTokensPerSecond: batch.map { _ in result.batchDecode }, secondsToLoad: result.secondsToLoad,
            secondsToFirstToken: result.secondsToFirstToken, peakBytes: result.peakBytes)
    }

    /// How well a language model foresees a text: exp of the mean negative log-probability of the tokens in the second half
    /// of each window of 512.
    ///
    /// - Parameter name: see `find(_:)`.
    /// - Throws: `ModelError`, also when the text is shorter than one window.
    public func perplexity(_ name: String, of text: String) async throws -> Double {
        let path = try ggufPath(name)
        return try await ComputePool.shared.run {
            try ModelError.wrapping(path) {
                let file = try GGUFFile(path: path)
                let tokenizer = try file.promptTokenizer()
                let addsBeginning = file.metadata["tokenizer.ggml.add_bos_token"]?.bool ?? false
                return try Perplexity(
                    ModelArchitecture.loadDecoder(file), tokens: tokenizer.encode(text),
                    beginning: addsBeginning ? tokenizer.specialTokens.beginning : nil, pool: .shared
                ).value
            }
        }
    }

    func ggufPath(_ name: String) throws -> String {
        let location = try find(name)
        guard location.format == .gguf else {
            throw ModelError.unreadable(path: location.url.path, reason: "this needs a GGUF file")
        }
        return location.url.path
    }
}

extension ModelError {
    /// Says of errors of the transformer core which file they are about.
    static func wrapping<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as ModelError {
            throw error
        } catch {
            throw ModelError.unreadable(path: path, reason: "\(error)")
        }
    }
}
