/// How text is cut into pieces that byte pairs are merged within.
///
/// The published rules are regular expressions; here they are scanners over scalars that give the same cuts.
package enum PreTokenizer: Sendable, CaseIterable {
    /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    case gpt2
    /// Every digit alone, and the GPT-2 rules between digits.
    case smollm
    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
    case llama3
    /// As Llama 3 with numbers cut into single characters, after canonical composition (NFC).
    case qwen2
    /// Runs of punctuation, then the GPT-2 rules, then digits in threes.
    case falcon
    /// Line breaks, then words, punctuation and CJK runs, each with a space before it; numbers whole.
    case deepSeekLLM
    /// The same with words of any script and every digit alone.
    case deepSeekCoder
    /// Numbers in threes, then Han and kana, then words with their marks.
    case deepSeek3
    /// As Qwen 2, where marks are parts of words.
    case qwen35
    /// As GPT-2, after canonical composition (NFC).
    case modernBERT

    /// The one that a GGUF file calls by this name (`tokenizer.ggml.pre`).
    ///
    /// - Throws: `TokenizerError.unsupported`: another rule would silently give other ids.
    package init(ggufName: String) throws(TokenizerError) {
        switch ggufName {
        case "gpt-2", "phi-2", "gigachat", "a.x-4.0", "mellum", "exaone4", "olmo", "mpt", "jais", "roberta-bpe":
            self = .gpt2
        case "modern-bert": self = .modernBERT
        case "smollm", "codeshell", "exaone", "minerva-7b", "starcoder", "refact", "command-r": self = .smollm
        case "llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2": self = .llama3
        case "qwen2", "deepseek-r1-qwen", "kormo", "megrez", "stablelm2", "hunyuan", "solar-open": self = .qwen2
        case "falcon": self = .falcon
        case "deepseek-llm": self = .deepSeekLLM
        case "deepseek-coder": self = .deepSeekCoder
        case "deepseek-v3", "hunyuan-dense", "joyai-llm": self = .deepSeek3
        case "qwen35": self = .qwen35
        default: throw .unsupported(component: "pre-tokenizer", name: ggufName)
        }
    }

    /// What GGUF files call it, so that other readers know it too.
    package var ggufName: String {
        switch self {
        case .gpt2: "gpt-2"
        case .smollm: "smollm"
        case .llama3: "llama-bpe"
        case .qwen2: "qwen2"
        case .falcon: "falcon"
        case .deepSeekLLM: "deepseek-llm"
        case .deepSeekCoder: "deepseek-coder"
        case .deepSeek3: "deepseek-v3"
        case .qwen35: "qwen35"
        case .modernBERT: "modern-bert"
        }
    }

    /// Whether text is brought to NFC first.
    var composesText: Bool { self == .qwen2 || self == .modernBERT }

    /// Pieces of `text` in order; joined they are `text` again. The text is not normalised.
    package func split(_ text: String) -> [Substring] {
        var pieces: [Substring] = []
        var text = text
        text.makeContiguousUTF8()
        var start = text.startIndex
        withUTF8Bytes(text) { bytes in
            var scanner = PieceScanner(self, bytes)
            while let range = scanner.next() {
                let end = text.utf8.index(start, offsetBy: range.count)
                pieces.append(text[start..<end])
                start = end
            }
        }
        return pieces
    }
}
