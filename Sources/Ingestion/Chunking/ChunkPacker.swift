/// Packs the blocks of a document, given in order, into chunks.
struct ChunkPacker {
    /// A block, or a part of one, that stays whole.
    struct Piece {
        var range: Range<Int>
        var lines: ClosedRange<Int>
        var tokens: Int
        /// Tokens of what stands between this piece and the one before it.
        var gap: Int
        var kind: Block.Kind
        var leadIn: Range<Int>?
        var place: Place?
    }

    let bytes: UnsafeBufferPointer<UInt8>
    var measure: TextMeasure
    let options: ChunkingOptions
    private var splitter: BlockSplitter
    private var chunks: [Chunk] = []
    private var path: [(level: Int, heading: String)] = []
    /// The pieces of the open chunk, their tokens with gaps, and its lead-in with its tokens.
    private var open: [Piece] = []
    private var openTokens = 0
    private var leadIn: Range<Int>?
    private var leadInTokens = 0
    /// The pieces of the chunk before the open one, if that is of the same section: for overlap and balance.
    private var previous: [Piece] = []
    /// The lead-in of the block before.
    private var lastLeadIn: Range<Int>?

    init(bytes: UnsafeBufferPointer<UInt8>, measure: TextMeasure, options: ChunkingOptions) {
        self.bytes = bytes
        self.measure = measure
        self.options = options
        splitter = BlockSplitter(bytes: bytes, measure: measure)
    }

    mutating func finish() -> [Chunk] {
        closeSection()
        return chunks
    }

    // MARK: Blocks

    mutating func add(_ block: Block, leadIn: Range<Int>?) {
        guard block.range.lowerBound >= (open.last ?? previous.last)?.range.upperBound ?? 0, block.range.upperBound <= bytes.count,
            !block.range.isEmpty else { return }
        if case .heading(let level) = block.kind { enterSection(level: level, heading: block.heading ?? "") }
        let tokens = measure.tokens(block.range)
        if tokens > options.maximumTokens {
            split(block, leadIn: leadIn)
        } else {
            let piece = Piece(range: block.range, lines: block.lines, tokens: tokens, gap: 0, kind: block.kind, leadIn: leadIn, place: block.place)
            if !fits(piece), isOnlyHeadings, isProse(block.kind), openTokens < options.maximumTokens / 2 {
                // A heading goes with the beginning of its text.
                split(block, leadIn: leadIn)
            } else {
                append(piece)
            }
        }
    }

    private var isOnlyHeadings: Bool {
        !open.isEmpty && open.allSatisfy { if case .heading = $0.kind { true } else { false } }
    }

    private func isProse(_ kind: Block.Kind) -> Bool { kind == .paragraph || kind == .listItem }

    /// A heading opens a section. A heading that directly follows its parent heading shares a chunk with it.
    private mutating func enterSection(level: Int, heading: String) {
        let followsParent = isOnlyHeadings && (path.last?.level ?? 0) < level
        if !followsParent { closeSection() }
        path.removeAll { $0.level >= level }
        path.append((level, heading))
    }

    private mutating func split(_ block: Block, leadIn: Range<Int>?) {
        if openTokens >= options.minimumTokens, !isOnlyHeadings { closeChunk() }
        let newlines = bytes[block.range].reduce(0) { $0 + ($1 == Ascii.newline ? 1 : 0) }
        let isExact = newlines == block.lines.count - 1
        var line = block.lines.lowerBound, counted = block.range.lowerBound
        for part in splitter.pieces(of: block.range, levels: BlockSplitter.levels(for: block.kind)[...]) {
            var lines = block.lines
            if isExact {
                line += newlineCount(counted..<part.range.lowerBound)
                let first = line
                line += newlineCount(part.range)
                counted = part.range.upperBound
                lines = first...line
            }
            append(Piece(range: part.range, lines: lines, tokens: part.tokens, gap: 0, kind: block.kind, leadIn: leadIn, place: block.place))
        }
    }

    private func newlineCount(_ range: Range<Int>) -> Int {
        bytes[range].reduce(0) { $0 + ($1 == Ascii.newline ? 1 : 0) }
    }

    // MARK: Chunks

    private mutating func gap(before piece: Piece) -> Int {
        open.last.map { measure.gapTokens($0.range.upperBound..<piece.range.lowerBound) } ?? 0
    }

    private mutating func fits(_ piece: Piece) -> Bool {
        openTokens + gap(before: piece) + piece.tokens + leadInTokens <= options.maximumTokens
    }

    private mutating func append(_ piece: Piece) {
        if !open.isEmpty, !fits(piece) { closeChunk() }
        var piece = piece
        if open.isEmpty {
            begin(with: piece)
        } else {
            piece.gap = gap(before: piece)
        }
        open.append(piece)
        openTokens += piece.gap + piece.tokens
    }

    /// Opens a chunk for `piece`: chooses its lead-in and, if overlap is asked for, repeats the end of the one before.
    private mutating func begin(with piece: Piece) {
        if options.overlapTokens > 0 { repeatEnd(before: piece) }
        guard let candidate = piece.leadIn, candidate.upperBound <= (open.first ?? piece).range.lowerBound else { return }
        let tokens = measure.tokens(candidate)
        // A lead-in that takes a third of the room says less than what it displaces.
        guard tokens <= options.maximumTokens / 3, tokens + openTokens + piece.tokens <= options.maximumTokens else { return }
        leadIn = candidate
        leadInTokens = tokens
    }

    private mutating func repeatEnd(before piece: Piece) {
        var tail: [Piece] = [], tokens = 0
        for last in previous.reversed() {
            guard tokens + last.tokens + last.gap <= options.overlapTokens else { break }
            tail.append(last)
            tokens += last.tokens + last.gap
        }
        if tail.isEmpty, let last = previous.last, isProse(last.kind) {
            for part in splitter.pieces(of: last.range, levels: [.sentences]).reversed() {
                guard tokens + part.tokens <= options.overlapTokens else { break }
                tail.append(Piece(range: part.range, lines: last.lines, tokens: part.tokens, gap: 0, kind: last.kind, place: last.place))
                tokens += part.tokens
            }
        }
        guard let end = tail.first, tokens > 0 else { return }
        tokens += measure.gapTokens(end.range.upperBound..<piece.range.lowerBound)
        guard tokens + piece.tokens <= options.maximumTokens else { return }
        open = tail.reversed()
        openTokens = tokens
    }

    private mutating func closeChunk() {
        emit(open)
        previous = open
        open = []
        openTokens = 0
        leadIn = nil
        leadInTokens = 0
    }

    private mutating func closeSection() {
        balance()
        closeChunk()
        previous = []
    }

    /// Moves the last piece of the chunk before to a last chunk that is tiny, if that leaves both in bounds.
    private mutating func balance() {
        guard options.overlapTokens == 0, openTokens < options.minimumTokens, leadIn == nil, previous.count > 1, let first = open.first,
            let moved = previous.last, let kept = previous.dropLast().last, moved.leadIn == nil, !isHeading(kept.kind) else { return }
        let remaining = previous.dropLast().reduce(0) { $0 + $1.tokens + $1.gap }
        let gap = measure.gapTokens(moved.range.upperBound..<first.range.lowerBound)
        guard openTokens + gap + moved.tokens <= min(options.maximumTokens, remaining), let last = chunks.last else { return }
        previous.removeLast()
        chunks.removeLast()
        emit(previous, leadIn: last.leadIn)
        open.insert(moved, at: 0)
    }

    private func isHeading(_ kind: Block.Kind) -> Bool { if case .heading = kind { true } else { false } }

    private mutating func emit(_ pieces: [Piece]) { emit(pieces, leadIn: leadIn) }

    private mutating func emit(_ pieces: [Piece], leadIn: Range<Int>?) {
        guard let first = pieces.first, let last = pieces.last else { return }
        let lower = pieces.reduce(first.lines.lowerBound) { min($0, $1.lines.lowerBound) }
        let upper = pieces.reduce(last.lines.upperBound) { max($0, $1.lines.upperBound) }
        chunks.append(
            Chunk(
                range: first.range.lowerBound..<last.range.upperBound, lines: lower...upper,
                headingPath: path.map(\.heading) + sharedNames(pieces), leadIn: leadIn, place: first.place))
    }

    /// The enclosing names that all declarations in a chunk of source code have in common.
    private func sharedNames(_ pieces: [Piece]) -> [String] {
        var shared: [Substring]?
        for case .code(_, let name?) in pieces.lazy.map(\.kind) {
            let names = name.split(separator: ".")
            shared = shared.map { old in zip(old, names).prefix { $0 == $1 }.map(\.0) } ?? names
        }
        return (shared ?? []).map(String.init)
    }
}

// MARK: Lead-ins

extension ChunkPacker {
    /// The header row above a later table row, or the sentence that introduces the list of a later item.
    mutating func leadIn(for index: Int, in blocks: [Block]) -> Range<Int>? {
        lastLeadIn = currentLeadIn(for: index, in: blocks)
        return lastLeadIn
    }

    private func currentLeadIn(for index: Int, in blocks: [Block]) -> Range<Int>? {
        guard index > 0 else { return nil }
        let before = blocks[index - 1]
        switch (blocks[index].kind, before.kind) {
        case (.tableRow(header: false), .tableRow(header: true)): return before.range
        case (.tableRow(header: false), .tableRow), (.listItem, .listItem): return lastLeadIn
        case (.listItem, .paragraph): return introduction(before.range)
        default: return nil
        }
    }

    /// The last sentence of a paragraph that ends with a colon.
    private func introduction(_ range: Range<Int>) -> Range<Int>? {
        guard let last = range.last, bytes[last] == UInt8(ascii: ":") || (range.count >= 3 && bytes[last - 2] == 0xEF && bytes[last - 1] == 0xBC && bytes[last] == 0x9A)
        else { return nil }
        guard range.count <= 4096 else { return nil }
        return SentenceSplitter().ranges(in: bytes, within: range).last
    }
}
