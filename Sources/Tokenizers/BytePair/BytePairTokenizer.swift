/// Byte-level byte-pair encoding, the tokenizer of GPT-2 and of the Llama 3, Qwen 2 and SmolLM families
/// (Radford et al. 2019).
package struct BytePairTokenizer: PromptTokenizer {
    package let specialTokens: SpecialTokens
    package let preTokenizer: PreTokenizer
    package var vocabularyCount: Int { starts.count - 1 }

    private let ignoresMerges: Bool
    private let merges: MergeTable
    private let byteIds: [Int32]
    /// Ordinary tokens by the bytes they stand for, all others by their spelling.
    private let pieces: ByteStringTable
    private let others: ByteStringTable
    private let matcher: SpecialTokenMatcher
    /// Finds runs of spaces that are tokens of their own; nil where there are none.
    private let spaces: SpecialTokenMatcher?
    /// Bytes of id n are `blob[starts[n]..<starts[n + 1]]`.
    private let blob: [UInt8]
    private let starts: [UInt32]

    /// - Throws: `TokenizerError` when the vocabulary contradicts itself.
    package init(_ vocabulary: BytePairVocabulary) throws(TokenizerError) {
        var index = BytePairIndex(capacity: vocabulary.tokens.count)
        try index.add(vocabulary)
        preTokenizer = vocabulary.preTokenizer
        ignoresMerges = vocabulary.ignoresMerges
        merges = try index.mergeTable(vocabulary.merges)
        byteIds = (0..<256).map { index.pieces.find([UInt8($0)]) ?? -1 }
        pieces = index.pieces
        others = index.others
        matcher = SpecialTokenMatcher(index.matched)
        spaces = index.spaces.isEmpty ? nil : SpecialTokenMatcher(index.spaces)
        blob = index.blob
        starts = index.starts
        specialTokens = try vocabulary.specialTokens(find: { index.others.find(Array($0.utf8)) })
    }

    package func encode(_ text: String) -> [Int32] {
        var ids: [Int32] = []
        ids.reserveCapacity(text.utf8.count / 3 + 8)
        if let spaces {
            let bytes = preTokenizer.composesText
                ? CanonicalNormalization.composed(Array(text.utf8)) : Array(text.utf8)
            spaces.forEachPart(bytes, plain: { part in
                part.withUnsafeBufferPointer { appendIds($0, to: &ids) }
            }, special: { ids.append($0) })
        } else if preTokenizer.composesText {
            let composed = CanonicalNormalization.composed(Array(text.utf8))
            composed.withUnsafeBufferPointer { appendIds($0, to: &ids) }
        } else {
            withUTF8Bytes(text) { appendIds($0, to: &ids) }
        }
        return ids
    }

    private func appendIds(_ bytes: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) {
        var scanner = PieceScanner(preTokenizer, bytes)
        var merger = BytePairMerger(merges: merges, byteIds: byteIds)
        while let range = scanner.next() {
            if ignoresMerges, range.count <= pieces.maximumLength, let id = wholePiece(bytes[range]) {
                ids.append(id)
            } else {
                merger.merge(bytes[range], into: &ids)
            }
        }
    }

    private func wholePiece(_ piece: UnsafeBufferPointer<UInt8>.SubSequence) -> Int32? {
        var hash = ByteStringTable.Hash()
        for byte in piece { hash.add(byte) }
        return pieces.find(UnsafeBufferPointer(rebasing: piece), hash)
    }

    package func encodePrompt(_ pieces: [PromptPiece]) -> [Int32] {
        var ids: [Int32] = []
        var plain: [UInt8] = []
        var trusted: [UInt8] = []
        func flushPlain() {
            if plain.isEmpty { return }
            ids += encode(String(decoding: plain, as: UTF8.self))
            plain.removeAll()
        }
        func flushTrusted() {
            matcher.forEachPart(trusted, plain: { plain += $0 }, special: { id in
                flushPlain()
                ids.append(id)
            })
            trusted.removeAll()
        }
        for piece in pieces {
            switch piece {
            case .template(let text): trusted += text.utf8
            case .text(let text):
                if text.isEmpty { continue }
                flushTrusted()
                plain += text.utf8
            }
        }
        flushTrusted()
        flushPlain()
        return ids
    }

    package func id(of token: String) -> Int32? {
        if let id = others.find(Array(token.utf8)) { return id }
        return ByteAlphabet.decode(token.utf8).flatMap { pieces.find($0) }
    }

    package func bytes(of id: Int32) -> [UInt8] {
        guard id >= 0, Int(id) < vocabularyCount else { return [] }
        return Array(blob[Int(starts[Int(id)])..<Int(starts[Int(id) + 1])])
    }

    package func decode(_ ids: [Int32]) -> String {
        String(decoding: ids.flatMap { bytes(of: $0) }, as: UTF8.self)
    }
}
