/// A model that turns sequences of tokens into unit vectors.
package protocol TextEncoder: Sendable {
    /// Elements of a vector.
    var dimension: Int { get }
    /// Longest sequence in tokens, framing included.
    var maximumTokens: Int { get }
    /// Number of token ids.
    var vocabularyCount: Int { get }

    /// Unit vectors of sequences of token ids, framing included: row-major `[tokenIDs.count, dimension]`.
    /// Throws `EncoderError` for a sequence that is empty, too long or not of this vocabulary.
    func embed(tokenIDs: [[Int32]], pool: ComputePool) throws(EncoderError) -> [Float]
}

extension BERTEncoder: TextEncoder {
    package var vocabularyCount: Int { configuration.vocabularyCount }
}

/// An embedding model on the frame of decoders: encoders with rotary positions (nomic-bert, ModernBERT), and decoders
/// that embed by their last token (Qwen3-Embedding, arXiv:2506.05176).
package final class TransformerEncoder: TextEncoder {
    private let model: TransformerDecoder
    private let pooling: Pooling
    package let maximumTokens: Int
    package var dimension: Int { model.width }
    package var vocabularyCount: Int { model.vocabularyCount }

    /// Sequences are worked on together up to this many tokens.
    private static let groupTokens = 1024

    /// - Parameter maximumTokens: what the publisher says of the longest input; nil for all that the model has room for.
    init(_ model: TransformerDecoder, pooling: Pooling, maximumTokens: Int? = nil) {
        self.model = model
        self.pooling = pooling
        self.maximumTokens = min(maximumTokens ?? model.contextLength, model.contextLength)
    }

    package func embed(tokenIDs: [[Int32]], pool: ComputePool = .shared) throws(EncoderError) -> [Float] {
        try check(tokenIDs)
        var output = [Float](repeating: 0, count: tokenIDs.count * dimension)
        let workspace = DecoderWorkspace()
        var start = 0
        while start < tokenIDs.count {
            var end = start
            var tokens = 0
            while end < tokenIDs.count, end == start || tokens + tokenIDs[end].count <= Self.groupTokens {
                tokens += tokenIDs[end].count
                end += 1
            }
            embed(tokenIDs[start..<end], workspace: workspace, pool: pool, into: &output)
            start = end
        }
        for index in tokenIDs.indices where !output[index * dimension].isFinite { throw .notANumber(index: index) }
        return output
    }

    private func check(_ sequences: [[Int32]]) throws(EncoderError) {
        for (index, ids) in sequences.enumerated() {
            guard !ids.isEmpty else { throw .emptySequence(index: index) }
            guard ids.count <= maximumTokens else {
                throw .tooLong(index: index, tokens: ids.count, limit: maximumTokens)
            }
            for id in ids where id < 0 || id >= model.vocabularyCount {
                throw .tokenOutOfRange(id: id, vocabularyCount: model.vocabularyCount)
            }
        }
    }

    private func embed(
        _ group: ArraySlice<[Int32]>, workspace: DecoderWorkspace, pool: ComputePool, into output: inout [Float]
    ) {
        let rows: LogitRows =
            switch pooling {
            case .last: .last
            case .classification, .ranking: .some([0])
            case .mean: .all
            }
        let segments = group.map { ids in
            DecoderSegment(
                state: model.makeState(contextLimit: ids.count, cacheType: .f32), tokens: ids, rows: rows)
        }
        var (states, _) = model.hiddenStates(segments, workspace: workspace, pool: pool)
        output.withUnsafeMutableBufferPointer { output in
            guard let base = output.baseAddress else { return }
            for (index, segment) in zip(group.indices, segments) {
                let count = rows.count(of: segment.tokens.count)
                VectorOperations.unitMean(states, rows: count, width: dimension, into: base + index * dimension)
                states += count * dimension
            }
        }
    }
}

extension ModelArchitecture {
    /// Loads the embedding model in a GGUF file, of any architecture that embeds. Throws `ModelFileError`.
    package static func loadTextEncoder(_ file: GGUFFile, precision: ComputePrecision = .fast) throws -> any TextEncoder {
        let architecture = try supported(file.architecture(), in: encoders + [.qwen2, .qwen3], path: file.path)
        if architecture == .bert { return try BERTEncoder(file, precision: precision) }
        let number = try file.optionalInt("\(architecture.rawValue).pooling_type", in: 0...100)
        let isDecoder = decoders.contains(architecture)
        let pooling = try Pooling(ggufNumber: number ?? (isDecoder ? 3 : 1), path: file.path)
        guard pooling != .ranking else {
            throw ModelFileError.unsupportedFeature(file: file.path, feature: "embedding with a model that ranks")
        }
        return TransformerEncoder(
            try loadTransformer(architecture, file, precision: precision), pooling: pooling,
            maximumTokens: try file.embeddingTokens())
    }
}
