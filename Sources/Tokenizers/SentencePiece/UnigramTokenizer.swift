/// SentencePiece's unigram model (Kudo 2018, arXiv:1804.10959), the tokenizer of XLM-R and T5: of all ways to cut a text
/// into tokens, the one of the highest sum of scores, found by the algorithm of Viterbi.
package struct UnigramTokenizer: PromptTokenizer {
    private let index: SentencePieceIndex
    private let map: CharacterMap
    private let unknown: Int32
    /// Score of a character without a token: far below the worst of all.
    private let unknownScore: Double

    package var specialTokens: SpecialTokens { index.special }
    package var vocabularyCount: Int { index.vocabulary.tokens.count }

    /// - Throws: `TokenizerError` when the vocabulary contradicts itself or has no token for what is unknown.
    package init(_ vocabulary: SentencePieceVocabulary) throws(TokenizerError) {
        index = try SentencePieceIndex(vocabulary)
        map = try CharacterMap(vocabulary.characterMap)
        guard let id = index.special.unknown else { throw .missingToken("<unk>") }
        unknown = id
        var worst: Float = 0
        for (score, kind) in zip(vocabulary.scores, vocabulary.kinds) where kind == .normal { worst = min(worst, score) }
        unknownScore = Double(worst) - 10
    }

    package func encode(_ text: String) -> [Int32] { encode(Array(text.utf8)) }

    package func encodePrompt(_ pieces: [PromptPiece]) -> [Int32] {
        index.encodePrompt(pieces) { encode($0) }
    }

    package func id(of token: String) -> Int32? { index.id(of: token) }
    package func bytes(of id: Int32) -> [UInt8] { index.bytes(of: id) }
    package func decode(_ ids: [Int32]) -> String { index.decode(ids) }

    /// Text after the character map, with U+2581 for spaces, one in front, and runs of them made one.
    private func normalized(_ text: [UInt8]) -> [UInt8] {
        let vocabulary = index.vocabulary
        var output: [UInt8] = []
        var isFirst = true
        var afterSpace = true
        for byte in map.normalized(text) {
            if byte == 0x20 {
                afterSpace = true
                if !vocabulary.removesExtraSpaces { output += SentencePieceIndex.space }
                continue
            }
            if afterSpace, vocabulary.removesExtraSpaces ? !isFirst || vocabulary.addsSpacePrefix : isFirst && vocabulary.addsSpacePrefix {
                output += SentencePieceIndex.space
            }
            isFirst = false
            afterSpace = false
            output.append(byte)
        }
        return output
    }

    /// The best way to reach a byte: by which token, from where, with which sum.
    private struct Step {
        var token: Int32
        var start: Int
        var score: Double
    }

    private func encode(_ raw: [UInt8]) -> [Int32] {
        let text = normalized(raw)
        guard !text.isEmpty else { return [] }
        var steps = [Step](repeating: Step(token: unknown, start: 0, score: -.infinity), count: text.count + 1)
        steps[0].score = 0
        text.withUnsafeBufferPointer { text in
            var position = 0
            while position < text.count {
                let length = min(Self.length(text[position]), text.count - position)
                extend(position, length, text, &steps)
                position += length
            }
        }
        return path(steps)
    }

    /// Tries all tokens that begin at a character, and the unknown one where none is that character alone.
    private func extend(_ start: Int, _ length: Int, _ text: UnsafeBufferPointer<UInt8>, _ steps: inout [Step]) {
        let score = steps[start].score
        var hash = ByteStringTable.Hash()
        var hasSingle = false
        for end in start + 1..<min(text.count, start + index.pieces.maximumLength) + 1 {
            hash.add(text[end - 1])
            guard let id = index.pieces.find(UnsafeBufferPointer(rebasing: text[start..<end]), hash) else { continue }
            if end - start == length { hasSingle = true }
            let own = index.vocabulary.kinds[Int(id)] == .userDefined ? 0 : Double(index.vocabulary.scores[Int(id)])
            if score + own > steps[end].score { steps[end] = Step(token: id, start: start, score: score + own) }
        }
        if !hasSingle, score + unknownScore > steps[start + length].score {
            steps[start + length] = Step(token: unknown, start: start, score: score + unknownScore)
        }
    }

    /// The tokens from the end back; neighbours without a token become one unknown.
    private func path(_ steps: [Step]) -> [Int32] {
        var ids: [Int32] = []
        var end = steps.count - 1
        while end > 0 {
            let step = steps[end]
            if step.token != unknown || ids.last != unknown { ids.append(step.token) }
            end = step.start
        }
        return ids.reversed()
    }

    private static func length(_ lead: UInt8) -> Int { lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4 }
}
