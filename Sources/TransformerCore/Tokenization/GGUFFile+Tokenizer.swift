package import Tokenizers

/// The tokenizer that a GGUF file carries in its metadata.
extension GGUFFile {
    /// The tokenizer of a generative model.
    ///
    /// - Throws: `ModelFileError` for missing or mistyped metadata, `TokenizerError` for a vocabulary that cannot be
    ///   used or a family without an implementation.
    package func promptTokenizer() throws -> any PromptTokenizer {
        let model = try requiredString("tokenizer.ggml.model")
        if model == "llama" { return try sentencePieceTokenizer() }
        if model == "gemma4" { return try rankedSentencePieceTokenizer() }
        if model == "t5" { return try unigramTokenizer() }
        guard model == "gpt2" else { throw TokenizerError.unsupported(component: "tokenizer", name: model) }
        return try BytePairTokenizer(BytePairVocabulary(
            ggufTokens: vocabulary(), types: tokenTypes(), merges: strings("tokenizer.ggml.merges"),
            preTokenizer: requiredString("tokenizer.ggml.pre"),
            beginning: tokenId("bos"), end: tokenId("eos"), unknown: tokenId("unknown"), padding: tokenId("padding"),
            addsBeginning: metadata["tokenizer.ggml.add_bos_token"]?.bool))
    }

    /// The tokenizer of an encoder of the BERT family.
    ///
    /// - Throws: as `promptTokenizer()`.
    package func wordPieceTokenizer() throws -> WordPieceTokenizer {
        let model = try requiredString("tokenizer.ggml.model")
        guard model == "bert" else { throw TokenizerError.unsupported(component: "tokenizer", name: model) }
        let types = try tokenTypes()
        var tokens = try vocabulary()
        // The converter marks what begins a word, where BERT's own files mark what continues one. Special tokens
        // and the unused entries between them are spelled in brackets and carry no mark.
        for index in tokens.indices where types.isEmpty || types[index] == 1 {
            if tokens[index].unicodeScalars.first == "\u{2581}" {
                tokens[index].unicodeScalars.removeFirst()
            } else if !(tokens[index].hasPrefix("[") && tokens[index].hasSuffix("]")) {
                tokens[index] = "##" + tokens[index]
            }
        }
        var options = WordPieceTokenizer.Options()
        options.lowercase = metadata["tokenizer.ggml.normalizer.lowercase"]?.bool ?? true
        options.stripAccents = metadata["tokenizer.ggml.normalizer.strip_accents"]?.bool
        return try WordPieceTokenizer(vocabulary: tokens, options: options)
    }

    func vocabulary() throws -> [String] { try strings("tokenizer.ggml.tokens") }

    func strings(_ key: String) throws(ModelFileError) -> [String] {
        guard let value = metadata[key] else { throw .missingMetadata(file: path, key: key, expected: "an array of strings") }
        guard let strings = value.array?.strings else {
            throw .invalidMetadata(file: path, key: key, found: value.description, expected: "an array of strings")
        }
        return strings
    }

    func tokenTypes() throws -> [Int32] {
        let key = "tokenizer.ggml.token_type"
        guard let value = metadata[key] else { return [] }
        guard let integers = value.array?.integers else {
            throw ModelFileError.invalidMetadata(file: path, key: key, found: value.description, expected: "an array of integers")
        }
        let count = metadata["tokenizer.ggml.tokens"]?.array?.count ?? 0
        guard integers.count == count else { throw TokenizerError.mismatchedCounts(tokens: count, types: integers.count) }
        return integers.map { Int32(truncatingIfNeeded: $0) }
    }

    func tokenId(_ role: String) throws(ModelFileError) -> Int32? {
        try optionalInt("tokenizer.ggml.\(role)_token_id", in: 0...Int(Int32.max)).map { Int32($0) }
    }
}
