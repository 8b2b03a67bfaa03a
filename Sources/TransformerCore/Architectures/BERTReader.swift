/// A BERT encoder that reads a question and a passage together: which tokens of the passage begin and end the answer
/// (Devlin et al. 2019, arXiv:1810.04805, section 4.2), and whether the passage answers at all.
///
/// It is an embedding model with low-rank additions to its weights and three rows of output weights, as
/// `scripts/train_reader.py` trains them. Immutable: any number of threads may read at once.
package final class BERTReader: Sendable {
    package typealias Pair = TokenPair

    /// What is made of one pair. All are logits.
    package struct Reading: Sendable, Equatable {
        /// For each token of the second segment, its separator included: that the answer begins with it.
        package var begin: [Float]
        /// The same for the answer's last token.
        package var end: [Float]
        /// That the second text answers the first.
        package var answers: Float
    }

    private let model: BERTModel
    /// `[3, width]`: the rows of `Output`.
    private let weight: [Float]
    private let bias: [Float]

    package var configuration: BERTConfiguration { model.configuration }
    /// Longest pair in tokens, framing included.
    package var maximumTokens: Int { configuration.maximumPositions }

    private enum Output: Int, CaseIterable {
        case begin, end, answers
    }

    /// - Parameters:
    ///   - path: the embedding model: a GGUF file, or a folder with `config.json` and `model.safetensors`.
    ///   - adapters: for each adapted layer i and each of its weights `layers.i.NAME.lora_a` `[rank, inputs]` and
    ///     `.lora_b` `[outputs, rank]`; layers from the first adapted one on must be adapted whole. `outputs.weight`
    ///     `[3, width]` and `outputs.bias` `[3]` for begin, end and answers. Nothing else.
    /// - Throws: `ModelFileError` naming what is missing, does not fit or is no number.
    package init(path: String, adapters file: SafetensorsFile, precision: ComputePrecision = .fast) throws {
        let adapters = LowRankAdapters(file, suffixes: .init(a: ".lora_a", b: ".lora_b"))
        var (weights, configuration) = try ModelArchitecture.encoderWeights(path: path)
        try Self.checkNames(file, adapters: adapters, layers: configuration.layers)
        weights.adapters = adapters
        weight = try file.finiteFloats("outputs.weight", shape: [Output.allCases.count, configuration.width])
        bias = try file.finiteFloats("outputs.bias", shape: [Output.allCases.count])
        model = try BERTModel(weights, configuration: configuration, precision: precision, readsPairs: true)
    }

    /// Reads pairs `[CLS] first [SEP] second [SEP]`, in the order given.
    ///
    /// Works on the calling thread and the pool's. Throws `EncoderError` for a pair that is empty or too long.
    package func read(_ pairs: [Pair], pool: ComputePool = .shared) throws(EncoderError) -> [Reading] {
        try model.check(pairs, limit: maximumTokens)
        var readings = pairs.map { pair in
            let blank = [Float](repeating: 0, count: pair.tokenIDs.count - pair.secondSegment)
            return Reading(begin: blank, end: blank, answers: 0)
        }
        readings.withUnsafeMutableBufferPointer { readings in
            model.forward(pairs, pool: pool) { group in
                for (index, start) in zip(group.sequences, group.offsets) {
                    let hidden = group.hidden + start * configuration.width
                    read(hidden, secondSegment: pairs[index].secondSegment, into: &readings[index])
                }
            }
        }
        for (index, reading) in readings.enumerated() {
            guard reading.answers.isFinite, reading.begin.allSatisfy(\.isFinite), reading.end.allSatisfy(\.isFinite)
            else { throw .notANumber(index: index) }
        }
        return readings
    }

    /// - Parameter hidden: `[tokens, width]` of one pair.
    private func read(_ hidden: UnsafePointer<Float>, secondSegment: Int, into reading: inout Reading) {
        let width = configuration.width
        for index in reading.begin.indices {
            let row = hidden + (secondSegment + index) * width
            reading.begin[index] = logit(.begin, row)
            reading.end[index] = logit(.end, row)
        }
        reading.answers = logit(.answers, hidden)
    }

    private func logit(_ output: Output, _ row: UnsafePointer<Float>) -> Float {
        let width = configuration.width
        return weight.withUnsafeBufferPointer { weight in
            guard let base = weight.baseAddress else { return bias[output.rawValue] }
            return VectorOperations.dot(base + output.rawValue * width, row, count: width) + bias[output.rawValue]
        }
    }

    /// Every tensor must have a place, and every layer from the first adapted one on all of its own.
    private static func checkNames(
        _ file: SafetensorsFile, adapters: LowRankAdapters, layers: Int
    ) throws(ModelFileError) {
        let named = (0..<layers).map { index in
            BERTTensorNames.Layer.adapted.flatMap { adapters.tensorNames(of: BERTWeights.adapterName(index, $0)) }
        }
        let known = Set(named.joined()).union(["outputs.weight", "outputs.bias"])
        for name in file.tensorNames.sorted() where !known.contains(name) {
            throw .unexpectedTensor(file: file.path, tensor: name)
        }
        for names in named.drop(while: { !$0.contains(where: file.contains) }) {
            for name in names where !file.contains(tensor: name) {
                throw .missingTensor(file: file.path, tensor: name, shape: [])
            }
        }
    }
}
