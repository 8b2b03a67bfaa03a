extension WordPieceTokenizer {
    /// Calls `emit` with id, start and end (UTF-8 offsets) of each token of `text`.
    @inline(__always)
    func forEachToken(_ text: String, _ emit: (Int32, Int, Int) -> Void) {
        withUTF8Bytes(text) { bytes in
            var matcher = WordMatcher(self)
            var position = 0
            while position < bytes.count {
                switch asciiKinds[Int(bytes[position])] {
                case .whitespace:
                    position += 1
                case .punctuation:
                    matcher.append(bytes[position])
                    matcher.finishWord(emit) { position + $0 }
                    position += 1
                case .word:
                    position = scanASCIIWord(bytes, position, &matcher, emit)
                case .other:
                    position = scanGeneral(bytes, position, &matcher, emit)
                }
            }
        }
    }

    /// A word of plain ASCII, the common case. Starts over in general when it meets anything else.
    @inline(__always)
    private func scanASCIIWord(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ matcher: inout WordMatcher,
        _ emit: (Int32, Int, Int) -> Void
    ) -> Int {
        var end = start
        var kind = ASCIIKind.word
        while kind == .word {
            let byte = bytes[end]
            matcher.append(options.lowercase && byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
            end += 1
            kind = end < bytes.count ? asciiKinds[Int(bytes[end])] : .whitespace
        }
        if kind == .other {
            matcher.dropWord()
            return scanGeneral(bytes, start, &matcher, emit)
        }
        matcher.finishWord(emit) { start + $0 }
        return end
    }

    /// Everything up to the next ASCII space or punctuation mark, scalar by scalar. Such a character stops canonical
    /// reordering and joins nothing beside it, so what stands between two of them can be normalised alone.
    @inline(never)
    private func scanGeneral(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ matcher: inout WordMatcher,
        _ emit: (Int32, Int, Int) -> Void
    ) -> Int {
        var normalizer = BertNormalizer(options: options)
        var position = start
        func close() { matcher.finishSpannedWord(emit) }
        func add(_ scalar: NormalizedScalar) {
            let kind = ScalarClass(of: scalar.value)
            if kind.contains(.whitespace) { return close() }
            if kind.contains(.punctuation) { close() }
            matcher.append(scalar)
            if kind.contains(.punctuation) { close() }
        }
        while position < bytes.count {
            let kind = asciiKinds[Int(bytes[position])]
            if kind == .whitespace || kind == .punctuation { break }
            let decoded = decodeScalar(bytes, at: position)
            let scalar = NormalizedScalar(value: decoded.value, start: position, end: position + decoded.length)
            let isChinese = options.handleChinese && ScalarClass(of: scalar.value).contains(.chinese)
            if isChinese {
                normalizer.flush(add)
                close()
            }
            normalizer.push(scalar, add)
            if isChinese {
                normalizer.flush(add)
                close()
            }
            position = scalar.end
        }
        normalizer.flush(add)
        close()
        return position
    }

    /// What each byte means to the fast path under these options.
    static func asciiKinds(_ options: Options) -> [ASCIIKind] {
        (0..<256).map { byte in
            guard byte < 128 else { return .other }
            let scalarClass = ScalarClass(of: UInt32(byte))
            if options.cleanText, scalarClass.contains(.control) { return .other }
            if scalarClass.contains(.whitespace) { return .whitespace }
            if scalarClass.contains(.punctuation) { return .punctuation }
            return .word
        }
    }
}

/// Role of a byte in the fast path of the word scanner.
enum ASCIIKind: UInt8, Sendable {
    case word, whitespace, punctuation
    /// Needs the general path: not ASCII, or a control character.
    case other
}
