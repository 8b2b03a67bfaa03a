/// Cuts documents into chunks along their structure.
///
/// A chunk never crosses a heading. Blocks of one section are packed together up to the size; a block that is too large
/// is split at blank lines (code), sentences, lines, words, and only then between characters. A chunk that begins with a
/// later row of a table, or a later item of a list, gets the header row or the introducing sentence as lead-in.
package struct StructuredChunker: Sendable {
    package let options: ChunkingOptions
    private let tokenCount: @Sendable (Substring) -> Int

    /// - Parameter tokenCount: the tokens of a text without the model's own marks. Each block, and each sentence of a
    ///   block that must be split, is counted once; never more than sixteen bytes per token of the maximum at a time.
    package init(options: ChunkingOptions = ChunkingOptions(), tokenCount: @escaping @Sendable (Substring) -> Int) {
        self.options = options
        self.tokenCount = tokenCount
    }

    /// The chunks of a document in ascending order. Each one's range is cut at character boundaries; together they hold
    /// every character of the blocks that is not white space, once (but for overlap, if that is asked for). A chunk with
    /// its lead-in has at most `maximumTokens` if the tokens of adjoining texts add up.
    package func chunks(of document: LoadedDocument) -> [Chunk] {
        var text = document.text
        text.makeContiguousUTF8()
        let measure = TextMeasure(text: text, maximum: options.maximumTokens, tokenCount: tokenCount)
        return text.utf8.withContiguousStorageIfAvailable { bytes in
            var packer = ChunkPacker(bytes: bytes, measure: measure, options: options)
            let blocks = document.blocks.filter { !$0.isHidden }
            for (index, block) in blocks.enumerated() {
                packer.add(block, leadIn: packer.leadIn(for: index, in: blocks))
            }
            return packer.finish()
        } ?? []
    }
}
