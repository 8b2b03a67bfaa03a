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
        var rule = try Self.preTokenizer(root["pre_tokenizer"])
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

    /// Recognises the supported rules by what their files say.
    private static func preTokenizer(_ value: JSONValue?) throws(TokenizerError) -> PreTokenizer {
        let steps = value?["pretokenizers"]?.array ?? [value].compactMap { $0 }
        let names = steps.map { $0["type"]?.string ?? "none" }
        guard let last = steps.last, names.last == "ByteLevel", last["add_prefix_space"]?.bool == false else {
            throw .unsupported(component: "pre-tokenizer", name: names.joined(separator: " + "))
        }
        let usesRegex = last["use_regex"]?.bool ?? true
        if names == ["ByteLevel"], usesRegex { return .gpt2 }
        if names == ["Digits", "ByteLevel"], usesRegex, steps[0]["individual_digits"]?.bool == true { return .smollm }
        let pattern = steps[0]["pattern"]?["Regex"]?.string ?? ""
        if names == ["Split", "ByteLevel"], !usesRegex, steps[0]["behavior"]?.string == "Isolated" {
            if pattern == llama3Pattern { return .llama3 }
            if pattern == qwen2Pattern { return .qwen2 }
        }
        throw .unsupported(component: "pre-tokenizer", name: names.joined(separator: " + ") + " \(pattern)")
    }

    private static let llama3Pattern = qwen2Pattern.replacing(#"|\p{N}|"#, with: #"|\p{N}{1,3}|"#)
    private static let qwen2Pattern =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

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
