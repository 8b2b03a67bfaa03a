internal import Foundation

/// Answers against accepted ones, as SQuAD scores them (Rajpurkar et al. 2016, arXiv:1606.05250): lower case, without
/// punctuation and English articles; Chinese, Japanese and Korean by character.
package enum AnswerScoring {
    package static func tokens(_ text: String) -> [String] {
        var tokens: [String] = []
        var word = ""
        func end() {
            if !word.isEmpty, !["a", "an", "the"].contains(word) { tokens.append(word) }
            word = ""
        }
        for character in text.lowercased() {
            if character.isIdeographLike {
                end()
                tokens.append(String(character))
            } else if character.isLetter || character.isNumber {
                word.append(character)
            } else if character.isWhitespace {
                end()
            }
            // Punctuation is deleted, not a gap: "U.S." and "US" are one.
        }
        end()
        return tokens
    }

    package static func isExact(_ answer: String, _ accepted: [String]) -> Bool {
        let own = tokens(answer)
        return accepted.contains { tokens($0) == own }
    }

    /// Largest harmonic mean of precision and recall of tokens.
    package static func f1(_ answer: String, _ accepted: [String]) -> Double {
        let own = tokens(answer)
        return accepted.map { overlap(own, tokens($0)) }.max() ?? 0
    }

    private static func overlap(_ own: [String], _ gold: [String]) -> Double {
        guard !own.isEmpty, !gold.isEmpty else { return own.isEmpty && gold.isEmpty ? 1 : 0 }
        var left = Dictionary(gold.map { ($0, 1) }, uniquingKeysWith: +)
        var common = 0
        for token in own where left[token, default: 0] > 0 {
            left[token, default: 0] -= 1
            common += 1
        }
        guard common > 0 else { return 0 }
        let precision = Double(common) / Double(own.count), recall = Double(common) / Double(gold.count)
        return 2 * precision * recall / (precision + recall)
    }

    /// Whether the tokens of an accepted answer stand next to each other in a text.
    package static func contains(_ text: String, _ accepted: [String]) -> Bool {
        let own = tokens(text)
        return accepted.contains { answer in
            let gold = tokens(answer)
            guard !gold.isEmpty, gold.count <= own.count else { return false }
            return (0...own.count - gold.count).contains { own[$0..<$0 + gold.count].elementsEqual(gold) }
        }
    }

    /// The text's first tokens as far as `count` words go, so that long answers are not rewarded for their length.
    package static func truncated(_ text: String, toWords count: Int) -> String {
        var words = 0
        var inWord = false
        for index in text.indices {
            let character = text[index]
            if character.isIdeographLike {
                words += 1
                inWord = false
            } else if character.isLetter || character.isNumber {
                if !inWord { words += 1 }
                inWord = true
            } else {
                inWord = false
            }
            if words > count { return String(text[..<index]) }
        }
        return text
    }
}
