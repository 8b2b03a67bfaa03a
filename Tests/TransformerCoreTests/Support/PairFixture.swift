import Foundation

import TransformerCore

/// The small random models of `make_tiny_bert.py` and what transformers makes of pairs of texts.
struct PairFixture: Decodable {
    struct Reading: Decodable {
        let begin: [Float]
        let end: [Float]
        let answers: Float
    }

    struct Cross: Decodable {
        let architectures: [String]
        let scores: [Float]
    }

    private struct Pair: Decodable {
        let ids: [Int32]
        let second: Int
    }

    private struct Config: Codable {
        let model_type: String
        let hidden_act: String
        let layer_norm_eps: Double
        let vocab_size: Int
        let hidden_size: Int
        let num_hidden_layers: Int
        let num_attention_heads: Int
        let intermediate_size: Int
        let max_position_embeddings: Int
        let type_vocab_size: Int
    }

    let readings: [Reading]
    let cross1: Cross
    let cross2: Cross
    private let config: Config
    private let storedPairs: [Pair]

    private enum CodingKeys: String, CodingKey {
        case readings, cross1, cross2, config
        case storedPairs = "pairs"
    }

    static func load() throws -> PairFixture {
        try JSONDecoder().decode(PairFixture.self, from: Data(contentsOf: url("tiny_bert.json")))
    }

    static func url(_ name: String) -> URL {
        Bundle.module.bundleURL.appendingPathComponent("Fixtures").appendingPathComponent(name)
    }

    static func bytes(_ name: String) throws -> [UInt8] { try Array(Data(contentsOf: url(name))) }

    var pairs: [TokenPair] { storedPairs.map { TokenPair(tokenIDs: $0.ids, secondSegment: $0.second) } }

    /// A model's folder as Hugging Face lays it out, for as long as the object lives.
    func folder(_ weights: String, architectures: [String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        guard var json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(config)) as? [String: Any] else {
            throw CocoaError(.coderInvalidValue)
        }
        json["architectures"] = architectures
        try JSONSerialization.data(withJSONObject: json).write(to: folder.url.appendingPathComponent("config.json"))
        try FileManager.default.copyItem(
            at: Self.url(weights), to: folder.url.appendingPathComponent("model.safetensors"))
        return folder
    }

    /// The same weights in a GGUF file, as llama.cpp names them.
    func gguf(_ weights: String, pooling: UInt32) throws -> TemporaryFile {
        let file = try SafetensorsFile(path: Self.url(weights).path)
        var builder = GGUFBuilder()
        builder.add("general.architecture", .string("bert"))
        let sizes = [
            ("block_count", config.num_hidden_layers), ("context_length", config.max_position_embeddings),
            ("embedding_length", config.hidden_size), ("feed_forward_length", config.intermediate_size),
            ("attention.head_count", config.num_attention_heads), ("pooling_type", Int(pooling)),
        ]
        for (key, value) in sizes { builder.add("bert.\(key)", .uint32(UInt32(value))) }
        builder.add("bert.attention.layer_norm_epsilon", .float32(Float(config.layer_norm_eps)))
        for name in file.tensorNames.sorted() {
            let tensor = try file.tensor(name)
            builder.add(Self.ggufName(name), shape: tensor.shape, floats: tensor.floats() ?? [])
        }
        return try TemporaryFile(builder.build(), name: "cross", suffix: ".gguf")
    }

    private static func ggufName(_ name: String) -> String {
        let replacements = [
            ("bert.pooler.dense", "cls"), ("classifier", "cls.output"), ("bert.", ""),
            ("embeddings.word_embeddings", "token_embd"), ("embeddings.position_embeddings", "position_embd"),
            ("embeddings.token_type_embeddings", "token_types"), ("embeddings.LayerNorm", "token_embd_norm"),
            ("encoder.layer.", "blk."), ("attention.self.query", "attn_q"), ("attention.self.key", "attn_k"),
            ("attention.self.value", "attn_v"), ("attention.output.dense", "attn_output"),
            ("attention.output.LayerNorm", "attn_output_norm"), ("intermediate.dense", "ffn_up"),
            ("output.dense", "ffn_down"), ("output.LayerNorm", "layer_output_norm"),
        ]
        return replacements.reduce(name) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
    }
}
