#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

extension WordPieceTokenizer {
    /// The tokenizer of a published model folder: `tokenizer.json`, or else `vocab.txt` with the default options.
    ///
    /// - Throws: `TokenizerError`.
    package init(modelFolder: URL) throws {
        let json = modelFolder.appendingPathComponent("tokenizer.json")
        if FileManager.default.fileExists(atPath: json.path) {
            try self.init(tokenizerJSON: TokenizerFile.read(json))
        } else {
            let list = modelFolder.appendingPathComponent("vocab.txt")
            try self.init(vocabularyList: TokenizerFile.read(list))
        }
    }

    /// From the bytes of a `vocab.txt`: one token a line, the line number is the id.
    package init(vocabularyList bytes: [UInt8], options: Options = Options()) throws(TokenizerError) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        try self.init(
            vocabulary: lines.map { line in
                String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
            }, options: options)
    }

    /// From the bytes of a Hugging Face `tokenizer.json` whose model is `WordPiece` with BERT's normalizer and splitter.
    package init(tokenizerJSON bytes: [UInt8]) throws {
        let root = try JSONReader.parse(bytes)
        guard let model = root["model"] else { throw TokenizerError.missingField("model") }
        try TokenizerFile.require("WordPiece", model["type"] ?? .string("WordPiece"), as: "tokenizer model")
        try TokenizerFile.require("BertPreTokenizer", root["pre_tokenizer"]?["type"], as: "pre-tokenizer")
        var options = try Self.normalizerOptions(root["normalizer"])
        if let token = model["unk_token"]?.string { options.unknownToken = token }
        if let prefix = model["continuing_subword_prefix"]?.string { options.continuationPrefix = prefix }
        if let length = model["max_input_chars_per_word"]?.integer { options.maximumWordLength = length }
        try self.init(vocabulary: TokenizerFile.vocabulary(model: model, addedTokens: root["added_tokens"]), options: options)
    }

    private static func normalizerOptions(_ normalizer: JSONValue?) throws -> Options {
        try TokenizerFile.require("BertNormalizer", normalizer?["type"], as: "normalizer")
        var options = Options()
        options.cleanText = normalizer?["clean_text"]?.bool ?? true
        options.handleChinese = normalizer?["handle_chinese_chars"]?.bool ?? true
        options.stripAccents = normalizer?["strip_accents"]?.bool
        options.lowercase = normalizer?["lowercase"]?.bool ?? true
        return options
    }
}
