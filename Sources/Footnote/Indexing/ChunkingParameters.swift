import Foundation
import Ingestion

/// How a generation's documents are cut and what goes in front of them, as `generations.chunking` holds it.
struct ChunkingParameters: Codable, Sendable, Equatable {
    /// Longest chunk in tokens of the embedding model, lead-in included.
    var maximumTokens: Int
    /// Chunks that are smaller are joined with what follows in their section.
    var minimumTokens: Int
    var overlapTokens: Int
    /// `nil` is `structured`, so that what was stored before there was a choice stays equal.
    var strategy: ChunkingStrategy?
    /// What goes in front of texts before they are embedded; `nil` is what the model itself wants.
    var prompts: EmbeddingPrompts?

    static let standard = ChunkingParameters(ChunkingOptions())

    init(_ options: ChunkingOptions) {
        maximumTokens = options.maximumTokens
        minimumTokens = options.minimumTokens
        overlapTokens = options.overlapTokens
    }

    init(_ choice: ChunkingChoice) {
        // A late chunk must be much shorter than the passage it is read in.
        let size = choice.maximumTokens ?? (choice.strategy == .late ? 80 : 220)
        self.init(ChunkingOptions(maximumTokens: size, overlapTokens: choice.overlapTokens ?? 0))
        strategy = choice.strategy == .structured ? nil : ChunkingStrategy(rawValue: choice.strategy.rawValue)
    }

    init(json: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(json.utf8)) }

    /// Keys in order, so that equal parameters are equal text.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// The same in all that vectors of documents depend on.
    func cutsAndEmbedsLike(_ other: ChunkingParameters) -> Bool {
        var (mine, others) = (self, other)
        (mine.prompts, others.prompts) = (nil, nil)
        return mine == others && prompts?.document == other.prompts?.document
    }

    /// - Parameter modelLimit: longest input of the model; a sixth of it is left for headings and framing.
    func options(modelLimit: Int) -> ChunkingOptions {
        let maximum = min(maximumTokens, max(1, modelLimit - modelLimit / 6))
        return ChunkingOptions(maximumTokens: maximum, minimumTokens: min(minimumTokens, maximum), overlapTokens: overlapTokens)
    }
}

/// How documents are cut into the passages that are embedded and found. One choice holds for a whole knowledge base.
public struct ChunkingChoice: Sendable, Hashable {
    public enum Strategy: String, Sendable, CaseIterable {
        /// Along headings, lists, tables and declarations.
        case structured
        /// Windows of equal size.
        case fixed
        /// At blocks, sentences, lines and words as far as pieces are too large.
        case recursive
        /// Each sentence is embedded alone and read with its neighbours.
        case sentenceWindow = "sentence-window"
        /// Small parts are embedded, and the passage that holds them is read.
        case parentChild = "parent-child"
        /// Where the meaning drifts from one sentence to the next. Each sentence is embedded to find out: indexing takes
        /// about twice as long.
        case semantic
        /// As `structured`, but the vector of a passage is the mean of its tokens' in a pass over as much of the document
        /// around it as the model takes (late chunking). Needs a `TokenEmbeddingModel`; takes about twice as long.
        case late
    }

    public var strategy: Strategy
    /// Longest passage in tokens of the embedding model; `nil` for 220, with `late` 80.
    public var maximumTokens: Int?
    /// Tokens that a passage repeats of the one before; `nil` for none.
    public var overlapTokens: Int?

    public init(_ strategy: Strategy, maximumTokens: Int? = nil, overlapTokens: Int? = nil) {
        self.strategy = strategy
        self.maximumTokens = maximumTokens
        self.overlapTokens = overlapTokens
    }
}
