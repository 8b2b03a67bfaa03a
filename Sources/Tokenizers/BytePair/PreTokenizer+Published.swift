/// The rules as `tokenizer.json` spells them out: a sequence of steps, known by what each says.
extension PreTokenizer {
    /// Recognises `pre_tokenizer`.
    ///
    /// - Throws: `TokenizerError.unsupported`: another rule would silently give other ids.
    init(published value: JSONValue?) throws(TokenizerError) {
        let steps = value?["pretokenizers"]?.array ?? [value].compactMap { $0 }
        let found = steps.map(Self.description)
        guard let rule = Self.published.first(where: { Self.matches(found, $0.steps) })?.rule else {
            let names = steps.map { $0["type"]?.string ?? "none" }.joined(separator: " + ")
            let pattern = steps.first?["pattern"]?["Regex"]?.string.map { " " + $0 } ?? ""
            throw .unsupported(component: "pre-tokenizer", name: names + pattern)
        }
        self = rule
    }

    /// What a step does, in one line.
    private static func description(_ step: JSONValue) -> String {
        switch step["type"]?.string {
        case "Split":
            let pattern = step["pattern"]?["Regex"]?.string ?? step["pattern"]?["String"]?.string ?? ""
            let isPlain = step["behavior"]?.string == "Isolated" && step["invert"]?.bool != true
            return (isPlain ? "split " : "split otherwise ") + pattern
        case "Digits": return step["individual_digits"]?.bool == true ? "digits" : "numbers"
        case "Punctuation": return "punctuation \(step["behavior"]?.string ?? "Isolated")"
        case "ByteLevel":
            guard step["add_prefix_space"]?.bool == false else { return "bytes after a space" }
            return step["use_regex"]?.bool ?? true ? "gpt2" : "bytes"
        case let other: return other ?? "none"
        }
    }

    private static func matches(_ found: [String], _ wanted: [String]) -> Bool {
        found.count == wanted.count && zip(found, wanted).allSatisfy { found, wanted in
            // A class of hundreds of characters is known by its beginning.
            wanted.hasSuffix("…") ? found.hasPrefix(wanted.dropLast()) : found == wanted
        }
    }

    private static let published: [(steps: [String], rule: PreTokenizer)] = [
        (["gpt2"], .gpt2),
        (["digits", "gpt2"], .smollm),
        (["split " + llama3Pattern, "bytes"], .llama3),
        (["split " + qwen2Pattern, "bytes"], .qwen2),
        (["split " + qwen35Pattern, "bytes"], .qwen35),
        (["punctuation Contiguous", "gpt2", "numbers", "split [0-9][0-9][0-9]"], .falcon),
        (["split [\r\n]", #"split \s?[A-Za-zµÀ-ÖØ-öø-ƺ…"#, "split \\s?[!-/:-~！-／：-～‘-‟　-。]+", #"split \s+$"#,
          "split [一-龥ࠀ-一가-퟿]+", "digits", "bytes"], .deepSeekLLM),
        (["split [\r\n]", #"split \s?\p{L}+"#, #"split \s?\p{P}+"#, "split [一-龥ࠀ-一가-퟿]+", "digits", "bytes"],
         .deepSeekCoder),
        ([#"split \p{N}{1,3}"#, "split [一-龥぀-ゟ゠-ヿ]+", "split " + deepSeek3Pattern, "bytes"], .deepSeek3),
    ]

    private static let llama3Pattern = qwen2Pattern.replacing(#"|\p{N}|"#, with: #"|\p{N}{1,3}|"#)
    private static let qwen2Pattern =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    private static let qwen35Pattern =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|"#
        + #"\s*[\r\n]+|\s+(?!\S)|\s+"#
    /// Line breaks stand in it as themselves.
    private static let deepSeek3Pattern =
        "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
        + "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+"
}
