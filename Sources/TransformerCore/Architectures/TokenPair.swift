/// A sequence for an encoder: one text, or two that are read together. Framing (`[CLS]`, `[SEP]`) is included.
package struct TokenPair: Sendable, Equatable {
    package var tokenIDs: [Int32]
    /// Index of the first token of the second text, whose tokens are of type 1; the number of tokens where there is
    /// one text alone.
    package var secondSegment: Int

    package init(tokenIDs: [Int32], secondSegment: Int) {
        self.tokenIDs = tokenIDs
        self.secondSegment = secondSegment
    }

    /// One text.
    init(_ tokenIDs: [Int32]) {
        self.init(tokenIDs: tokenIDs, secondSegment: tokenIDs.count)
    }
}
