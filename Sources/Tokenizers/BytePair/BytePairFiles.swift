#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

extension BytePairTokenizer {
    /// From a Hugging Face `tokenizer.json` whose model is byte-level `BPE`.
    ///
    /// - Throws: `TokenizerError`.
    package init(tokenizerFile: URL) throws {
        try self.init(tokenizerJSON: TokenizerFile.read(tokenizerFile))
    }

    /// From the bytes of a Hugging Face `tokenizer.json`.
    package init(tokenizerJSON bytes: [UInt8]) throws {
        try self.init(BytePairVocabulary(tokenizerJSON: bytes))
    }
}

extension BytePairVocabulary {
    package init(tokenizerJSON bytes: [UInt8]) throws {
        let root = try JSONReader.parse(bytes)
        guard let model = root["model"] else { throw TokenizerError.missingField("model") }
        try TokenizerFile.require("BPE", model["type"] ?? .string("BPE"), as: "tokenizer model")
        var rule = try PreTokenizer(published: root["pre_tokenizer"])
        if rule == .gpt2, root["normalizer"]?["type"]?.string == "NFC" { rule = .modernBERT }
        try TokenizerFile.require(rule.composesText ? "NFC" : "none", root["normalizer"]?["type"], as: "normalizer")
        let tokens = try TokenizerFile.vocabulary(model: model, addedTokens: root["added_tokens"])
        var kinds = [Kind](repeating: .normal, count: tokens.count)
        for token in root["added_tokens"]?.array ?? [] {
            guard let id = token["id"]?.integer, kinds.indices.contains(id) else { continue }
            kinds[id] = token["special"]?.bool == true ? .control : .userDefined
        }
        self.init(
            tokens: tokens, kinds: kinds, merges: try Self.merges(model["merges"]), preTokenizer: rule,
            ignoresMerges: model["ignore_merges"]?.bool ?? false)
        beginning = Self.beginning(root["post_processor"])
        addsBeginning = beginning != nil
        try markSpecial()
    }

    private static func merges(_ value: JSONValue?) throws -> [(left: Substring, right: Substring)] {
        guard let items = value?.array else { throw TokenizerError.missingField("model.merges") }
        return try items.enumerated().map { rank, item in
            if let text = item.string { return try pairs([text])[0] }
            guard let pair = item.array, pair.count == 2, let left = pair[0].string, let right = pair[1].string
            else { throw TokenizerError.malformedMerge(rank: rank, "") }
            return (left[...], right[...])
        }
    }

    /// The special token that the post-processor puts in front, if it does.
    private static func beginning(_ processor: JSONValue?) -> Int32? {
        let steps = processor?["processors"]?.array ?? [processor].compactMap { $0 }
        guard let template = steps.first(where: { $0["type"]?.string == "TemplateProcessing" }),
            let name = template["single"]?.array?.first?["SpecialToken"]?["id"]?.string,
            let id = template["special_tokens"]?[name]?["ids"]?.array?.first?.integer
        else { return nil }
        return Int32(exactly: id)
    }
}
