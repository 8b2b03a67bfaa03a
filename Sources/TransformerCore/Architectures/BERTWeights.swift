/// Where the weights of a BERT encoder come from: a file, what it calls them, and what is added to them.
struct BERTWeights {
    let file: any TensorSource
    let names: BERTTensorNames
    /// Named by `adapterName`.
    var adapters: LowRankAdapters?

    init(_ file: any TensorSource, names: BERTTensorNames, adapters: LowRankAdapters? = nil) {
        self.file = file
        self.names = names
        self.adapters = adapters
    }

    /// The weights of a folder as Hugging Face lays it out, saved alone or inside a larger model.
    init(folder: String) throws(ModelFileError) {
        let file = try SafetensorsFile(path: folder + "/model.safetensors")
        let prefix = file.contains(tensor: "bert.embeddings.word_embeddings.weight") ? "bert." : ""
        self.init(file, names: .huggingFace(prefix: prefix))
    }

    /// What a file of adapters calls the weight of a layer.
    static func adapterName(_ index: Int, _ layer: BERTTensorNames.Layer) -> String {
        "layers.\(index).\(layer.rawValue)"
    }

    func weight(_ index: Int, _ layer: BERTTensorNames.Layer, shape: [Int]) throws(ModelFileError) -> Tensor {
        let tensor = try file.tensor(names.weight(index, layer), shape: shape)
        guard let adapters else { return tensor }
        return try adapters.merged(tensor, name: Self.adapterName(index, layer))
    }

    func bias(_ index: Int, _ layer: BERTTensorNames.Layer, count: Int) throws(ModelFileError) -> Tensor {
        try file.tensor(names.bias(index, layer), shape: [count])
    }

    func norm(
        _ index: Int, _ layer: BERTTensorNames.Layer, configuration: BERTConfiguration
    ) throws(ModelFileError) -> LayerNorm {
        LayerNorm(
            weight: try file.floats(names.weight(index, layer), count: configuration.width),
            bias: try file.floats(names.bias(index, layer), count: configuration.width),
            epsilon: configuration.normEpsilon)
    }

    func embeddingNorm(_ configuration: BERTConfiguration) throws(ModelFileError) -> LayerNorm {
        LayerNorm(
            weight: try file.floats(names.embeddingNorm + ".weight", count: configuration.width),
            bias: try file.floats(names.embeddingNorm + ".bias", count: configuration.width),
            epsilon: configuration.normEpsilon)
    }

    func wordEmbeddings(_ configuration: BERTConfiguration) throws -> EmbeddingTable {
        try EmbeddingTable(
            file.tensor(names.wordEmbedding, shape: [configuration.vocabularyCount, configuration.width]))
    }

    /// For each of the first `types` token types, `[maximumPositions, width]`: the embeddings of positions and that of
    /// the type, added up.
    func positionEmbeddings(_ configuration: BERTConfiguration, types: Int) throws -> [[Float]] {
        let (count, width) = (configuration.maximumPositions, configuration.width)
        let positions = try EmbeddingTable(file.tensor(names.positionEmbedding, shape: [count, width]))
        let table = try EmbeddingTable(file.tensor(names.typeEmbedding, shape: [configuration.typeCount, width]))
        return (0..<types).map { type in
            var vector = [Float](repeating: 0, count: width)
            table.copyRow(type, to: &vector)
            var sums = [Float](repeating: 0, count: count * width)
            sums.withUnsafeMutableBufferPointer { sums in
                guard let base = sums.baseAddress else { return }
                for position in 0..<count {
                    positions.copyRow(position, to: base + position * width)
                    VectorOperations.add(vector, to: base + position * width, count: width)
                }
            }
            return sums
        }
    }
}
