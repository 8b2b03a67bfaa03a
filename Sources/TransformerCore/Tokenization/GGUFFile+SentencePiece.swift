package import Tokenizers

/// The SentencePiece tokenizers that a GGUF file carries.
extension GGUFFile {
    /// `tokenizer.ggml.model` is `llama`: byte-pair encoding by scores.
    func sentencePieceTokenizer() throws -> SentencePieceTokenizer {
        var vocabulary = try sentencePieceVocabulary()
        vocabulary.addsBeginning = metadata["tokenizer.ggml.add_bos_token"]?.bool ?? true
        return try SentencePieceTokenizer(vocabulary)
    }

    /// `tokenizer.ggml.model` is `gemma4`: the same pieces, joined in the order of `tokenizer.ggml.merges`.
    func rankedSentencePieceTokenizer() throws -> SentencePieceTokenizer {
        var vocabulary = try sentencePieceVocabulary()
        vocabulary.addsBeginning = metadata["tokenizer.ggml.add_bos_token"]?.bool ?? true
        vocabulary.addsSpacePrefix = metadata["tokenizer.ggml.add_space_prefix"]?.bool ?? false
        vocabulary.merges = try BytePairVocabulary.pairs(strings("tokenizer.ggml.merges"))
        return try SentencePieceTokenizer(vocabulary)
    }

    /// `tokenizer.ggml.model` is `t5`: the unigram model.
    package func unigramTokenizer() throws -> UnigramTokenizer {
        var vocabulary = try sentencePieceVocabulary()
        vocabulary.addsBeginning = metadata["tokenizer.ggml.add_bos_token"]?.bool ?? false
        vocabulary.removesExtraSpaces = metadata["tokenizer.ggml.remove_extra_whitespaces"]?.bool ?? false
        if let map = metadata["tokenizer.ggml.precompiled_charsmap"]?.array?.integers {
            vocabulary.characterMap = map.map { UInt8(truncatingIfNeeded: $0) }
        }
        return try UnigramTokenizer(vocabulary)
    }

    private func sentencePieceVocabulary() throws -> SentencePieceVocabulary {
        let tokens = try vocabulary()
        let types = try tokenTypes()
        let key = "tokenizer.ggml.scores"
        guard let value = metadata[key] else {
            throw ModelFileError.missingMetadata(file: path, key: key, expected: "an array of numbers")
        }
        guard let scores = value.array?.floats, scores.allSatisfy({ !$0.isNaN }) else {
            throw ModelFileError.invalidMetadata(file: path, key: key, found: value.description, expected: "an array of numbers")
        }
        var result = SentencePieceVocabulary(
            tokens: tokens, scores: scores,
            kinds: types.isEmpty ? tokens.map { _ in .normal } : types.map { BytePairVocabulary.Kind(rawValue: $0) ?? .normal })
        result.beginning = try tokenId("bos")
        result.end = try tokenId("eos")
        result.unknown = try tokenId("unknown")
        result.padding = try tokenId("padding")
        result.separator = try tokenId("seperator") ?? tokenId("separator")
        result.classification = try tokenId("cls")
        result.mask = try tokenId("mask")
        result.addsSpacePrefix = metadata["tokenizer.ggml.add_space_prefix"]?.bool ?? true
        return result
    }
}
