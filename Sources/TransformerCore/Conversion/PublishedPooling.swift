/// How a published embedding model makes one vector of a text's vectors: `1_Pooling/config.json`, as
/// sentence-transformers writes it.
struct PublishedPooling {
    let pooling: Pooling

    /// Nil when the folder does not say. Throws `ModelFileError` for a way that is not supported.
    init?(folder: String) throws(ModelFileError) {
        let path = folder + "/1_Pooling/config.json"
        guard let modes = try JSONFile.readIfPresent(Modes.self, path: path) else { return nil }
        guard let pooling = modes.pooling else {
            throw .unsupportedFeature(file: path, feature: "pooling other than by mean, first or last token")
        }
        guard modes.include_prompt != false || pooling != .mean else {
            throw .unsupportedFeature(file: path, feature: "the mean of a text's tokens without those of its prompt")
        }
        self.pooling = pooling
    }

    /// The number that GGUF files hold.
    var ggufNumber: Int { pooling.ggufNumber }

    /// Older versions have a flag for each way, newer ones a name.
    private struct Modes: Decodable {
        let pooling_mode: String?
        let pooling_mode_cls_token: Bool?
        let pooling_mode_lasttoken: Bool?
        let pooling_mode_mean_tokens: Bool?
        let include_prompt: Bool?

        var pooling: Pooling? {
            switch (pooling_mode, pooling_mode_cls_token, pooling_mode_lasttoken, pooling_mode_mean_tokens) {
            case ("mean"?, _, _, _): .mean
            case ("cls"?, _, _, _): .classification
            case ("lasttoken"?, _, _, _): .last
            case (_?, _, _, _): nil
            case (_, true, _, _): .classification
            case (_, _, true, _): .last
            case (_, _, _, false): nil
            default: .mean
            }
        }
    }
}
