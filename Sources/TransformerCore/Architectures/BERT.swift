/// A BERT encoder that embeds texts (Reimers and Gurevych 2019, arXiv:1908.10084): hidden states, then one unit vector
/// for each sequence by pooling.
///
/// Immutable: any number of threads may embed at once.
package final class BERTEncoder: Sendable {
    private let model: BERTModel
    package var configuration: BERTConfiguration { model.configuration }
    /// Elements of an embedding.
    package var dimension: Int { configuration.width }
    /// Longest sequence in tokens, framing included.
    package var maximumTokens: Int { configuration.maximumTokens }

    /// Loads `model.safetensors` and `config.json` from a folder. Throws `ModelFileError`.
    package convenience init(folder: String, precision: ComputePrecision = .fast) throws {
        let configuration = try BERTConfiguration(folder: folder)
        let path = folder + "/model.safetensors"
        // Its hidden states would make vectors that say nothing.
        guard try !SafetensorsFile(path: path).contains(tensor: "classifier.weight") else {
            throw ModelFileError.unsupportedFeature(file: path, feature: "embedding with a model that ranks or classifies")
        }
        try self.init(BERTWeights(folder: folder), configuration: configuration, precision: precision)
    }

    /// Loads a GGUF file. Throws `ModelFileError`.
    package convenience init(_ file: GGUFFile, precision: ComputePrecision = .fast) throws {
        let configuration = try BERTConfiguration(file)
        guard configuration.pooling != .ranking else {
            throw ModelFileError.unsupportedFeature(file: file.path, feature: "embedding with a model that ranks")
        }
        try self.init(BERTWeights(file, names: .gguf), configuration: configuration, precision: precision)
    }

    private init(_ weights: BERTWeights, configuration: BERTConfiguration, precision: ComputePrecision) throws {
        model = try BERTModel(weights, configuration: configuration, precision: precision, readsPairs: false)
    }

    /// Unit vectors of sequences of token ids, framing (`[CLS]`, `[SEP]`) included: row-major
    /// `[tokenIDs.count, dimension]`. Sequences of different lengths cost what they are long; nothing is padded.
    ///
    /// Works on the calling thread and the pool's. Throws `EncoderError` for a sequence that is empty or too long.
    package func embed(tokenIDs: [[Int32]], pool: ComputePool = .shared) throws(EncoderError) -> [Float] {
        let sequences = tokenIDs.map { TokenPair($0) }
        try model.check(sequences, limit: maximumTokens)
        var output = [Float](repeating: 0, count: tokenIDs.count * dimension)
        output.withUnsafeMutableBufferPointer { output in
            guard let base = output.baseAddress else { return }
            model.forward(sequences, pool: pool) { group in
                unitVectors(of: group, into: base + group.sequences.lowerBound * dimension)
            }
        }
        for index in tokenIDs.indices where !output[index * dimension].isFinite {
            throw .notANumber(index: index)
        }
        return output
    }

    /// The last hidden states of sequences of token ids, framing included, not scaled: `[tokens, dimension]` of each.
    ///
    /// Works on the calling thread and the pool's. Throws `EncoderError` for a sequence that is empty or too long.
    package func tokenVectors(tokenIDs: [[Int32]], pool: ComputePool = .shared) throws(EncoderError) -> [[Float]] {
        let sequences = tokenIDs.map { TokenPair($0) }, width = dimension
        try model.check(sequences, limit: maximumTokens)
        var output = tokenIDs.map { [Float](repeating: 0, count: $0.count * width) }
        output.withUnsafeMutableBufferPointer { output in
            model.forward(sequences, pool: pool) { group in
                for (index, (start, end)) in zip(group.sequences, zip(group.offsets, group.offsets.dropFirst())) {
                    output[index] = Array(UnsafeBufferPointer(start: group.hidden + start * width, count: (end - start) * width))
                }
            }
        }
        for (index, vectors) in output.enumerated() where !vectors.allSatisfy(\.isFinite) { throw .notANumber(index: index) }
        return output
    }

    private func unitVectors(of group: BERTModel.Group, into output: UnsafeMutablePointer<Float>) {
        for (index, (start, end)) in zip(group.offsets, group.offsets.dropFirst()).enumerated() {
            let rows = configuration.pooling == .mean ? end - start : 1
            VectorOperations.unitMean(
                group.hidden + start * dimension, rows: rows, width: dimension, into: output + index * dimension)
        }
    }
}
