package import Tokenizers

/// The bytes of all tokens of a vocabulary, one after another, and the order of their spellings: what constraints walk.
package final class TokenVocabulary: @unchecked Sendable {  // sound: nothing changes after init
    /// Number of ids.
    package let count: Int
    /// Ids that end a text.
    package let endOfGeneration: Set<Int32>
    /// Ids that stand for bytes, ordered by these: byte by byte, the shorter first.
    package let sorted: [Int32]
    /// For each of `sorted`, how many bytes it has in common with the one before.
    let commonBytes: [Int]
    /// What texts with markers of sources have found out.
    let markerMasks = SourceMarkerMasks()
    private let memory: UnsafeMutablePointer<UInt8>
    private let offsets: [Int]

    package init(_ tokenizer: any Tokenizer) {
        var blob: [UInt8] = []
        var offsets = [0]
        for id in 0..<Int32(tokenizer.vocabularyCount) {
            blob += tokenizer.bytes(of: id)
            offsets.append(blob.count)
        }
        count = tokenizer.vocabularyCount
        endOfGeneration = tokenizer.specialTokens.endOfGeneration
        memory = .allocate(capacity: max(1, blob.count))
        memory.update(from: blob, count: blob.count)
        self.offsets = offsets
        sorted = Self.sorted(memory, offsets: offsets)
        commonBytes = Self.commonBytes(sorted, memory, offsets: offsets)
    }

    deinit { memory.deallocate() }

    /// The bytes that an id stands for, valid while the vocabulary lives; none for special tokens.
    func bytes(of id: Int32) -> UnsafeBufferPointer<UInt8> {
        guard id >= 0, id < count else { return UnsafeBufferPointer(start: nil, count: 0) }
        let start = offsets[Int(id)]
        return UnsafeBufferPointer(start: memory + start, count: offsets[Int(id) + 1] - start)
    }

    /// The ids that end a text, and those whose bytes `accepts` takes. Tokens that stand for no bytes are left out.
    func mask(allowingEnd: Bool, where accepts: (UnsafeBufferPointer<UInt8>) -> Bool) -> TokenMask {
        var mask = TokenMask(count: count)
        for id in sorted where accepts(bytes(of: id)) { mask.insert(id) }
        setEnd(allowingEnd, in: &mask)
        return mask
    }

    /// Puts the ids that end a text into a mask, or takes them out.
    func setEnd(_ isAllowed: Bool, in mask: inout TokenMask) {
        for id in endOfGeneration {
            if isAllowed { mask.insert(id) } else { mask.remove(id) }
        }
    }

    /// Sorts by the first eight bytes as one number, and looks at the rest only where these are equal.
    private static func sorted(_ memory: UnsafePointer<UInt8>, offsets: [Int]) -> [Int32] {
        func bytes(_ id: Int32) -> UnsafeBufferPointer<UInt8> {
            UnsafeBufferPointer(start: memory + offsets[Int(id)], count: offsets[Int(id) + 1] - offsets[Int(id)])
        }
        var keys: [(key: UInt64, id: Int32)] = []
        for id in 0..<Int32(offsets.count - 1) where !bytes(id).isEmpty {
            var key: UInt64 = 0
            for (index, byte) in bytes(id).prefix(8).enumerated() { key |= UInt64(byte) << UInt64(56 - 8 * index) }
            keys.append((key, id))
        }
        keys.sort { first, second in
            if first.key != second.key { return first.key < second.key }
            let (a, b) = (bytes(first.id), bytes(second.id))
            return a.elementsEqual(b) ? first.id < second.id : a.lexicographicallyPrecedes(b)
        }
        return keys.map(\.id)
    }

    private static func commonBytes(_ sorted: [Int32], _ memory: UnsafePointer<UInt8>, offsets: [Int]) -> [Int] {
        var result = [Int](repeating: 0, count: sorted.count)
        for index in sorted.indices.dropFirst() {
            let (a, b) = (Int(sorted[index - 1]), Int(sorted[index]))
            let limit = min(offsets[a + 1] - offsets[a], offsets[b + 1] - offsets[b])
            var common = 0
            while common < limit, memory[offsets[a] + common] == memory[offsets[b] + common] { common += 1 }
            result[index] = common
        }
        return result
    }
}
