/// Tells legacy encodings apart by decoding a sample strictly in each and counting how many of the characters that
/// come out are among the most frequent of the language.
enum EncodingGuess {
    private struct Candidate {
        var encoding: String
        /// The share of the characters beyond ASCII that must be usual ones.
        var threshold: Double
        var isUsual: @Sendable (Unicode.Scalar) -> Bool
    }

    private static let simplified = Set(
        "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知识库系统使数据件请".unicodeScalars)
    private static let traditional = Set(
        "的一是不了在人有我他這中大來上個國到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可裡後小麼心多天而能好都然沒日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長知識庫系統使數據件請".unicodeScalars)

    private static let candidates: [Candidate] = [
        Candidate(encoding: "GB18030", threshold: 0.18) { simplified.contains($0) || isCJKPunctuation($0) },
        Candidate(encoding: "BIG5", threshold: 0.18) { traditional.contains($0) || isCJKPunctuation($0) },
        Candidate(encoding: "SHIFT_JIS", threshold: 0.35) { isFullWidthKana($0) || isCJKPunctuation($0) },
        Candidate(encoding: "EUC-JP", threshold: 0.35) { isFullWidthKana($0) || isCJKPunctuation($0) },
        Candidate(encoding: "EUC-KR", threshold: 0.6) { (0xAC00...0xD7A3).contains($0.value) || isCJKPunctuation($0) },
        Candidate(encoding: "WINDOWS-1251", threshold: 0.75) { (0x430...0x44F).contains($0.value) },
        Candidate(encoding: "WINDOWS-1252", threshold: 0.6) { isWesternLetter($0) },
    ]

    private static func isCJKPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        [0x3001, 0x3002, 0xFF0C, 0xFF01, 0xFF1F, 0xFF1A, 0x300C, 0x300D].contains(scalar.value)
    }
    private static func isFullWidthKana(_ scalar: Unicode.Scalar) -> Bool { (0x3041...0x30FC).contains(scalar.value) }
    private static func isWesternLetter(_ scalar: Unicode.Scalar) -> Bool {
        "äöüßÄÖÜéèêëáàâãåæçíìîïñóòôõøúùûýÿœÉÀÇÑØÅ’‘“”–—…€°§«»·©®".unicodeScalars.contains(scalar)
    }

    /// The name of the encoding that fits best; `nil` if none fits well.
    static func best(for bytes: [UInt8]) -> String? {
        let sample = sample(of: bytes)
        var best: (name: String, score: Double)?
        for candidate in candidates {
            guard let score = score(sample, candidate), score >= candidate.threshold else { continue }
            // Scores are compared by how far they pass their own threshold.
            let margin = score / candidate.threshold
            if margin > (best?.score ?? 0) { best = (candidate.encoding, margin) }
        }
        return best?.name
    }

    /// The first lines that hold bytes beyond ASCII, up to 32 kB.
    private static func sample(of bytes: [UInt8]) -> [UInt8] {
        let first = bytes.firstIndex { $0 >= 0x80 } ?? 0
        let lineStart = bytes[..<first].lastIndex(of: Ascii.newline).map { $0 + 1 } ?? 0
        let start = max(lineStart, first - 64)
        guard bytes.count - start > 32768 else { return Array(bytes[start...]) }
        let window = bytes[start..<(start + 32768)]
        let end = window.lastIndex { $0 == Ascii.newline || $0 == Ascii.space } ?? window.endIndex
        return Array(window[..<end])
    }

    private static func score(_ sample: [UInt8], _ candidate: Candidate) -> Double? {
        guard let text = CharacterSet.convert(sample, from: candidate.encoding) else { return nil }
        // One stray byte may be damage, or the sample's cut; more means another encoding.
        guard text.replaced <= 1 + sample.count / 2000 else { return nil }
        var beyond = 0, usual = 0
        for scalar in String(decoding: text.bytes, as: UTF8.self).unicodeScalars where scalar.value >= 0x80 {
            beyond += 1
            if candidate.isUsual(scalar) { usual += 1 }
        }
        return beyond == 0 ? nil : Double(usual) / Double(beyond)
    }
}
