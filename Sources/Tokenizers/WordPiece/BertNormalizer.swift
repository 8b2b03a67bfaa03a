/// A scalar of normalised text and the UTF-8 offsets of the original scalar it came from.
struct NormalizedScalar {
    var value: UInt32
    var start: Int
    var end: Int
}

/// Cleaning, accent stripping and lower-casing of Hugging Face's `BertNormalizer`, one scalar at a time.
struct BertNormalizer {
    private let options: WordPieceTokenizer.Options
    private let stripsAccents: Bool
    /// Marks that survive stripping and wait for canonical ordering; almost always empty.
    private var marks: [(scalar: NormalizedScalar, combiningClass: UInt8)] = []
    private var decomposed: [UInt32] = []

    init(options: WordPieceTokenizer.Options) {
        self.options = options
        stripsAccents = options.stripsAccents
    }

    @inline(__always)
    mutating func push(_ scalar: NormalizedScalar, _ yield: (NormalizedScalar) -> Void) {
        if options.cleanText, ScalarClass(of: scalar.value).contains(.control) { return }
        guard stripsAccents else { return lowercase(scalar, yield) }
        if scalar.value < 0xC0 {
            flush(yield)
            return lowercase(scalar, yield)
        }
        decomposed.removeAll(keepingCapacity: true)
        CanonicalNormalization.appendDecomposition(of: scalar.value, to: &decomposed)
        for value in decomposed {
            let combiningClass = CanonicalNormalization.combiningClass(value)
            if combiningClass == 0 { flush(yield) }
            if ScalarClass(of: value).contains(.accent) { continue }
            let part = NormalizedScalar(value: value, start: scalar.start, end: scalar.end)
            if combiningClass == 0 { lowercase(part, yield) } else { marks.append((part, combiningClass)) }
        }
    }

    /// Hands on the marks that wait, in canonical order.
    @inline(__always)
    mutating func flush(_ yield: (NormalizedScalar) -> Void) {
        if marks.isEmpty { return }
        let ordered = marks.enumerated().sorted {
            ($0.element.combiningClass, $0.offset) < ($1.element.combiningClass, $1.offset)
        }
        for mark in ordered { lowercase(mark.element.scalar, yield) }
        marks.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    private func lowercase(_ scalar: NormalizedScalar, _ yield: (NormalizedScalar) -> Void) {
        guard options.lowercase, let original = Unicode.Scalar(scalar.value),
            original.properties.changesWhenLowercased else { return yield(scalar) }
        for lower in original.properties.lowercaseMapping.unicodeScalars {
            yield(NormalizedScalar(value: lower.value, start: scalar.start, end: scalar.end))
        }
    }
}
