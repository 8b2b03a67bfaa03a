/// SentencePiece byte-pair encoding with byte fallback, the tokenizer of Llama 2, Mistral, Phi-3 and Gemma: always the
/// neighbours that join to the token of the highest score, the leftmost of equals. Gemma 4's vocabulary says which pairs
/// join, and in which order.
package struct SentencePieceTokenizer: PromptTokenizer {
    private let index: SentencePieceIndex

    package var specialTokens: SpecialTokens { index.special }
    package var vocabularyCount: Int { index.vocabulary.tokens.count }

    /// - Throws: `TokenizerError` when the vocabulary contradicts itself.
    package init(_ vocabulary: SentencePieceVocabulary) throws(TokenizerError) {
        index = try SentencePieceIndex(vocabulary)
    }

    package func encode(_ text: String) -> [Int32] { encode(Array(text.utf8)) }

    package func encodePrompt(_ pieces: [PromptPiece]) -> [Int32] {
        index.encodePrompt(pieces) { encode($0) }
    }

    package func id(of token: String) -> Int32? { index.id(of: token) }
    package func bytes(of id: Int32) -> [UInt8] { index.bytes(of: id) }
    package func decode(_ ids: [Int32]) -> String { index.decode(ids) }

    private func encode(_ text: [UInt8]) -> [Int32] {
        guard !text.isEmpty else { return [] }
        var escaped: [UInt8] = index.vocabulary.addsSpacePrefix ? SentencePieceIndex.space : []
        escaped.reserveCapacity(text.count * 5 / 4 + 8)
        for byte in text {
            if byte == 0x20 { escaped += SentencePieceIndex.space } else { escaped.append(byte) }
        }
        var ids: [Int32] = []
        index.wholes.forEachPart(escaped, plain: { part in
            var merger = SentencePieceMerger(Array(part), index)
            merger.merge(into: &ids)
        }, special: { ids.append($0) })
        return ids
    }
}

/// One merging: symbols in a doubly linked list, their pairs in a heap. A text of n bytes costs O(n log n).
private struct SentencePieceMerger {
    private struct Symbol {
        var start: Int
        /// 0 once it has become part of the one before it.
        var length: Int
        var previous: Int
        var next: Int
    }

    private struct Pair {
        let score: Float
        let left: Int
        /// Bytes of both: a pair is out of date when one of its symbols has grown since.
        let length: Int

        func comes(before other: Pair) -> Bool { score != other.score ? score > other.score : left < other.left }
    }

    private let bytes: [UInt8]
    private let index: SentencePieceIndex
    private var symbols: [Symbol] = []
    private var heap: [Pair] = []

    init(_ bytes: [UInt8], _ index: SentencePieceIndex) {
        self.bytes = bytes
        self.index = index
        var start = 0
        while start < bytes.count {
            let length = bytes.withUnsafeBufferPointer { decodeScalar($0, at: start).length }
            let place = symbols.count
            symbols.append(Symbol(start: start, length: length, previous: place - 1, next: place + 1))
            start += length
        }
        if !symbols.isEmpty { symbols[symbols.count - 1].next = -1 }
    }

    mutating func merge(into ids: inout [Int32]) {
        for left in symbols.indices { propose(left) }
        while let pair = pop() {
            let right = symbols[pair.left].next
            guard symbols[pair.left].length > 0, right >= 0,
                symbols[pair.left].length + symbols[right].length == pair.length
            else { continue }
            symbols[pair.left].length = pair.length
            symbols[right].length = 0
            symbols[pair.left].next = symbols[right].next
            if symbols[right].next >= 0 { symbols[symbols[right].next].previous = pair.left }
            if symbols[pair.left].previous >= 0 { propose(symbols[pair.left].previous) }
            propose(pair.left)
        }
        for symbol in symbols where symbol.length > 0 { append(symbol, to: &ids) }
    }

    /// A symbol's token, or its bytes' where it is none.
    private func append(_ symbol: Symbol, to ids: inout [Int32]) {
        if let id = token(symbol.start, symbol.length) { return ids.append(id) }
        for byte in bytes[symbol.start..<symbol.start + symbol.length] {
            if let id = index.byteIds[Int(byte)] >= 0 ? index.byteIds[Int(byte)] : index.special.unknown { ids.append(id) }
        }
    }

    private func token(_ start: Int, _ length: Int) -> Int32? {
        guard length <= index.pieces.maximumLength else { return nil }
        return bytes.withUnsafeBufferPointer { bytes in
            let slice = UnsafeBufferPointer(rebasing: bytes[start..<start + length])
            var hash = ByteStringTable.Hash()
            for byte in slice { hash.add(byte) }
            return index.pieces.find(slice, hash)
        }
    }

    private mutating func propose(_ left: Int) {
        let right = symbols[left].next
        guard right >= 0, symbols[left].length > 0 else { return }
        let length = symbols[left].length + symbols[right].length
        guard let score = score(left, right, length) else { return }
        push(Pair(score: score, left: left, length: length))
    }

    /// How soon two symbols are joined, higher is sooner; nil when they are not.
    private func score(_ left: Int, _ right: Int, _ length: Int) -> Float? {
        guard let merges = index.merges else {
            return token(symbols[left].start, length).map { index.vocabulary.scores[Int($0)] }
        }
        guard let first = token(symbols[left].start, symbols[left].length),
            let second = token(symbols[right].start, symbols[right].length)
        else { return nil }
        let rule = merges.rule(first, second)
        // Ranks are below 2^24, which a Float holds exactly.
        return rule == MergeTable.none ? nil : -Float(rule >> 32)
    }

    private mutating func push(_ pair: Pair) {
        heap.append(pair)
        var child = heap.count - 1
        while child > 0, heap[child].comes(before: heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func pop() -> Pair? {
        guard let top = heap.first, let last = heap.popLast() else { return nil }
        if heap.isEmpty { return top }
        heap[0] = last
        var parent = 0
        while true {
            var first = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].comes(before: heap[first]) {
                first = child
            }
            if first == parent { return top }
            heap.swapAt(parent, first)
            parent = first
        }
    }
}
