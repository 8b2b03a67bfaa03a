internal import Foundation

/// The words of a text in the form in which question, source and answer are compared: lower case, without
/// diacritics, English inflections folded, function words left out; Chinese, Japanese and Korean runs as
/// character bigrams, since those scripts write no spaces.
package struct Terms {
    /// In order of appearance, with repetitions.
    package let all: [String]
    package let distinct: Set<String>
    /// For each term a word it came from, as the lexical index knows words.
    package let words: [String: String]

    package init(_ text: some StringProtocol) {
        var terms: [String] = []
        var words: [String: String] = [:]
        Terms.scan(text) { word in
            let word = Terms.withoutPossessive(word)
            guard let term = Terms.normalized(word) else { return }
            terms.append(term)
            if words[term] == nil { words[term] = String(word) }
        }
        all = terms
        distinct = Set(terms)
        self.words = words
    }

    /// Calls `body` with each word of a text, and with each bigram of a run in a script without spaces.
    private static func scan(_ text: some StringProtocol, _ body: (Substring) -> Void) {
        let text = Substring(text)
        var wordStart: Substring.Index?
        var previousIdeograph: Substring.Index?
        var runLength = 0
        func endWord(_ end: Substring.Index) {
            if let start = wordStart { body(text[start..<end]) }
            wordStart = nil
        }
        func endRun(_ end: Substring.Index) {
            if let start = previousIdeograph, runLength == 1 { body(text[start..<end]) }
            previousIdeograph = nil
            runLength = 0
        }
        var index = text.startIndex
        while index < text.endIndex {
            let character = text[index]
            let next = text.index(after: index)
            if character.isIdeographLike, !chineseFunctionCharacters.contains(character) {
                endWord(index)
                if let previous = previousIdeograph { body(text[previous..<next]) }
                previousIdeograph = index
                runLength += 1
            } else {
                endRun(index)
                if character.isWordPart {
                    if wordStart == nil { wordStart = index }
                } else if !(wordStart != nil && character.joinsWord && next < text.endIndex && text[next].isWordPart) {
                    endWord(index)
                }
            }
            index = next
        }
        endWord(text.endIndex)
        endRun(text.endIndex)
    }

    /// "California's" names what "California" does; "it's" and "let's" are left to the function words.
    private static func withoutPossessive(_ word: Substring) -> Substring {
        guard let mark = word.dropLast().last, mark == "'" || mark == "’", word.last == "s" || word.last == "S",
            word.count > 4
        else { return word }
        return word.dropLast(2)
    }

    /// `nil` for function words.
    package static func normalized(_ word: Substring) -> String? {
        let folded = fold(word)
        if folded.first?.isIdeographLike == true {
            return chineseFunctionWords.contains(folded) ? nil : folded
        }
        if englishFunctionWords.contains(folded) { return nil }
        return stem(folded)
    }

    private static func fold(_ word: Substring) -> String {
        if word.utf8.allSatisfy({ $0 < 0x80 }) { return word.lowercased() }
        var folded = ""
        for scalar in word.lowercased().decomposedStringWithCompatibilityMapping.unicodeScalars
        where scalar.properties.generalCategory != .nonspacingMark {
            folded.unicodeScalars.append(scalar)
        }
        return folded.precomposedStringWithCanonicalMapping
    }

    /// Folds the commonest English endings so that "rotated", "rotates" and "rotation" meet. Conservative: a
    /// wrong merge would make an unsupported word look supported.
    package static func stem(_ word: String) -> String {
        guard word.utf8.count > 3, word.utf8.allSatisfy({ (0x61...0x7A).contains($0) }) else { return word }
        for (suffix, replacement, minimum) in suffixes where word.hasSuffix(suffix) {
            let base = word.dropLast(suffix.count)
            guard base.count >= minimum else { continue }
            return undoubled(base + replacement)
        }
        return word
    }

    private static func undoubled(_ base: String) -> String {
        var bytes = Array(base.utf8)
        if bytes.count > 3, bytes[bytes.count - 1] == bytes[bytes.count - 2],
            !"lsz".utf8.contains(bytes[bytes.count - 1]), !"aeiou".utf8.contains(bytes[bytes.count - 1])
        {
            bytes.removeLast()
        }
        if bytes.count > 3, bytes.last == UInt8(ascii: "e") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let suffixes: [(String, String, Int)] = [
        ("ations", "at", 3), ("ation", "at", 3), ("ating", "at", 3), ("ated", "at", 3), ("ates", "at", 3),
        ("ate", "at", 3), ("ies", "y", 2), ("ied", "y", 2), ("sses", "ss", 2), ("ches", "ch", 2),
        ("shes", "sh", 2), ("xes", "x", 2), ("ings", "", 3), ("ing", "", 3), ("ed", "", 3),
        ("ss", "ss", 2), ("us", "us", 2), ("is", "is", 2), ("es", "", 3), ("s", "", 3), ("e", "", 3),
    ]
}

extension Character {
    /// Han, Hiragana, Katakana and Hangul: scripts whose words are found as character bigrams.
    var isIdeographLike: Bool {
        guard let value = unicodeScalars.first?.value, value >= 0x1100 else { return false }
        switch value {
        case 0x1100...0x11FF, 0x3005...0x3007, 0x3041...0x30FF, 0x3130...0x318F, 0x31F0...0x31FF,
            0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7AF, 0xF900...0xFAFF, 0xFF66...0xFF9F,
            0x20000...0x3FFFF:
            return true
        default: return false
        }
    }

    fileprivate var isWordPart: Bool { (isLetter || isNumber) && !isIdeographLike }

    /// Characters that stay inside a word when letters or digits stand on both sides: `don't`, `1.5`, `1,000`.
    fileprivate var joinsWord: Bool { self == "'" || self == "’" || self == "." || self == "," }
}

private let englishFunctionWords: Set<String> = [
    "a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "been", "being",
    "but", "by", "can", "could", "did", "do", "does", "doing", "for", "from", "had", "has", "have", "having",
    "he", "her", "here", "hers", "him", "his", "how", "i", "if", "in", "into", "is", "it", "its", "just", "may",
    "me", "might", "must", "my", "of", "on", "or", "our", "ours", "please", "shall", "she", "should", "so",
    "some", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "those",
    "to", "too", "us", "was", "we", "were", "what", "when", "where", "which", "who", "whom", "whose", "why",
    "will", "with", "would", "you", "your", "yours", "it's", "i'm", "what's", "tell", "according",
]

/// Particles, pronouns and question words of one character. A pair that reaches over one of them ("茶在") is no word.
private let chineseFunctionCharacters: Set<Character> = Set("的了是在吗呢吧啊也都就请和与及或被把从对为于以之其这那哪些什么怎样谁几多少个我你他她它们")

private let chineseFunctionWords: Set<String> = [
    "的", "了", "是", "在", "和", "与", "及", "吗", "呢", "吧", "啊", "也", "都", "就", "请", "我", "你", "他", "她",
    "它", "什么", "怎么", "哪里", "哪个", "哪些", "多少", "几个", "如何", "为什", "是否", "可以", "一个", "这个", "那个",
    "请问", "怎样", "么时", "是什", "有什", "有多", "是多", "有哪", "是哪", "么是", "是怎", "应该",
]
