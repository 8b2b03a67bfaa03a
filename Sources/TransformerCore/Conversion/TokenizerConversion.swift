import Tokenizers

/// Puts a published tokenizer and chat template into a GGUF file's metadata.
struct TokenizerConversion {
    let folder: String
    let configuration: HuggingFaceConfiguration

    func add(to writer: inout GGUFWriter) throws {
        throw ModelFileError.unsupportedFeature(file: folder, feature: "converting this tokenizer")
    }
}
