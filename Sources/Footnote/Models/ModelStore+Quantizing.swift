public import Foundation
import TransformerCore

/// A mixture of number formats for the weights of a model.
public enum ModelQuantization: String, CaseIterable, Sendable {
    /// 8.5 bits for each weight.
    case q8_0 = "Q8_0"
    /// 6.6 bits for each weight.
    case q6_k = "Q6_K"
    /// 4.8 bits for each weight at most: more for those that matter most.
    case q4_k_m = "Q4_K_M"
    /// 4.5 bits for each weight, more for the output.
    case q4_0 = "Q4_0"
}

/// What a quantised file is like.
public struct QuantizationReport: Sendable, Hashable, Codable {
    public var path: String
    public var inputBytes: Int
    public var outputBytes: Int
    /// What the weights would take with 16 bits each.
    public var halfPrecisionBytes: Int
    /// Number of tensors by type.
    public var weightTypes: [String: Int]
}

extension ModelStore {
    /// Writes a GGUF file with the weights of another in fewer bits. llama.cpp loads it, too.
    ///
    /// - Parameters:
    ///   - name: see `find(_:)`; a GGUF file, best with weights of 16 or 32 bits.
    ///   - destination: the new file; nothing may be there.
    ///   - progress: called with the share that is done, 0...1.
    /// - Throws: `ModelError`.
    public func quantize(
        _ name: String, to destination: URL, as quantization: ModelQuantization,
        progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) async throws -> QuantizationReport {
        let path = try ggufPath(name)
        guard !FileManager.default.fileExists(atPath: destination.path) else {
            throw ModelError.alreadyThere(path: destination.path)
        }
        let result = try await ComputePool.shared.run {
            try ModelError.wrapping(path) {
                try ModelQuantizer(GGUFFile(path: path), format: quantization.format)
                    .write(to: destination, progress: progress)
            }
        }
        return QuantizationReport(
            path: destination.path, inputBytes: result.inputBytes, outputBytes: result.outputBytes,
            halfPrecisionBytes: result.halfPrecisionBytes, weightTypes: result.types)
    }
}

extension ModelQuantization {
    fileprivate var format: QuantizedFormat {
        switch self {
        case .q8_0: .q8_0
        case .q6_k: .q6_k
        case .q4_k_m: .q4_k_m
        case .q4_0: .q4_0
        }
    }
}
