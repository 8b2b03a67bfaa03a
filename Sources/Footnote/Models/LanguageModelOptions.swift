public import Foundation

public import Foundation

/// A low-rank adapter (LoRA) that is added to a language model's weights while it runs.
public struct LanguageModelAdapter: Sendable, Hashable {
    /// A GGUF file as llama.cpp makes it, or a folder as PEFT saves it.
    public var url: URL
    /// Multiplies the adapter's own scale.
    public var scale: Double

    public init(_ url: URL, scale: Double = 1) {
        self.url = url
        self.scale = scale
    }
}

/// How a language model that runs within this process uses memory and time.
public struct LanguageModelOptions: Sendable {
    /// How the keys and values of the context are kept.
    public enum ContextFormat: String, Sendable, CaseIterable {
        case f32, f16
        /// Bytes with a scale for each 32: half the memory of `f16`.
        case q8 = "q8_0"
    }

    /// Tokens of prompt and answer together, at most; the model's own length when nil, and never more.
    public var contextLength: Int?
    public var contextFormat = ContextFormat.f16
    /// Guess how a text goes on from what stood before, and check several tokens in one pass. The text is the same.
    public var speculates = true
    /// Bytes of prompts, as keys and values, that are kept in memory, so that a prompt that begins like an earlier one is
    /// only read from where it differs; 0 keeps none. The text is the same.
    public var reuseBudget = 256 << 20
    /// Reuse passages that stood elsewhere in an earlier prompt, too. Faster, and not the same text.
    public var reusesPassages = false
    /// Where prompts made of documents are kept for the next process, up to `reuseBudget` bytes as well.
    public var reuseFolder: URL?
    /// Added to the model's weights, all of them together.
    public var adapters: [LanguageModelAdapter] = []
    /// Texts that are written at the same time.
    public var concurrentTexts = 8
    /// Texts that may wait for that; more are refused.
    public var waitingTexts = 256

    public init() {}
}
