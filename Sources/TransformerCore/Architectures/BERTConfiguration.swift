#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How one vector is made of the vectors of a sequence's tokens.
package enum Pooling: Sendable, Equatable {
    /// The mean of all tokens, framing included.
    case mean
    /// The vector of the first token.
    case classification
    /// The vector of the last token, as decoders that embed have it.
    case last
    /// No vector but a score of the first token: the model is no embedding model.
    case ranking
}

extension Pooling {
    /// The number by which GGUF files name it: 0 none, 1 mean, 2 first token, 3 last token, 4 ranking.
    var ggufNumber: Int {
        switch self {
        case .mean: 1
        case .classification: 2
        case .last: 3
        case .ranking: 4
        }
    }

    /// The way that a GGUF file names by a number; the mean where it names none.
    init(ggufNumber: Int, path: String) throws(ModelFileError) {
        switch ggufNumber {
        case 0, 1: self = .mean
        case 2: self = .classification
        case 3: self = .last
        case 4: self = .ranking
        default: throw .unsupportedFeature(file: path, feature: "pooling of type \(ggufNumber)")
        }
    }
}

/// The sizes and constants of a BERT-family encoder.
package struct BERTConfiguration: Sendable, Equatable {
    package var vocabularyCount: Int
    package var layers: Int
    /// Elements of a token's hidden state, and of the embedding.
    package var width: Int
    package var feedForwardWidth: Int
    package var heads: Int
    /// Positions that the model has embeddings for.
    package var maximumPositions: Int
    /// Longest sequence that the model was trained to embed, framing included.
    package var maximumTokens: Int
    package var typeCount: Int
    package var normEpsilon: Float
    package var usesTanhGELU: Bool
    package var pooling: Pooling
    /// Classes that `config.json` says the weights were saved from, such as `BertModel`; empty for GGUF.
    package var architectureNames: [String]

    /// Sentence encoders without a stated length are trained on short texts; this is what their tools assume.
    static let defaultMaximumTokens = 256

    /// Reads a GGUF file's metadata; sizes that are not in it come from the embedding table. Throws `ModelFileError`.
    init(_ file: GGUFFile) throws(ModelFileError) {
        vocabularyCount = try Self.rows(of: "token_embd.weight", in: file)
        typeCount = try Self.rows(of: "token_types.weight", in: file)
        layers = try file.requiredInt("bert.block_count", in: 1...1024)
        width = try file.requiredInt("bert.embedding_length", in: 1...1 << 17)
        feedForwardWidth = try file.requiredInt("bert.feed_forward_length", in: 1...1 << 20)
        heads = try file.requiredInt("bert.attention.head_count", in: 1...1024)
        maximumPositions = try Self.rows(of: "position_embd.weight", in: file)
        let context = try file.requiredInt("bert.context_length", in: 1...1 << 24)
        maximumTokens = min(try file.embeddingTokens() ?? context, context, maximumPositions)
        normEpsilon = Float(try file.optionalNumber("bert.attention.layer_norm_epsilon", in: 0...1) ?? 1e-12)
        usesTanhGELU = false
        architectureNames = []
        pooling = try Pooling(ggufNumber: file.optionalInt("bert.pooling_type", in: 0...100) ?? 1, path: file.path)
        try checkSizes(path: file.path)
    }

    /// Reads `config.json`, and `sentence_bert_config.json` and `1_Pooling/config.json` where they exist, from a
    /// folder as Hugging Face lays it out. Throws `ModelFileError`.
    init(folder: String) throws(ModelFileError) {
        let path = folder + "/config.json"
        let config = try JSONFile.read(HuggingFaceConfig.self, path: path)
        _ = try ModelArchitecture.supported(config.modelType ?? "unknown", in: [.bert], path: path)
        if let kind = config.positionEmbeddingType, kind != "absolute" {
            throw .unsupportedFeature(file: path, feature: "position embeddings of type \(kind.debugDescription)")
        }
        func size(_ value: Int?, _ key: String, in range: ClosedRange<Int>) throws(ModelFileError) -> Int {
            guard let value, range.contains(value) else {
                throw .invalidMetadata(
                    file: path, key: key, found: value.map { "\($0)" } ?? "missing",
                    expected: "an integer from \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }
        vocabularyCount = try size(config.vocabularyCount, "vocab_size", in: 1...1 << 24)
        layers = try size(config.layers, "num_hidden_layers", in: 1...1024)
        width = try size(config.width, "hidden_size", in: 1...1 << 17)
        feedForwardWidth = try size(config.feedForwardWidth, "intermediate_size", in: 1...1 << 20)
        heads = try size(config.heads, "num_attention_heads", in: 1...1024)
        maximumPositions = try size(config.maximumPositions, "max_position_embeddings", in: 1...1 << 24)
        typeCount = try size(config.typeCount ?? 2, "type_vocab_size", in: 1...1 << 16)
        let epsilon = config.normEpsilon ?? 1e-12
        guard (0...1).contains(epsilon) else {
            throw .invalidMetadata(file: path, key: "layer_norm_eps", found: "\(epsilon)", expected: "a number from 0 to 1")
        }
        normEpsilon = Float(epsilon)
        usesTanhGELU = try Self.usesTanh(config.activation ?? "gelu", path: path)
        maximumTokens = try Self.maximumTokens(folder: folder, positions: maximumPositions)
        pooling = try Self.pooling(folder: folder)
        architectureNames = config.architectureNames ?? []
        try checkSizes(path: path)
    }

    private func checkSizes(path: String) throws(ModelFileError) {
        guard width.isMultiple(of: heads), width / heads <= 1024 else {
            throw .invalidMetadata(
                file: path, key: "number of attention heads", found: "\(heads)", expected: "a divisor of the width \(width)")
        }
    }

    private static func rows(of tensor: String, in file: GGUFFile) throws(ModelFileError) -> Int {
        let shape = try file.tensor(tensor).shape
        guard shape.count == 2 else { throw .wrongShape(file: file.path, tensor: tensor, found: shape, expected: [0, 0]) }
        return shape[0]
    }

    private static func usesTanh(_ activation: String, path: String) throws(ModelFileError) -> Bool {
        switch activation {
        case "gelu": return false
        case "gelu_new", "gelu_pytorch_tanh", "gelu_fast": return true
        default: throw .unsupportedFeature(file: path, feature: "activation \(activation.debugDescription)")
        }
    }

    private static func maximumTokens(folder: String, positions: Int) throws(ModelFileError) -> Int {
        let published = try PublishedEmbedding(folder: folder)
        let length = published.sentenceTokens ?? min(published.tokenizerTokens ?? defaultMaximumTokens, positions)
        guard (3...positions).contains(length) else {
            throw .invalidMetadata(
                file: folder + "/sentence_bert_config.json", key: "max_seq_length", found: "\(length)",
                expected: "an integer from 3 to \(positions)")
        }
        return length
    }

    private static func pooling(folder: String) throws(ModelFileError) -> Pooling {
        try PublishedPooling(folder: folder)?.pooling ?? .mean
    }
}

private struct HuggingFaceConfig: Decodable {
    let modelType: String?
    let vocabularyCount: Int?
    let layers: Int?
    let width: Int?
    let feedForwardWidth: Int?
    let heads: Int?
    let maximumPositions: Int?
    let typeCount: Int?
    let normEpsilon: Double?
    let activation: String?
    let positionEmbeddingType: String?
    let architectureNames: [String]?

    enum CodingKeys: String, CodingKey {
        case modelType = "model_type"
        case vocabularyCount = "vocab_size"
        case layers = "num_hidden_layers"
        case width = "hidden_size"
        case feedForwardWidth = "intermediate_size"
        case heads = "num_attention_heads"
        case maximumPositions = "max_position_embeddings"
        case typeCount = "type_vocab_size"
        case normEpsilon = "layer_norm_eps"
        case activation = "hidden_act"
        case positionEmbeddingType = "position_embedding_type"
        case architectureNames = "architectures"
    }
}
