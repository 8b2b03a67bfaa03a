/// The part that all BERT models share (Devlin et al. 2019, arXiv:1810.04805): word, position and type embeddings, then
/// blocks that normalise after each residual sum. What the hidden states are good for is up to its owner.
///
/// Immutable: any number of threads may use it at once.
final class BERTModel: Sendable {
    let configuration: BERTConfiguration
    private let words: EmbeddingTable
    /// For each token type `[maximumPositions, width]`: the position's embedding and that of the type, added up.
    private let positions: [[Float]]
    private let embeddingNorm: LayerNorm
    private let blocks: [BERTBlock]
    private let attention: Attention

    /// Sequences are worked on in groups of about this many tokens: enough rows for the matrix products, few enough
    /// that the widest activations (6 kB a token) stay in a core's cache.
    private static let groupTokens = 128

    /// - Parameter readsPairs: tokens of a second text are of another type; models that know one type only read them
    ///   as the first.
    /// - Throws: `ModelFileError` or `LinearError`.
    init(
        _ weights: BERTWeights, configuration: BERTConfiguration, precision: ComputePrecision, readsPairs: Bool
    ) throws {
        self.configuration = configuration
        words = try weights.wordEmbeddings(configuration)
        positions = try weights.positionEmbeddings(
            configuration, types: min(configuration.typeCount, readsPairs ? 2 : 1))
        embeddingNorm = try weights.embeddingNorm(configuration)
        blocks = try (0..<configuration.layers).map { index in
            try BERTBlock(weights, index: index, configuration: configuration, precision: precision)
        }
        attention = Attention(
            queryHeads: configuration.heads, keyValueHeads: configuration.heads,
            headDimension: configuration.width / configuration.heads, precision: precision)
    }

    /// The hidden states of some neighbouring sequences.
    struct Group {
        /// Their places in the list that was asked for.
        let sequences: Range<Int>
        /// `[tokens, width]`, valid until the function that was called with it returns.
        let hidden: UnsafePointer<Float>
        /// Where each sequence begins in `hidden`, and the number of tokens last.
        let offsets: [Int]
    }

    /// Takes in sequences and calls `body` for each group of them, from several threads at once. Sequences of different
    /// lengths cost what they are long; nothing is padded. The caller has checked them.
    ///
    /// Works on the calling thread and the pool's.
    func forward(_ sequences: [TokenPair], pool: ComputePool, _ body: (Group) -> Void) {
        let groups = Self.groups(sequences, threads: pool.threads)
        // Whole groups on each thread need no waiting for one another; a lone group spreads its layers instead.
        if groups.count == 1 {
            forward(sequences, group: groups[0], workspace: BERTWorkspace(), pool: pool, body)
            return
        }
        let workspaces = (0..<pool.threads).map { _ in BERTWorkspace() }
        pool.parallel(groups.count) { task, worker in
            forward(sequences, group: groups[task], workspace: workspaces[worker], pool: nil, body)
        }
    }

    /// Throws `EncoderError` for a sequence that is empty, longer than `limit` or not of this vocabulary.
    func check(_ sequences: [TokenPair], limit: Int) throws(EncoderError) {
        for (index, sequence) in sequences.enumerated() {
            let count = sequence.tokenIDs.count
            guard count > 0 else { throw .emptySequence(index: index) }
            guard count <= limit else { throw .tooLong(index: index, tokens: count, limit: limit) }
            guard (0...count).contains(sequence.secondSegment) else {
                throw .segmentOutOfRange(index: index, secondSegment: sequence.secondSegment, tokens: count)
            }
            for id in sequence.tokenIDs where id < 0 || id >= configuration.vocabularyCount {
                throw .tokenOutOfRange(id: id, vocabularyCount: configuration.vocabularyCount)
            }
        }
    }

    /// Cuts the list into runs of sequences with about `groupTokens` tokens, or fewer so that each thread has some.
    private static func groups(_ sequences: [TokenPair], threads: Int) -> [Range<Int>] {
        let total = sequences.reduce(0) { $0 + $1.tokenIDs.count }
        let target = min(groupTokens, max(64, (total + threads - 1) / threads))
        var groups: [Range<Int>] = []
        var start = 0
        var tokens = 0
        for (index, sequence) in sequences.enumerated() {
            // Cut where the group comes nearest to the target.
            if tokens > 0, tokens + sequence.tokenIDs.count / 2 > target {
                groups.append(start..<index)
                start = index
                tokens = 0
            }
            tokens += sequence.tokenIDs.count
        }
        if start < sequences.count { groups.append(start..<sequences.count) }
        return groups
    }

    /// One group: `[tokens, width]` through all layers.
    private func forward(
        _ sequences: [TokenPair], group: Range<Int>, workspace: BERTWorkspace, pool: ComputePool?,
        _ body: (Group) -> Void
    ) {
        var offsets = [0]
        for sequence in sequences[group] { offsets.append(offsets[offsets.count - 1] + sequence.tokenIDs.count) }
        let rows = offsets[offsets.count - 1]
        let hidden = workspace.hidden.reserve(rows * configuration.width)
        copyEmbeddings(sequences[group], into: hidden)
        embeddingNorm.apply(hidden, rows: rows, into: hidden, pool: pool)
        for block in blocks {
            block.forward(hidden, offsets: offsets, attention: attention, workspace: workspace, pool: pool)
        }
        body(Group(sequences: group, hidden: hidden, offsets: offsets))
    }

    private func copyEmbeddings(_ sequences: ArraySlice<TokenPair>, into hidden: UnsafeMutablePointer<Float>) {
        var row = hidden
        for sequence in sequences {
            let (ids, border) = (sequence.tokenIDs, sequence.secondSegment)
            copyEmbeddings(ids, at: 0..<border, type: 0, into: &row)
            copyEmbeddings(ids, at: border..<ids.count, type: positions.count - 1, into: &row)
        }
    }

    private func copyEmbeddings(
        _ ids: [Int32], at range: Range<Int>, type: Int, into row: inout UnsafeMutablePointer<Float>
    ) {
        let width = configuration.width
        positions[type].withUnsafeBufferPointer { positions in
            guard let positions = positions.baseAddress else { return }
            for position in range {
                words.copyRow(Int(ids[position]), to: row)
                VectorOperations.add(positions + position * width, to: row, count: width)
                row += width
            }
        }
    }
}
