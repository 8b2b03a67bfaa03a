/// Sizes of chunks, in tokens of the embedding model.
package struct ChunkingOptions: Sendable, Hashable {
    /// No chunk with its lead-in has more. The default leaves room in a 256-token model for the heading path and the
    /// model's own marks.
    package var maximumTokens: Int
    /// A chunk smaller than this is joined with what follows in its section, even if a large block must be split for it.
    package var minimumTokens: Int
    /// How much of a chunk's end is repeated at the beginning of the next one of the same section.
    package var overlapTokens: Int

    package init(maximumTokens: Int = 220, minimumTokens: Int? = nil, overlapTokens: Int = 0) {
        self.maximumTokens = max(1, maximumTokens)
        self.minimumTokens = min(max(0, minimumTokens ?? maximumTokens / 4), self.maximumTokens)
        self.overlapTokens = min(max(0, overlapTokens), self.maximumTokens / 2)
    }
}
