/// How documents are cut.
package enum ChunkingStrategy: String, Sendable, Codable, CaseIterable {
    /// Along headings, lists, tables and declarations; see `StructuredChunker`.
    case structured
    /// Windows of equal size over the text, whatever its structure.
    case fixed
    /// At blocks, then sentences, lines and words, as far as pieces are too large; structure does not keep them apart.
    case recursive
    /// Each sentence is embedded on its own and read with its neighbours.
    case sentenceWindow = "sentence-window"
    /// Small parts are embedded; what is read is the structured chunk that holds them.
    case parentChild = "parent-child"
    /// Where the meaning drifts from one sentence to the next; see `SemanticChunker`.
    case semantic
    /// As `structured`, each chunk embedded from the token vectors of a long passage around it.
    case late
}

/// Cuts documents by any strategy. All chunks are slices of the text, within the size.
package struct DocumentChunker: Sendable {
    package let strategy: ChunkingStrategy
    package let options: ChunkingOptions
    private let tokenCount: @Sendable (Substring) -> Int

    /// Sentences on either side that are read with one.
    static let window = 2
    /// A child has at most this part of its parent's size.
    static let childShare = 4

    package init(strategy: ChunkingStrategy, options: ChunkingOptions, tokenCount: @escaping @Sendable (Substring) -> Int) {
        self.strategy = strategy
        self.options = options
        self.tokenCount = tokenCount
    }

    /// - Parameter embed: unit vectors of texts, row-major; asked by `semantic` alone.
    /// - Throws: what `embed` throws.
    package func chunks(
        of document: LoadedDocument, embed: ([String]) async throws -> [Float]
    ) async throws -> [Chunk] {
        guard strategy == .semantic else { return chunks(of: document) }
        return try await SemanticChunker(options: options, tokenCount: tokenCount).chunks(of: document, embed: embed)
    }

    private func chunks(of document: LoadedDocument) -> [Chunk] {
        let structured = StructuredChunker(options: options, tokenCount: tokenCount)
        if strategy == .structured || strategy == .late { return structured.chunks(of: document) }
        var text = document.text
        text.makeContiguousUTF8()
        let measure = TextMeasure(text: text, maximum: options.maximumTokens, tokenCount: tokenCount)
        return text.utf8.withContiguousStorageIfAvailable { bytes in
            let cutter = PlainCutter(bytes: bytes, measure: measure, blocks: document.blocks.filter { !$0.isHidden })
            switch strategy {
            case .structured, .late, .semantic: return []
            case .fixed: return cutter.packed(levels: [.words, .characters], overlap: options.overlapTokens)
            case .recursive: return cutter.packed(levels: [.sentences, .lines, .words, .characters], overlap: options.overlapTokens, keepsBlocks: true)
            case .sentenceWindow: return cutter.windows(of: Self.window)
            case .parentChild: return cutter.children(of: structured.chunks(of: document), size: max(1, options.maximumTokens / Self.childShare))
            }
        } ?? []
    }
}

/// Cuts that do not follow a document's structure.
struct PlainCutter {
    let bytes: UnsafeBufferPointer<UInt8>
    let measure: TextMeasure
    let blocks: [Block]

    private struct Piece {
        var range: Range<Int>
        var tokens: Int
        var block: Int
    }

    /// Pieces one after the other, as many as fit; the last `overlap` tokens of a chunk begin the next.
    func packed(levels: [BlockSplitter.Level], overlap: Int, keepsBlocks: Bool = false) -> [Chunk] {
        let splitter = BlockSplitter(bytes: bytes, measure: measure)
        var pieces: [Piece] = []
        for (index, block) in blocks.enumerated() {
            let whole = keepsBlocks ? measure.tokens(block.range) : Int.max
            if whole <= measure.maximum {
                pieces.append(Piece(range: block.range, tokens: whole, block: index))
            } else {
                pieces += splitter.parts(of: block.range, levels: levels).map { Piece(range: $0.range, tokens: $0.tokens, block: index) }
            }
        }
        var chunks: [Chunk] = [], open: [Piece] = [], size = 0
        for piece in pieces {
            if !open.isEmpty, size + piece.tokens > measure.maximum {
                chunks.append(chunk(open))
                var tail: [Piece] = [], kept = 0
                for last in open.reversed() where kept + last.tokens <= overlap && kept + last.tokens + piece.tokens <= measure.maximum {
                    tail.insert(last, at: 0)
                    kept += last.tokens
                }
                (open, size) = (tail.isEmpty || tail.last?.range != open.last?.range ? [] : tail, 0)
                size = open.reduce(0) { $0 + $1.tokens }
            }
            open.append(piece)
            size += piece.tokens
        }
        if !open.isEmpty { chunks.append(chunk(open)) }
        return chunks
    }

    private func chunk(_ pieces: [Piece]) -> Chunk {
        let first = pieces[0], last = pieces[pieces.count - 1]
        return slice(first.range.lowerBound..<last.range.upperBound, firstBlock: first.block, lastBlock: last.block)
    }

    /// - Parameter heading: the block whose headings the chunk has; `nil` for the first.
    func slice(
        _ range: Range<Int>, firstBlock: Int, lastBlock: Int, below heading: Int? = nil, embedded: Range<Int>? = nil
    ) -> Chunk {
        var result = Chunk(
            range: range, lines: blocks[firstBlock].lines.lowerBound...max(blocks[firstBlock].lines.lowerBound, blocks[lastBlock].lines.upperBound),
            headingPath: headings(at: heading ?? firstBlock), place: blocks[firstBlock].place)
        result.embedded = embedded
        return result
    }

    /// The headings above a block, outermost first.
    func headings(at index: Int) -> [String] {
        var path: [String] = [], level = Int.max, next = index
        while next >= 0, level > 1 {
            if case .heading(let own) = blocks[next].kind, own < level {
                path.insert(blocks[next].heading ?? "", at: 0)
                level = own
            }
            next -= 1
        }
        return path
    }

    /// A chunk for each sentence: embedded alone, read with `count` sentences of its section on either side.
    func windows(of count: Int) -> [Chunk] {
        var sentences: [Piece] = [], chunks: [Chunk] = []
        let splitter = BlockSplitter(bytes: bytes, measure: measure)
        func flush() {
            for (index, sentence) in sentences.enumerated() {
                var low = index, high = index, size = sentence.tokens
                for step in 1...max(1, count) {
                    if index - step >= 0, low == index - step + 1, size + sentences[index - step].tokens <= measure.maximum { low = index - step; size += sentences[low].tokens }
                    if index + step < sentences.count, high == index + step - 1, size + sentences[index + step].tokens <= measure.maximum { high = index + step; size += sentences[high].tokens }
                }
                chunks.append(slice(
                    sentences[low].range.lowerBound..<sentences[high].range.upperBound, firstBlock: sentences[low].block, lastBlock: sentences[high].block, embedded: sentence.range))
            }
            sentences = []
        }
        for (index, block) in blocks.enumerated() {
            if case .heading = block.kind { flush() }
            let levels = BlockSplitter.levels(for: block.kind)
            sentences += splitter.parts(of: block.range, levels: levels).map { Piece(range: $0.range, tokens: $0.tokens, block: index) }
        }
        flush()
        return chunks
    }

    /// The parts of each chunk, as far as they are small; each is embedded and stands for the whole chunk.
    func children(of parents: [Chunk], size: Int) -> [Chunk] {
        parents.flatMap { parent -> [Chunk] in
            let small = TextMeasure(text: measure.text, maximum: size, tokenCount: measure.tokenCount)
            let splitter = BlockSplitter(bytes: bytes, measure: small)
            var ranges: [Range<Int>] = [], open: Range<Int>?, held = 0
            for part in splitter.parts(of: parent.range, levels: [.sentences, .lines, .words, .characters]) {
                if let range = open, held + part.tokens <= size {
                    open = range.lowerBound..<part.range.upperBound
                    held += part.tokens
                } else {
                    if let range = open { ranges.append(range) }
                    (open, held) = (part.range, part.tokens)
                }
            }
            if let range = open { ranges.append(range) }
            return ranges.map { range in
                var child = parent
                child.embedded = ranges.count == 1 ? nil : range
                return child
            }
        }
    }
}

extension BlockSplitter {
    /// `pieces`, also of a range that would fit whole.
    func parts(of range: Range<Int>, levels: [Level]) -> [(range: Range<Int>, tokens: Int)] { pieces(of: range, levels: levels[...]) }
}
