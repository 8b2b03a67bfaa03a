/// How a published embedding model makes one vector of a text's vectors: `1_Pooling/config.json`, as
/// sentence-transformers writes it.
struct PublishedPooling {
    let pooling: Pooling

    /// Nil when the folder does not say. Throws `ModelFileError` for a way that is not supported.
    init?(folder: String) throws(ModelFileError) {
        let path = folder + "/1_Pooling/config.json"
        guard let modes = try JSONFile.readIfPresent(Modes.self, path: path) else { return nil }
        switch (modes.pooling_mode_cls_token, modes.pooling_mode_lasttoken, modes.pooling_mode_mean_tokens) {
        case (true, _, _): pooling = .classification
        case (_, true, _): pooling = .last
        case (_, _, false): throw .unsupportedFeature(file: path, feature: "pooling other than by mean, first or last token")
        default: pooling = .mean
        }
    }

    /// The number that GGUF files hold.
    var ggufNumber: Int { pooling.ggufNumber }

    private struct Modes: Decodable {
        let pooling_mode_cls_token: Bool?
        let pooling_mode_lasttoken: Bool?
        let pooling_mode_mean_tokens: Bool?
    }
}
