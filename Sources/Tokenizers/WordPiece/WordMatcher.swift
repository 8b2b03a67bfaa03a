/// Collects the bytes of one word and cuts it into the longest pieces the vocabulary has, left to right.
struct WordMatcher {
    private typealias Hash = ByteStringTable.Hash

    private let starts: ByteStringTable
    private let continuations: ByteStringTable
    private let unknown: Int32
    private let maximumLength: Int
    private var bytes: [UInt8]
    /// Hash of the first n + 1 bytes at n.
    private var hashes: [Hash]
    private var hash = Hash()
    private var length = 0
    private var scalarCount = 0
    /// Per byte, the original scalar it came from; only filled by the general path.
    private var spans: [(start: Int, end: Int)] = []
    private var pieces: [(id: Int32, end: Int)] = []

    init(_ tokenizer: WordPieceTokenizer) {
        starts = tokenizer.starts
        continuations = tokenizer.continuations
        unknown = tokenizer.unknown
        maximumLength = tokenizer.options.maximumWordLength
        bytes = [UInt8](repeating: 0, count: maximumLength * 4)
        hashes = [Hash](repeating: Hash(), count: maximumLength * 4)
    }

    /// Adds an ASCII byte. Of a word that is too long only the length is kept.
    @inline(__always)
    mutating func append(_ byte: UInt8) {
        scalarCount += 1
        if scalarCount <= maximumLength { store(byte) }
    }

    mutating func append(_ scalar: NormalizedScalar) {
        scalarCount += 1
        let span = (scalar.start, scalar.end)
        guard scalarCount <= maximumLength else {
            if !spans.isEmpty { spans[spans.count - 1].end = scalar.end }
            return
        }
        let before = length
        forEachUTF8Byte(of: scalar.value) { store($0) }
        for _ in before..<length { spans.append(span) }
    }

    @inline(__always)
    private mutating func store(_ byte: UInt8) {
        hash.add(byte)
        bytes[length] = byte
        hashes[length] = hash
        length += 1
    }

    @inline(__always)
    mutating func dropWord() {
        length = 0
        scalarCount = 0
        hash = Hash()
    }

    /// Ends a word of the fast path; `offset` maps a position in the word to one in the text.
    @inline(__always)
    mutating func finishWord(_ emit: (Int32, Int, Int) -> Void, _ offset: (Int) -> Int) {
        defer { dropWord() }
        if scalarCount <= maximumLength, let id = wholeWord() { return emit(id, offset(0), offset(length)) }
        guard cut() else { return emit(unknown, offset(0), offset(scalarCount)) }
        var start = 0
        for piece in pieces {
            emit(piece.id, offset(start), offset(piece.end))
            start = piece.end
        }
    }

    /// Ends a word of the general path, if there is one.
    mutating func finishSpannedWord(_ emit: (Int32, Int, Int) -> Void) {
        guard scalarCount > 0 else { return }
        defer {
            dropWord()
            spans.removeAll(keepingCapacity: true)
        }
        if cut() {
            var start = 0
            for piece in pieces {
                emit(piece.id, spans[start].start, spans[piece.end - 1].end)
                start = piece.end
            }
        } else if let first = spans.first, let last = spans.last {
            emit(unknown, first.start, last.end)
        }
    }

    @inline(__always)
    private func wholeWord() -> Int32? {
        guard length <= starts.maximumLength else { return nil }
        return bytes.withUnsafeBufferPointer { starts.find(UnsafeBufferPointer(rebasing: $0[..<length]), hash) }
    }

    /// Fills `pieces`; false when the word is too long or some part of it is in no token.
    private mutating func cut() -> Bool {
        pieces.removeAll(keepingCapacity: true)
        guard scalarCount <= maximumLength else { return false }
        var start = 0
        while start < length {
            guard let piece = start == 0 ? longest(starts, from: 0) : longest(continuations, from: start)
            else { return false }
            pieces.append(piece)
            start = piece.end
        }
        return true
    }

    private mutating func longest(_ table: ByteStringTable, from start: Int) -> (id: Int32, end: Int)? {
        var end = min(length, start + table.maximumLength)
        if start > 0 {  // the prefix hashes of the word no longer serve: hash on from here
            var hash = Hash()
            for index in start..<end {
                hash.add(bytes[index])
                hashes[index] = hash
            }
        }
        return bytes.withUnsafeBufferPointer { bytes in
            while end > start {
                let slice = UnsafeBufferPointer(rebasing: bytes[start..<end])
                if let id = table.find(slice, hashes[end - 1]) { return (id, end) }
                end -= 1
            }
            return nil
        }
    }
}
