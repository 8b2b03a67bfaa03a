/// What the tensors of a BERT encoder are called in a kind of file.
struct BERTTensorNames {
    /// Parts of a layer; raw values are what files of adapters call them.
    enum Layer: String {
        case query, key, value, up, down
        case attentionOutput = "attention_output"
        case attentionNorm = "attention_norm"
        case outputNorm = "output_norm"

        /// The matrices, which low-rank additions can be trained for.
        static let adapted: [Layer] = [.query, .key, .value, .attentionOutput, .up, .down]
    }

    let wordEmbedding: String
    let positionEmbedding: String
    let typeEmbedding: String
    let embeddingNorm: String
    private let layerName: @Sendable (Int, Layer) -> String

    /// Names of a layer's weight and bias.
    func weight(_ index: Int, _ layer: Layer) -> String { layerName(index, layer) + ".weight" }
    func bias(_ index: Int, _ layer: Layer) -> String { layerName(index, layer) + ".bias" }

    /// As Hugging Face's `BertModel` saves them, after `prefix` (`bert.` when saved inside a larger model).
    static func huggingFace(prefix: String) -> BERTTensorNames {
        BERTTensorNames(
            wordEmbedding: prefix + "embeddings.word_embeddings.weight",
            positionEmbedding: prefix + "embeddings.position_embeddings.weight",
            typeEmbedding: prefix + "embeddings.token_type_embeddings.weight",
            embeddingNorm: prefix + "embeddings.LayerNorm",
            layerName: { index, layer in
                let name =
                    switch layer {
                    case .query: "attention.self.query"
                    case .key: "attention.self.key"
                    case .value: "attention.self.value"
                    case .attentionOutput: "attention.output.dense"
                    case .attentionNorm: "attention.output.LayerNorm"
                    case .up: "intermediate.dense"
                    case .down: "output.dense"
                    case .outputNorm: "output.LayerNorm"
                    }
                return "\(prefix)encoder.layer.\(index).\(name)"
            })
    }

    /// As llama.cpp's converter writes them.
    static let gguf = BERTTensorNames(
        wordEmbedding: "token_embd.weight", positionEmbedding: "position_embd.weight",
        typeEmbedding: "token_types.weight", embeddingNorm: "token_embd_norm",
        layerName: { index, layer in
            let name =
                switch layer {
                case .query: "attn_q"
                case .key: "attn_k"
                case .value: "attn_v"
                case .attentionOutput: "attn_output"
                case .attentionNorm: "attn_output_norm"
                case .up: "ffn_up"
                case .down: "ffn_down"
                case .outputNorm: "layer_output_norm"
                }
            return "blk.\(index).\(name)"
        })
}
