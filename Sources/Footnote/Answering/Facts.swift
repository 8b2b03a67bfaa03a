internal import Foundation

/// The parts of a sentence that must not differ from its source by a single character: numbers, names and
/// identifiers, and whether something is denied.
package struct Facts: Sendable {
    /// Numbers in one spelling: `1,000` and `1000` are equal, and so are `ten` and `10`.
    package let numbers: Set<String>
    /// Names, acronyms and identifiers as written, without the words that merely begin a sentence.
    package let names: Set<String>
    package let isNegated: Bool

    package init(_ text: String) {
        var numbers: Set<String> = []
        var names: Set<String> = []
        var negated = Facts.chineseNegations.contains { text.contains($0) }
        var startsSentence = true
        for word in Facts.words(of: text) {
            let lower = word.text.lowercased()
            if Facts.negations.contains(lower) || lower.hasSuffix("n't") || lower.hasSuffix("n’t") { negated = true }
            if let number = Facts.number(lower) {
                numbers.insert(number)
            } else if Facts.isName(word.text, startsSentence: startsSentence) {
                names.insert(lower)
            }
            startsSentence = word.endsSentence
        }
        self.numbers = numbers
        self.names = names
        isNegated = negated
    }

    private struct Word {
        var text: Substring
        var endsSentence: Bool
    }

    /// Runs of letters and digits with the characters that join them (`1,000.5`, `AES-256`, `keys.toml`).
    private static func words(of text: String) -> [Word] {
        var words: [Word] = []
        var start: String.Index?
        var index = text.startIndex
        func end(at end: String.Index, sentence: Bool) {
            if let begin = start { words.append(Word(text: text[begin..<end], endsSentence: sentence)) }
            start = nil
        }
        while index < text.endIndex {
            let character = text[index]
            let next = text.index(after: index)
            let isPart = (character.isLetter || character.isNumber) && !character.isIdeographLike
            if isPart {
                if start == nil { start = index }
            } else if start != nil {
                let joins = joiners.contains(character) && next < text.endIndex
                    && (text[next].isLetter || text[next].isNumber) && !text[next].isIdeographLike
                if !joins { end(at: index, sentence: sentenceEnds.contains(character)) }
            } else if sentenceEnds.contains(character), !words.isEmpty {
                words[words.count - 1].endsSentence = true
            }
            index = next
        }
        end(at: text.endIndex, sentence: true)
        return words
    }

    /// The one spelling of a number; `nil` for other words.
    package static func number(_ word: String) -> String? {
        if let value = numberWords[word] { return String(value) }
        guard word.first?.isNumber == true else { return nil }
        var digits = word.filter { $0 != "," }
        // Ordinals and plural decades: 3rd, 1990s.
        for suffix in ["st", "nd", "rd", "th", "s"] where digits.hasSuffix(suffix) {
            let base = digits.dropLast(suffix.count)
            if base.allSatisfy({ $0.isNumber }) { digits = String(base) }
        }
        if digits.contains("."), Double(digits) != nil {
            while digits.hasSuffix("0") { digits.removeLast() }
            if digits.hasSuffix(".") { digits.removeLast() }
        }
        return digits
    }

    private static func isName(_ word: Substring, startsSentence: Bool) -> Bool {
        guard let first = word.first, word.count > 1 else { return false }
        let uppercase = word.filter(\.isUppercase).count
        let hasDigit = word.contains(where: \.isNumber)
        if uppercase > 1 || (hasDigit && word.contains(where: \.isLetter)) || word.contains("_") { return true }
        return first.isUppercase && !startsSentence
    }

    private static let joiners: Set<Character> = ["'", "’", ".", ",", "-", "_", ":", "/"]
    private static let sentenceEnds: Set<Character> = [".", "!", "?", ":", ";", "\n", "。", "！", "？", "|"]
    private static let negations: Set<String> = [
        "not", "no", "never", "none", "nothing", "nobody", "neither", "nor", "without", "cannot", "unable",
        "prohibited", "forbidden",
    ]
    private static let chineseNegations = ["不", "没有", "无法", "禁止", "未", "勿", "非"]
    private static let numberWords: [String: Int] = [
        "zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
        "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
        "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
        "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000,
        "twice": 2, "once": 1,
    ]
}
