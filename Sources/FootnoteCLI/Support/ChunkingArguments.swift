import ArgumentParser
import Footnote

/// How documents are cut.
struct ChunkingArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How documents are cut: structured, fixed, recursive, sentence-window, parent-child, semantic or late. Another choice "
                + "than the knowledge base has cuts and embeds everything anew.",
            valueName: "strategy"))
    var chunking: String?

    @Option(help: ArgumentHelp("Longest passage in tokens, with --chunking.", valueName: "tokens"))
    var chunkTokens: Int?

    func validate() throws {
        if let chunking, ChunkingChoice.Strategy(rawValue: chunking) == nil {
            throw ValidationError("--chunking is one of " + ChunkingChoice.Strategy.allCases.map(\.rawValue).joined(separator: ", "))
        }
        if let chunkTokens, !(16...4096).contains(chunkTokens) { throw ValidationError("--chunk-tokens is between 16 and 4096") }
    }

    /// `nil` where nothing was said.
    var choice: ChunkingChoice? {
        guard chunking != nil || chunkTokens != nil else { return nil }
        return ChunkingChoice(chunking.flatMap(ChunkingChoice.Strategy.init) ?? .structured, maximumTokens: chunkTokens)
    }
}
