import Foundation

/// Text as it goes into the lexical index.
///
/// SQLite's `unicode61` tokenizer takes a run of Chinese, Japanese or Korean for one word, so that nothing
/// inside it can be found. Runs of these scripts are therefore written as overlapping pairs of characters,
/// each followed by the single character: `知识库` becomes `知识 知 识库 识 库`. Pairs answer words of two and
/// more characters, single characters answer queries of one. Everything else is left as it is.
package enum LexicalText {
    /// Counted up when `segmented` changes, since removing from the index needs the text that went in.
    static let version = 1

    package static func segmented(_ text: some StringProtocol) -> String {
        guard text.utf8.contains(where: { $0 >= 0xE1 }) else { return String(text) }
        let text = composed(text)
        var result = ""
        result.reserveCapacity(text.utf8.count * 2)
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            if isIdeographic(scalar) {
                if let previous {
                    append(previous, scalar, to: &result)
                } else {
                    result.unicodeScalars.append(" ")
                }
                previous = scalar
            } else {
                finish(&previous, &result)
                result.unicodeScalars.append(halfWidth(scalar))
            }
        }
        finish(&previous, &result)
        return result
    }

    /// A pair, then the first of its characters alone.
    private static func append(_ first: Unicode.Scalar, _ second: Unicode.Scalar, to result: inout String) {
        result.unicodeScalars.append(first)
        result.unicodeScalars.append(second)
        result.unicodeScalars.append(" ")
        result.unicodeScalars.append(first)
        result.unicodeScalars.append(" ")
    }

    private static func finish(_ last: inout Unicode.Scalar?, _ result: inout String) {
        guard let scalar = last else { return }
        result.unicodeScalars.append(scalar)
        result.unicodeScalars.append(" ")
        last = nil
    }

    /// Scripts written without spaces between words, and Hangul, whose words carry particles.
    static func isIdeographic(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFD: true  // Han
        case 0x3005, 0x3007: true  // iteration mark, zero
        case 0x3041...0x3096, 0x309D...0x309F, 0x30A1...0x30FA, 0x30FC...0x30FF, 0x31F0...0x31FF: true  // kana
        case 0x1100...0x11FF, 0x3131...0x318E, 0xAC00...0xD7A3: true  // Hangul
        default: false
        }
    }

    /// Joins Hangul and kana that are written in parts, as some file systems and editors leave them.
    static func composed(_ text: some StringProtocol) -> String {
        let isInParts = text.unicodeScalars.contains { (0x1100...0x11FF).contains($0.value) || (0x3099...0x309A).contains($0.value) }
        return isInParts ? text.precomposedStringWithCanonicalMapping : String(text)
    }

    /// Full-width letters and digits as their ordinary forms.
    static func halfWidth(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        guard (0xFF01...0xFF5E).contains(scalar.value) else { return scalar }
        return Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
    }
}
