/// A BERT encoder that embeds texts (Devlin et al. 2019, arXiv:1810.04805; Reimers and Gurevych 2019,
/// arXiv:1908.10084): word, position and type embeddings, blocks that normalise after each residual sum, then one unit
/// vector for each sequence by pooling.
///
/// Immutable: any number of threads may embed at once.
package final class BERTEncoder: Sendable {
    package let configuration: BERTConfiguration
    /// Elements of an embedding.
    package var dimension: Int { configuration.width }
    /// Longest sequence in tokens, framing included.
    package var maximumTokens: Int { configuration.maximumTokens }

    private let words: EmbeddingTable
    /// `[maximumPositions, width]`: the position's embedding and that of the first token type, added up.
    private let positions: [Float]
    private let embeddingNorm: LayerNorm
    private let blocks: [BERTBlock]
    private let attention: Attention

    /// Sequences are worked on in groups of about this many tokens: enough rows for the matrix products, few enough
    /// that the widest activations (6 kB a token) stay in a core's cache.
    private static let groupTokens = 128

    /// Loads `model.safetensors` and `config.json` from a folder. Throws `ModelFileError`.
    package convenience init(folder: String, precision: ComputePrecision = .fast) throws {
        let configuration = try BERTConfiguration(folder: folder)
        let file = try SafetensorsFile(path: folder + "/model.safetensors")
        let prefix = file.contains(tensor: "bert.embeddings.word_embeddings.weight") ? "bert." : ""
        try self.init(file, names: .huggingFace(prefix: prefix), configuration: configuration, precision: precision)
    }

    /// Loads a GGUF file. Throws `ModelFileError`.
    package convenience init(_ file: GGUFFile, precision: ComputePrecision = .fast) throws {
        let configuration = try BERTConfiguration(file)
        try self.init(file, names: .gguf, configuration: configuration, precision: precision)
    }

    private init(
        _ file: any TensorSource, names: BERTTensorNames, configuration: BERTConfiguration, precision: ComputePrecision
    ) throws {
        let width = configuration.width
        self.configuration = configuration
        words = try EmbeddingTable(
            file.tensor(names.wordEmbedding, shape: [configuration.vocabularyCount, width]))
        positions = try Self.positionEmbeddings(file, names: names, configuration: configuration)
        embeddingNorm = LayerNorm(
            weight: try file.floats(names.embeddingNorm + ".weight", count: width),
            bias: try file.floats(names.embeddingNorm + ".bias", count: width), epsilon: configuration.normEpsilon)
        blocks = try (0..<configuration.layers).map { index in
            try BERTBlock(file, names: names, index: index, configuration: configuration, precision: precision)
        }
        attention = Attention(
            queryHeads: configuration.heads, keyValueHeads: configuration.heads,
            headDimension: width / configuration.heads, precision: precision)
    }

    private static func positionEmbeddings(
        _ file: any TensorSource, names: BERTTensorNames, configuration: BERTConfiguration
    ) throws -> [Float] {
        let width = configuration.width
        let positions = try EmbeddingTable(
            file.tensor(names.positionEmbedding, shape: [configuration.maximumPositions, width]))
        let types = try EmbeddingTable(file.tensor(names.typeEmbedding, shape: [configuration.typeCount, width]))
        var sums = [Float](repeating: 0, count: configuration.maximumPositions * width)
        var firstType = [Float](repeating: 0, count: width)
        types.copyRow(0, to: &firstType)
        sums.withUnsafeMutableBufferPointer { sums in
            guard let base = sums.baseAddress else { return }
            for position in 0..<configuration.maximumPositions {
                positions.copyRow(position, to: base + position * width)
                VectorOperations.add(firstType, to: base + position * width, count: width)
            }
        }
        return sums
    }

    /// Unit vectors of sequences of token ids, framing (`[CLS]`, `[SEP]`) included: row-major
    /// `[tokenIDs.count, dimension]`. Sequences of different lengths cost what they are long; nothing is padded.
    ///
    /// Works on the calling thread and the pool's. Throws `EncoderError` for a sequence that is empty or too long.
    package func embed(tokenIDs: [[Int32]], pool: ComputePool = .shared) throws(EncoderError) -> [Float] {
        try check(tokenIDs)
        var output = [Float](repeating: 0, count: tokenIDs.count * dimension)
        let groups = Self.groups(tokenIDs, threads: pool.threads)
        output.withUnsafeMutableBufferPointer { output in
            guard let base = output.baseAddress else { return }
            // Whole groups on each thread need no waiting for one another; a lone group spreads its layers instead.
            if groups.count == 1 {
                embed(tokenIDs[...], into: base, workspace: BERTWorkspace(), pool: pool)
            } else {
                embed(tokenIDs, groups: groups, into: base, pool: pool)
            }
        }
        for index in tokenIDs.indices where !output[index * dimension].isFinite {
            throw .notANumber(index: index)
        }
        return output
    }

    private func check(_ sequences: [[Int32]]) throws(EncoderError) {
        for (index, sequence) in sequences.enumerated() {
            guard !sequence.isEmpty else { throw .emptySequence(index: index) }
            guard sequence.count <= maximumTokens else {
                throw .tooLong(index: index, tokens: sequence.count, limit: maximumTokens)
            }
            for id in sequence where id < 0 || id >= configuration.vocabularyCount {
                throw .tokenOutOfRange(id: id, vocabularyCount: configuration.vocabularyCount)
            }
        }
    }

    /// Cuts the list into runs of sequences with about `groupTokens` tokens, or fewer so that each thread has some.
    private static func groups(_ sequences: [[Int32]], threads: Int) -> [Range<Int>] {
        let total = sequences.reduce(0) { $0 + $1.count }
        let target = min(groupTokens, max(64, (total + threads - 1) / threads))
        var groups: [Range<Int>] = []
        var start = 0
        var tokens = 0
        for (index, sequence) in sequences.enumerated() {
            // Cut where the group comes nearest to the target.
            if tokens > 0, tokens + sequence.count / 2 > target {
                groups.append(start..<index)
                start = index
                tokens = 0
            }
            tokens += sequence.count
        }
        if start < sequences.count { groups.append(start..<sequences.count) }
        return groups
    }

    private func embed(
        _ sequences: [[Int32]], groups: [Range<Int>], into output: UnsafeMutablePointer<Float>, pool: ComputePool
    ) {
        let workspaces = (0..<pool.threads).map { _ in BERTWorkspace() }
        pool.parallel(groups.count) { task, worker in
            let group = groups[task]
            embed(
                sequences[group], into: output + group.lowerBound * dimension, workspace: workspaces[worker], pool: nil)
        }
    }

    /// One group: `[tokens, width]` through all layers, then one row of output for each sequence.
    private func embed(
        _ sequences: ArraySlice<[Int32]>, into output: UnsafeMutablePointer<Float>, workspace: BERTWorkspace,
        pool: ComputePool?
    ) {
        var offsets = [0]
        for sequence in sequences { offsets.append(offsets[offsets.count - 1] + sequence.count) }
        let rows = offsets[offsets.count - 1]
        let hidden = workspace.hidden.reserve(rows * dimension)
        copyEmbeddings(sequences, into: hidden)
        embeddingNorm.apply(hidden, rows: rows, into: hidden, pool: pool)
        for block in blocks {
            block.forward(hidden, offsets: offsets, attention: attention, workspace: workspace, pool: pool)
        }
        for (index, (start, end)) in zip(offsets, offsets.dropFirst()).enumerated() {
            let rows = configuration.pooling == .mean ? end - start : 1
            VectorOperations.unitMean(
                hidden + start * dimension, rows: rows, width: dimension, into: output + index * dimension)
        }
    }

    private func copyEmbeddings(_ sequences: ArraySlice<[Int32]>, into hidden: UnsafeMutablePointer<Float>) {
        let width = dimension
        positions.withUnsafeBufferPointer { positions in
            guard let positions = positions.baseAddress else { return }
            var row = hidden
            for sequence in sequences {
                for (position, id) in sequence.enumerated() {
                    words.copyRow(Int(id), to: row)
                    VectorOperations.add(positions + position * width, to: row, count: width)
                    row += width
                }
            }
        }
    }
}

/// Scratch memory of one thread, used again from group to group.
private final class BERTWorkspace: @unchecked Sendable {  // sound: each worker of a region has its own
    let hidden = FloatBuffer()
    let queriesKeysValues = FloatBuffer()
    let attended = FloatBuffer()
    let projected = FloatBuffer()
    let raised = FloatBuffer()
}

/// One layer of the encoder: attention, then feed-forward, each added to what came in and normalised.
private struct BERTBlock: Sendable {
    let queryKeyValue: Linear
    let attentionOutput: Linear
    let attentionNorm: LayerNorm
    let up: Linear
    let down: Linear
    let outputNorm: LayerNorm
    let activation: Epilogue

    init(
        _ file: any TensorSource, names: BERTTensorNames, index: Int, configuration: BERTConfiguration,
        precision: ComputePrecision
    ) throws {
        let width = configuration.width
        func weight(_ layer: BERTTensorNames.Layer, _ outputs: Int, _ inputs: Int) throws -> Tensor {
            try file.tensor(names.weight(index, layer), shape: [outputs, inputs])
        }
        func bias(_ layer: BERTTensorNames.Layer, _ outputs: Int) throws -> Tensor {
            try file.tensor(names.bias(index, layer), shape: [outputs])
        }
        func norm(_ layer: BERTTensorNames.Layer) throws -> LayerNorm {
            LayerNorm(
                weight: try file.floats(names.weight(index, layer), count: width),
                bias: try file.floats(names.bias(index, layer), count: width), epsilon: configuration.normEpsilon)
        }
        let projections: [BERTTensorNames.Layer] = [.query, .key, .value]
        queryKeyValue = try Linear(
            projections.map { try weight($0, width, width) }, biases: projections.map { try bias($0, width) },
            precision: precision, packed: true)
        attentionOutput = try Linear(
            weight(.attentionOutput, width, width), bias: bias(.attentionOutput, width), precision: precision,
            packed: true)
        attentionNorm = try norm(.attentionNorm)
        let feedForward = configuration.feedForwardWidth
        up = try Linear(
            weight(.up, feedForward, width), bias: bias(.up, feedForward), precision: precision, packed: true)
        down = try Linear(
            weight(.down, width, feedForward), bias: bias(.down, width), precision: precision, packed: true)
        outputNorm = try norm(.outputNorm)
        activation = configuration.usesTanhGELU ? .geluTanh : .gelu
    }

    /// `hidden`: `[rows, width]`, changed in place; sequence i has rows `offsets[i]..<offsets[i + 1]`.
    func forward(
        _ hidden: UnsafeMutablePointer<Float>, offsets: [Int], attention: Attention, workspace: BERTWorkspace,
        pool: ComputePool?
    ) {
        let rows = offsets[offsets.count - 1]
        let width = attentionOutput.outputs
        let queries = workspace.queriesKeysValues.reserve(rows * queryKeyValue.outputs)
        let attended = workspace.attended.reserve(rows * width)
        let projected = workspace.projected.reserve(rows * width)
        let raised = workspace.raised.reserve(rows * up.outputs)

        queryKeyValue.apply(hidden, rows: rows, into: queries, pool: pool)
        attention.bidirectional(queriesKeysValues: queries, offsets: offsets, into: attended, pool: pool)
        attentionOutput.apply(attended, rows: rows, into: projected, pool: pool)
        attentionNorm.apply(projected, adding: hidden, rows: rows, into: hidden, pool: pool)
        up.apply(hidden, rows: rows, into: raised, epilogue: activation, pool: pool)
        down.apply(raised, rows: rows, into: projected, pool: pool)
        outputNorm.apply(projected, adding: hidden, rows: rows, into: hidden, pool: pool)
    }
}
