package import Tokenizers

/// A tokenizer with the special tokens that an encoder expects around texts.
package struct EncoderTokenizer: Sendable {
    package let tokenizer: any Tokenizer
    /// Before a text.
    package let front: [Int32]
    /// Between two texts.
    package let middle: [Int32]
    /// After a text.
    package let back: [Int32]

    package init(_ tokenizer: any Tokenizer, front: [Int32], middle: [Int32], back: [Int32]) {
        self.tokenizer = tokenizer
        self.front = front
        self.middle = middle
        self.back = back
    }

    /// `[CLS] text [SEP]`, as far as the vocabulary has these.
    package init(_ tokenizer: WordPieceTokenizer) {
        let special = tokenizer.specialTokens
        let separator = special.separator.map { [$0] } ?? []
        self.init(tokenizer, front: special.classification.map { [$0] } ?? [], middle: separator, back: separator)
    }

    /// A text as the encoder reads it; its ids are cut so that no more than `maximumTokens` result.
    package func framed(_ ids: [Int32], maximumTokens: Int) -> [Int32] {
        front + ids.prefix(max(0, maximumTokens - front.count - back.count)) + back
    }

    /// Two texts as a cross-encoder reads them, the second cut at its end so that no more than `maximumTokens` result;
    /// the first keeps at most half of the room.
    package func pair(_ first: [Int32], _ second: [Int32], maximumTokens: Int) -> TokenPair {
        let room = max(0, maximumTokens - front.count - middle.count - back.count)
        let start = front + first.prefix(max(room / 2, room - second.count)) + middle
        return TokenPair(
            tokenIDs: start + second.prefix(max(0, maximumTokens - start.count - back.count)) + back,
            secondSegment: start.count)
    }
}

extension GGUFFile {
    /// The tokenizer of a file whose model embeds or ranks, with what the file says of special tokens around texts.
    ///
    /// - Throws: as `promptTokenizer()`.
    package func encoderTokenizer() throws -> EncoderTokenizer {
        guard try requiredString("tokenizer.ggml.model") != "bert" else {
            return EncoderTokenizer(try wordPieceTokenizer())
        }
        let tokenizer = try promptTokenizer()
        let architecture = try architecture()
        // Files that do not say so are of the RoBERTa family when their architecture is BERT's: all of it frames.
        let isFramed = architecture == "bert"
        func ids(_ flag: String, _ roles: String...) throws -> [Int32] {
            guard metadata["tokenizer.ggml.add_\(flag)_token"]?.bool ?? isFramed else { return [] }
            for role in roles {
                guard let id = try tokenId(role) else { continue }
                guard Int(id) < tokenizer.vocabularyCount else {
                    throw TokenizerError.identifierOutOfRange(Int(id), count: tokenizer.vocabularyCount)
                }
                return [id]
            }
            return []
        }
        let front = try ids("bos", "bos", "cls")
        let back = try ids("eos", "eos", "seperator", "separator")
        // Converters set the flag for ModernBERT too, whose own tokenizer puts one token between two texts.
        let second = architecture == "modern-bert" && !back.isEmpty ? [] : try ids("sep", "seperator", "separator", "eos")
        return EncoderTokenizer(tokenizer, front: front, middle: back + second, back: back)
    }
}
