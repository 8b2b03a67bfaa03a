/// nomic-bert (arXiv:2402.01613): BERT with rotary embedding in place of learned positions, gated feed-forward with SiLU
/// and no biases; norms after each residual sum.
enum NomicBERT {
    static func load(_ file: GGUFFile, precision: ComputePrecision) throws -> TransformerDecoder {
        var reader = try DecoderReader(file, precision: precision, usesLayerNorm: true)
        reader.useNoCache()
        let layers = try (0..<reader.sizes.layers).map { index in
            DecoderLayer(
                attentionNorm: .none, attention: try reader.bidirectional(index, rotary: 0, reach: nil),
                arrangement: .normalisedAfter(
                    attention: try reader.norm(index, "attn_output_norm"),
                    feedForward: try reader.norm(index, "layer_output_norm")),
                feedForward: try reader.gated(index))
        }
        var parts = try reader.encoderFrame(layers: layers, rotaries: [try reader.rotary(.halfSplit)])
        parts.embeddingNorm = try reader.norm("token_embd_norm")
        let types = try file.tensor("token_types.weight")
        guard types.shape.count == 2, types.shape[1] == reader.sizes.width, types.shape[0] > 0 else {
            throw ModelFileError.wrongShape(
                file: file.path, tensor: types.name, found: types.shape, expected: [2, reader.sizes.width])
        }
        // All tokens of a text that stands alone are of the first type.
        var row = [Float](repeating: 0, count: reader.sizes.width)
        try EmbeddingTable(types).copyRow(0, to: &row)
        parts.addedToEmbeddings = row
        return reader.decoder(parts)
    }
}

/// ModernBERT (arXiv:2412.13663): norms before each part and none for the first attention, gated feed-forward with GELU,
/// every third layer sees all of a text and the others 64 tokens to either side; no biases.
enum ModernBERT {
    static func load(_ file: GGUFFile, precision: ComputePrecision) throws -> TransformerDecoder {
        var reader = try DecoderReader(file, precision: precision, usesLayerNorm: true)
        reader.needsNormBiases = false
        reader.useNoCache()
        let window = try reader.window()
        let period = try reader.int("attention.sliding_window_pattern", in: 1...1024) ?? 3
        let layers = try (0..<reader.sizes.layers).map { index in
            // The first layer of each period sees everything.
            let isLocal = index % period != 0
            return DecoderLayer(
                attentionNorm: index == 0 && !reader.contains(0, "attn_norm") ? .none : try reader.norm(index, "attn_norm"),
                attention: try reader.bidirectional(
                    index, rotary: isLocal ? 1 : 0, reach: isLocal ? window.map { $0 / 2 } : nil),
                arrangement: .sequential(try reader.norm(index, "ffn_norm")),
                feedForward: try gated(reader, index))
        }
        let local = RotaryEmbedding(
            headDimension: reader.sizes.headDimension,
            base: try reader.number("rope.freq_base_swa", in: 1...1e12) ?? 10_000, layout: .halfSplit)
        var parts = try reader.encoderFrame(layers: layers, rotaries: [try reader.rotary(.halfSplit), local])
        parts.embeddingNorm = try reader.norm("token_embd_norm")
        parts.outputNorm = try reader.norm("output_norm")
        return reader.decoder(parts)
    }

    /// `ffn_up` holds the rows that pass the activation, then those that multiply them.
    private static func gated(_ reader: DecoderReader, _ layer: Int) throws -> GatedFeedForward {
        let (width, feedForward) = (reader.sizes.width, reader.sizes.feedForwardWidth)
        let both = try reader.tensor(layer, "ffn_up", [2 * feedForward, width])
        return try GatedFeedForward(
            gate: both.rows(0..<feedForward), up: both.rows(feedForward..<2 * feedForward),
            down: reader.tensor(layer, "ffn_down", [width, feedForward]), activation: .gelu, precision: reader.precision)
    }
}

extension DecoderReader {
    /// Encoders keep nothing of the positions before.
    mutating func useNoCache() {
        sizes.cacheHeads = 1
        sizes.cacheDimension = 2
        sizes.keysOnly = true
    }

    func bidirectional(_ layer: Int, rotary: Int, reach: Int?) throws -> BidirectionalAttention {
        try sizes.requireUniformHeads(file)
        return BidirectionalAttention(
            queryKeyValue: try queryKeyValue(layer),
            output: try projection(layer, "attn_output", [sizes.width, sizes.queryHeads * sizes.headDimension]),
            attention: Attention(
                queryHeads: sizes.queryHeads, keyValueHeads: sizes.keyValueHeads, headDimension: sizes.headDimension,
                precision: precision),
            rotary: rotary, reach: reach)
    }

    /// Embeddings without an output matrix or a last norm.
    func encoderFrame(layers: [DecoderLayer], rotaries: [RotaryEmbedding]) throws -> DecoderParts {
        let embedding = try file.tensor("token_embd.weight")
        guard embedding.shape.count == 2, embedding.shape[1] == sizes.width else {
            throw ModelFileError.wrongShape(
                file: file.path, tensor: embedding.name, found: embedding.shape,
                expected: [embedding.shape[0], sizes.width])
        }
        return DecoderParts(
            embedding: try EmbeddingTable(embedding), rotaries: rotaries, layers: layers, outputNorm: .none, output: nil)
    }
}
