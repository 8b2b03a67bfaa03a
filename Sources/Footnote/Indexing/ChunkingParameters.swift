import Foundation
import Ingestion

/// How a generation's documents are cut, as `generations.chunking` holds it.
struct ChunkingParameters: Codable, Sendable, Equatable {
    /// Longest chunk in tokens of the embedding model.
    var maximumTokens: Int

    static let standard = ChunkingParameters(maximumTokens: 200)

    init(maximumTokens: Int) { self.maximumTokens = maximumTokens }

    init(json: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(json.utf8)) }

    /// Keys in order, so that equal parameters are equal text.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    func chunks(of document: LoadedDocument, tokenCount: (String) -> Int, modelLimit: Int) -> [Chunk] {
        var headings: [String] = []
        var result: [Chunk] = []
        for block in document.blocks {
            if case .heading = block.kind { headings = [block.heading ?? ""] }
            result.append(Chunk(range: block.range, lines: block.lines, headingPath: headings))
        }
        return result
    }
}
