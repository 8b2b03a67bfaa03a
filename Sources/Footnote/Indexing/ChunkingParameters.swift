import Foundation
import Ingestion

/// How a generation's documents are cut, as `generations.chunking` holds it.
struct ChunkingParameters: Codable, Sendable, Equatable {
    /// Longest chunk in tokens of the embedding model, lead-in included.
    var maximumTokens: Int
    /// Chunks that are smaller are joined with what follows in their section.
    var minimumTokens: Int
    var overlapTokens: Int

    static let standard = ChunkingParameters(ChunkingOptions())

    init(_ options: ChunkingOptions) {
        maximumTokens = options.maximumTokens
        minimumTokens = options.minimumTokens
        overlapTokens = options.overlapTokens
    }

    init(json: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(json.utf8)) }

    /// Keys in order, so that equal parameters are equal text.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// - Parameter modelLimit: longest input of the model; a sixth of it is left for headings and framing.
    func options(modelLimit: Int) -> ChunkingOptions {
        let maximum = min(maximumTokens, max(1, modelLimit - modelLimit / 6))
        return ChunkingOptions(maximumTokens: maximum, minimumTokens: min(minimumTokens, maximum), overlapTokens: overlapTokens)
    }
}
