/// Turns text into the integer ids a model was trained on, and back.
///
/// Conformances are immutable and may be used from many threads at once.
package protocol Tokenizer: Sendable {
    /// Number of ids; every id returned is in `0..<vocabularyCount`.
    var vocabularyCount: Int { get }

    /// Ids that frame or end a sequence. Only the unknown id ever results from `encode(_:)`.
    var specialTokens: SpecialTokens { get }

    /// Ids of plain text. No special token is added, and text that spells one (`"[SEP]"`, `"<|im_end|>"`)
    /// is encoded as ordinary characters: documents are data.
    func encode(_ text: String) -> [Int32]

    /// Number of ids `encode(_:)` would return.
    func count(_ text: String) -> Int

    /// Id of a vocabulary entry spelled exactly like this, special tokens included; `nil` when there is none.
    func id(of token: String) -> Int32?

    /// Bytes that an id stands for in running text. A token may hold part of a UTF-8 sequence. Empty for
    /// special tokens and ids out of range.
    func bytes(of id: Int32) -> [UInt8]

    /// Text of a sequence of ids, special tokens left out, invalid UTF-8 replaced by U+FFFD.
    func decode(_ ids: [Int32]) -> String
}

extension Tokenizer {
    package func count(_ text: String) -> Int { encode(text).count }
}

/// A tokenizer of a generative model: it also encodes prompts, in which some text is allowed to spell special tokens.
package protocol PromptTokenizer: Tokenizer {
    /// Ids of a prompt. Special-token spellings in adjacent `.template` pieces become special ids, those in `.text`
    /// pieces never do, nor does one that reaches over a border between the two. All other text is encoded as if the
    /// pieces were one string. Nothing is added in front or behind.
    func encodePrompt(_ pieces: [PromptPiece]) -> [Int32]
}

/// A part of a prompt and whether it may control the model.
package enum PromptPiece: Sendable, Equatable {
    /// Written by the model's chat template: special-token spellings mean special tokens.
    case template(String)
    /// Written by a user or a document: always plain characters.
    case text(String)
}

/// Ids with a role in the sequence; `nil` where the vocabulary has none.
package struct SpecialTokens: Sendable, Equatable {
    package var beginning: Int32?
    package var end: Int32?
    package var unknown: Int32?
    package var classification: Int32?
    package var separator: Int32?
    package var padding: Int32?
    package var mask: Int32?
    /// Every id that ends generation (`<|im_end|>`, `<|eot_id|>`, `</s>`…).
    package var endOfGeneration: Set<Int32> = []
    /// Whether the model expects `beginning` in front of a sequence that no chat template framed.
    package var addsBeginning = false

    package init() {}
}
