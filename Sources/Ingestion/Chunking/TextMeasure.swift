/// Token counts of slices of one text.
///
/// A tokenizer may count a very long word as a single unknown token; so that such a word still fills a chunk, a slice
/// never counts less than one token for every sixteen bytes. That also makes it needless to count slices that are too
/// long in any case, and keeps tokenizers from being given megabytes at once.
struct TextMeasure {
    static let bytesPerToken = 16

    let text: String
    let maximum: Int
    let tokenCount: (Substring) -> Int
    /// Counts of the white space between blocks, which is nearly always the same.
    private var gaps: [Substring: Int] = [:]

    init(text: String, maximum: Int, tokenCount: @escaping (Substring) -> Int) {
        self.text = text
        self.maximum = maximum
        self.tokenCount = tokenCount
    }

    func slice(_ range: Range<Int>) -> Substring {
        let bytes = text.utf8
        return text[bytes.index(bytes.startIndex, offsetBy: range.lowerBound)..<bytes.index(bytes.startIndex, offsetBy: range.upperBound)]
    }

    /// The tokens of a slice; more than `maximum` without counting if it is too long for a chunk in any case.
    func tokens(_ range: Range<Int>) -> Int {
        let least = (range.count + Self.bytesPerToken - 1) / Self.bytesPerToken
        return least > maximum ? least : max(least, tokenCount(slice(range)))
    }

    /// The tokens of what stands between two pieces.
    mutating func gapTokens(_ range: Range<Int>) -> Int {
        if range.isEmpty { return 0 }
        guard range.count <= 4 else { return tokens(range) }
        let gap = slice(range)
        if let known = gaps[gap] { return known }
        let count = tokenCount(gap)
        gaps[gap] = count
        return count
    }
}
