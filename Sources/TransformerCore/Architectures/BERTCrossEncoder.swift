#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A BERT model that scores how well a passage answers a question by reading both together (Nogueira and Cho 2019,
/// arXiv:1901.04085): a linear layer on the pooled first token. Immutable: any number of threads may score at once.
///
/// Reads `BertForSequenceClassification` as Hugging Face saves it, and GGUF files that rank (pooling type 4).
package final class BERTCrossEncoder: Sendable {
    private let model: BERTModel
    /// `[width, width]` with tanh; nil where the model has none.
    private let pooler: Linear?
    /// `[labels, width]`
    private let classifier: Linear

    package var configuration: BERTConfiguration { model.configuration }
    /// Longest pair in tokens, framing included.
    package var maximumTokens: Int { configuration.maximumPositions }

    /// What the tensors after the encoder are called.
    private struct HeadNames {
        let pooler: String
        let classifier: String
        /// Whether a model must have a pooler.
        let needsPooler: Bool
    }

    /// Loads `model.safetensors` and `config.json` from a folder. Throws `ModelFileError`.
    package convenience init(folder: String, precision: ComputePrecision = .fast) throws {
        let configuration = try BERTConfiguration(folder: folder)
        let supported = "BertForSequenceClassification"
        if let name = configuration.architectureNames.first, !configuration.architectureNames.contains(supported) {
            throw ModelFileError.unsupportedArchitecture(
                file: folder + "/config.json", name: name, supported: [supported])
        }
        let head = HeadNames(pooler: "bert.pooler.dense", classifier: "classifier", needsPooler: true)
        try self.init(BERTWeights(folder: folder), head: head, configuration: configuration, precision: precision)
    }

    /// Loads a GGUF file. Throws `ModelFileError`.
    package convenience init(_ file: GGUFFile, precision: ComputePrecision = .fast) throws {
        let configuration = try BERTConfiguration(file)
        guard configuration.pooling == .ranking else {
            throw ModelFileError.unsupportedFeature(file: file.path, feature: "ranking with a model that embeds")
        }
        // llama.cpp, too, leaves the pooler out where the file has none.
        let head = HeadNames(pooler: "cls", classifier: "cls.output", needsPooler: false)
        try self.init(
            BERTWeights(file, names: .gguf), head: head, configuration: configuration, precision: precision)
    }

    private init(
        _ weights: BERTWeights, head: HeadNames, configuration: BERTConfiguration, precision: ComputePrecision
    ) throws {
        let (file, width) = (weights.file, configuration.width)
        func linear(_ name: String, outputs: Int) throws -> Linear {
            try Linear(
                file.tensor(name + ".weight", shape: [outputs, width]),
                bias: file.tensor(name + ".bias", shape: [outputs]), precision: .exact)
        }
        classifier = try linear(head.classifier, outputs: Self.labels(file, classifier: head.classifier, width: width))
        let hasPooler = head.needsPooler || file.contains(tensor: head.pooler + ".weight")
        pooler = hasPooler ? try linear(head.pooler, outputs: width) : nil
        model = try BERTModel(weights, configuration: configuration, precision: precision, readsPairs: true)
    }

    /// One score or two: more are classes of something else than relevance.
    private static func labels(_ file: any TensorSource, classifier: String, width: Int) throws(ModelFileError) -> Int {
        let name = classifier + ".weight"
        guard file.contains(tensor: name) else {
            throw .missingTensor(file: file.path, tensor: name, shape: [1, width])
        }
        let shape = try file.tensor(name).shape
        guard shape.count == 2 else {
            throw .wrongShape(file: file.path, tensor: name, found: shape, expected: [1, width])
        }
        guard shape[0] == 1 || shape[0] == 2 else {
            throw .unsupportedFeature(file: file.path, feature: "scoring pairs with a model of \(shape[0]) labels")
        }
        return shape[0]
    }

    /// Scores pairs `[CLS] question [SEP] passage [SEP]`, in the order given; the higher, the better the second text
    /// answers the first. Logits: that of the one label, or by how much that of label 1 is above that of label 0.
    ///
    /// Works on the calling thread and the pool's. Throws `EncoderError` for a pair that is empty or too long.
    package func score(_ pairs: [TokenPair], pool: ComputePool = .shared) throws(EncoderError) -> [Float] {
        try model.check(pairs, limit: maximumTokens)
        let width = configuration.width
        var first = [Float](repeating: 0, count: pairs.count * width)
        first.withUnsafeMutableBufferPointer { first in
            guard let base = first.baseAddress else { return }
            model.forward(pairs, pool: pool) { group in
                for (index, start) in zip(group.sequences, group.offsets) {
                    (base + index * width).update(from: group.hidden + start * width, count: width)
                }
            }
        }
        let scores = self.scores(of: first, count: pairs.count, pool: pool)
        for (index, score) in scores.enumerated() where !score.isFinite { throw .notANumber(index: index) }
        return scores
    }

    /// - Parameter first: `[count, width]`, the hidden states of the first tokens.
    private func scores(of first: [Float], count: Int, pool: ComputePool) -> [Float] {
        var pooled = first
        if let pooler {
            pooler.apply(first, rows: count, into: &pooled, pool: pool)
            for index in pooled.indices { pooled[index] = tanh(pooled[index]) }
        }
        let labels = classifier.outputs
        var logits = [Float](repeating: 0, count: count * labels)
        classifier.apply(pooled, rows: count, into: &logits, pool: pool)
        return labels == 1 ? logits : (0..<count).map { logits[2 * $0 + 1] - logits[2 * $0] }
    }
}
