/// What the architectures' files read a GGUF file with: tensors of a layer by their names, norms, and the parts that
/// many architectures have in common.
struct DecoderReader {
    let file: GGUFFile
    /// What metadata keys of the architecture begin with.
    let prefix: String
    var sizes: DecoderSizes
    let precision: ComputePrecision
    /// Whether norms are by mean and variance, with biases.
    let usesLayerNorm: Bool
    /// Whether norms by mean and variance must have biases.
    var needsNormBiases = true

    init(_ file: GGUFFile, precision: ComputePrecision, usesLayerNorm: Bool = false) throws {
        self.file = file
        self.precision = precision
        self.usesLayerNorm = usesLayerNorm
        prefix = try file.architecture()
        sizes = try DecoderSizes(file, normKey: usesLayerNorm ? "layer_norm_epsilon" : "layer_norm_rms_epsilon")
    }

    // MARK: Metadata

    func int(_ key: String, in range: ClosedRange<Int>) throws(ModelFileError) -> Int? {
        try file.optionalInt("\(prefix).\(key)", in: range)
    }

    func requiredInt(_ key: String, in range: ClosedRange<Int>) throws(ModelFileError) -> Int {
        try file.requiredInt("\(prefix).\(key)", in: range)
    }

    func number(_ key: String, in range: ClosedRange<Double>) throws(ModelFileError) -> Float? {
        try file.optionalNumber("\(prefix).\(key)", in: range).map { Float($0) }
    }

    func flag(_ key: String) throws(ModelFileError) -> Bool? {
        guard let value = file.metadata["\(prefix).\(key)"] else { return nil }
        guard let flag = value.bool else {
            throw .invalidMetadata(
                file: file.path, key: "\(prefix).\(key)", found: value.description, expected: "true or false")
        }
        return flag
    }

    /// Positions that a row of a windowed layer sees; nil when the file names no window.
    func window() throws(ModelFileError) -> Int? {
        let window = try int("attention.sliding_window", in: 0...1 << 30) ?? 0
        return window > 0 ? window : nil
    }

    /// Which layers see a window alone. The file says so for each, or gives a period whose last layer sees everything.
    func windowedLayers(period: Int) throws(ModelFileError) -> [Bool] {
        let key = "\(prefix).attention.sliding_window_pattern"
        if let array = file.metadata[key]?.array {
            guard let flags = array.bools, flags.count >= sizes.layers else {
                throw .invalidMetadata(
                    file: file.path, key: key, found: "an array of \(array.count) elements",
                    expected: "\(sizes.layers) truth values")
            }
            return Array(flags.prefix(sizes.layers))
        }
        let period = try int("attention.sliding_window_pattern", in: 0...1024) ?? period
        return (0..<sizes.layers).map { period == 0 || $0 % period < period - 1 }
    }

    // MARK: Tensors

    func tensor(_ layer: Int, _ name: String, _ shape: [Int]) throws(ModelFileError) -> Tensor {
        try file.tensor("blk.\(layer).\(name).weight", shape: shape)
    }

    func contains(_ layer: Int, _ name: String) -> Bool { file.contains(tensor: "blk.\(layer).\(name).weight") }

    func bias(_ layer: Int, _ name: String, _ count: Int) throws(ModelFileError) -> Tensor? {
        let name = "blk.\(layer).\(name).bias"
        return file.contains(tensor: name) ? try file.tensor(name, shape: [count]) : nil
    }

    func norm(_ name: String) throws(ModelFileError) -> Norm {
        let weight = try file.floats("\(name).weight", count: sizes.width)
        guard usesLayerNorm else { return .rms(RMSNorm(weight: weight, epsilon: sizes.normEpsilon)) }
        let bias = needsNormBiases
            ? try file.floats("\(name).bias", count: sizes.width) : [Float](repeating: 0, count: sizes.width)
        return .layer(LayerNorm(weight: weight, bias: bias, epsilon: sizes.normEpsilon))
    }

    func norm(_ layer: Int, _ name: String) throws(ModelFileError) -> Norm { try norm("blk.\(layer).\(name)") }

    func rms(_ layer: Int, _ name: String, _ count: Int) throws(ModelFileError) -> RMSNorm {
        RMSNorm(weight: try file.floats("blk.\(layer).\(name).weight", count: count), epsilon: sizes.normEpsilon)
    }

    /// A layer of one matrix, with its bias where the file has one.
    func projection(_ layer: Int, _ name: String, _ shape: [Int]) throws -> Projection {
        try Projection(
            [tensor(layer, name, shape)], biases: [bias(layer, name, shape[0])], precision: precision)
    }

    // MARK: Parts

    /// Embeddings, the last norm and the output matrix, which is that of the embeddings where the file has none.
    func frame(layers: [DecoderLayer], rotaries: [RotaryEmbedding]) throws -> DecoderParts {
        let embedding = try file.tensor("token_embd.weight")
        guard embedding.shape.count == 2, embedding.shape[1] == sizes.width else {
            throw ModelFileError.wrongShape(
                file: file.path, tensor: embedding.name, found: embedding.shape,
                expected: [embedding.shape[0], sizes.width])
        }
        let separate = file.contains(tensor: "output.weight")
        let output = separate ? try file.tensor("output.weight", shape: embedding.shape) : embedding
        return DecoderParts(
            embedding: try EmbeddingTable(embedding), rotaries: rotaries, layers: layers,
            outputNorm: try norm("output_norm"), output: try Linear(output, precision: precision))
    }

    func decoder(_ parts: DecoderParts) -> TransformerDecoder {
        TransformerDecoder(
            parts, sizes: sizes, parameterCount: file.tensors.values.reduce(0) { $0 + $1.elementCount },
            isQuantised: file.tensors.values.allSatisfy { $0.shape.count < 2 || ![0, 1, 30].contains($0.rawType) })
    }

    /// Query, key and value side by side, from three tensors or from one.
    func queryKeyValue(_ layer: Int) throws -> Projection {
        let queryWidth = sizes.queryHeads * sizes.headDimension
        let keyWidth = sizes.keyValueHeads * sizes.headDimension
        if contains(layer, "attn_qkv") {
            return try projection(layer, "attn_qkv", [queryWidth + 2 * keyWidth, sizes.width])
        }
        let parts = [("attn_q", queryWidth), ("attn_k", keyWidth), ("attn_v", keyWidth)]
        return try Projection(
            parts.map { try tensor(layer, $0, [$1, sizes.width]) }, biases: parts.map { try bias(layer, $0, $1) },
            precision: precision)
    }

    func attention(
        _ layer: Int, scale: Float? = nil, window: Int? = nil, softCap: Float? = nil, rotary: Int?,
        normalisesHeads: Bool = false
    ) throws -> GroupedQueryAttention {
        GroupedQueryAttention(
            queryKeyValue: try queryKeyValue(layer),
            output: try projection(layer, "attn_output", [sizes.width, sizes.queryHeads * sizes.headDimension]),
            attention: Attention(
                queryHeads: sizes.queryHeads, keyValueHeads: sizes.keyValueHeads, headDimension: sizes.headDimension,
                scale: scale, window: window, softCap: softCap, precision: precision),
            queryNorm: normalisesHeads ? try rms(layer, "attn_q_norm", sizes.headDimension) : nil,
            keyNorm: normalisesHeads ? try rms(layer, "attn_k_norm", sizes.headDimension) : nil, rotary: rotary)
    }

    /// A gated feed-forward part, from tensors `ffn_gate`, `ffn_up` and `ffn_down` with a suffix.
    func gated(
        _ layer: Int, suffix: String = "", width feedForward: Int? = nil,
        activation: GatedFeedForward.Activation = .silu
    ) throws -> GatedFeedForward {
        let (width, feedForward) = (sizes.width, feedForward ?? sizes.feedForwardWidth)
        return try GatedFeedForward(
            gate: tensor(layer, "ffn_gate\(suffix)", [feedForward, width]),
            up: tensor(layer, "ffn_up\(suffix)", [feedForward, width]),
            down: tensor(layer, "ffn_down\(suffix)", [width, feedForward]), activation: activation,
            precision: precision)
    }

    func plain(_ layer: Int, activation: Epilogue) throws -> PlainFeedForward {
        PlainFeedForward(
            up: try projection(layer, "ffn_up", [sizes.feedForwardWidth, sizes.width]),
            down: try projection(layer, "ffn_down", [sizes.width, sizes.feedForwardWidth]), activation: activation)
    }

    /// A mixture of experts, whose matrices are stacked: `ffn_gate_exps` `[experts, feedForward, width]` and so on.
    func experts(
        _ layer: Int, count: Int, width feedForward: Int, routing: ExpertRouting, shared: GatedFeedForward? = nil
    ) throws -> MixtureOfExperts {
        let gate = try tensor(layer, "ffn_gate_exps", [count, feedForward, sizes.width])
        let up = try tensor(layer, "ffn_up_exps", [count, feedForward, sizes.width])
        let down = try tensor(layer, "ffn_down_exps", [count, sizes.width, feedForward])
        return MixtureOfExperts(
            routing: routing, router: try projection(layer, "ffn_gate_inp", [count, sizes.width]),
            experts: try (0..<count).map { expert in
                MixtureOfExperts.Expert(
                    gateUp: try Linear([gate.slice(expert), up.slice(expert)], precision: precision),
                    down: try Linear(down.slice(expert), precision: precision))
            }, shared: shared)
    }
}

extension Tensor {
    /// One of the matrices that a three-dimensional tensor stacks.
    func slice(_ index: Int) -> Tensor {
        let inner = Array(shape.dropFirst())
        let bytes = type.bytes(for: inner.reduce(1, *))
        return Tensor(
            name: name, shape: inner, type: type,
            data: UnsafeRawBufferPointer(rebasing: data[index * bytes..<(index + 1) * bytes]), owner: owner)
    }

    /// Some rows of a matrix.
    func rows(_ range: Range<Int>) -> Tensor {
        let bytes = type.bytes(for: shape[1])
        return Tensor(
            name: name, shape: [range.count, shape[1]], type: type,
            data: UnsafeRawBufferPointer(rebasing: data[range.lowerBound * bytes..<range.upperBound * bytes]),
            owner: owner)
    }
}
