/// A set of token ids of one vocabulary: the tokens that may come next.
package struct TokenMask: Sendable, Equatable {
    /// Number of ids that could be in it.
    package let count: Int
    /// Bit i % 64 of word i / 64 stands for id i; bits from `count` on are 0.
    private var words: [UInt64]

    /// An empty set, or one of all ids.
    package init(count: Int, allowsAll: Bool = false) {
        self.count = count
        words = [UInt64](repeating: allowsAll ? .max : 0, count: (count + 63) / 64)
        if allowsAll, count % 64 != 0 { words[words.count - 1] = (1 << UInt64(count % 64)) - 1 }
    }

    package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    package func contains(_ id: Int32) -> Bool {
        guard id >= 0, id < count else { return false }
        return words[Int(id) / 64] >> UInt64(id % 64) & 1 == 1
    }

    package mutating func insert(_ id: Int32) {
        guard id >= 0, id < count else { return }
        words[Int(id) / 64] |= 1 << UInt64(id % 64)
    }

    package mutating func remove(_ id: Int32) {
        guard id >= 0, id < count else { return }
        words[Int(id) / 64] &= ~(1 << UInt64(id % 64))
    }

    /// Keeps the ids that are in `other`, too.
    package mutating func formIntersection(_ other: TokenMask) {
        for index in words.indices { words[index] &= index < other.words.count ? other.words[index] : 0 }
    }

    /// Lowers the logits of all ids that are not in the set to -infinity. Costs what is excluded, not what is allowed.
    package func apply(to logits: inout [Float]) {
        logits.withUnsafeMutableBufferPointer { logits in
            for (index, word) in words.enumerated() {
                var excluded = ~word
                while excluded != 0 {
                    let id = index * 64 + excluded.trailingZeroBitCount
                    if id < logits.count { logits[id] = -.infinity }
                    excluded &= excluded - 1
                }
            }
            // A model may have more ids than its tokenizer knows.
            for id in min(words.count * 64, logits.count)..<logits.count { logits[id] = -.infinity }
        }
    }
}
