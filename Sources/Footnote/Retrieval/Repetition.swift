/// Tells passages that say again what another one says.
///
/// A passage repeats another when it has no word that the other lacks and at least nine tenths of its shingles, runs of
/// three words, are among the other's (containment, Broder 1997, "On the resemblance and containment of documents").
/// Case, punctuation, spaces and markup do not count. The first condition keeps apart what differs in a number, a name
/// or a "not", which a share of shingles alone would take for the same; the second what has the same words in another
/// order. Ideographs are words of one character.
struct Repetition: Sendable {
    /// Share of a passage's shingles that must be among the other's.
    static let containment = 0.9
    private static let shingleLength = 3

    private let words: Set<String>
    private let shingles: Set<[String]>

    init(_ text: String) {
        let words = Self.words(text)
        self.words = Set(words)
        shingles = words.count < Self.shingleLength
            ? [words]
            : Set((0...words.count - Self.shingleLength).map { Array(words[$0..<$0 + Self.shingleLength]) })
    }

    /// Lower case. Numbers keep their points and sign, and currency and percent count: they change what is said.
    private static func words(_ text: String) -> [String] {
        var words: [String] = [], word = "", pending = ""
        func end() {
            if !word.isEmpty { words.append(word) }
            (word, pending) = ("", "")
        }
        for character in text.lowercased() {
            if character.isIdeographLike || character.isCurrencySymbol || character == "%" {
                end()
                words.append(String(character))
            } else if character.isLetter || character.isNumber {
                word += character.isNumber ? pending : ""
                if !pending.isEmpty, !character.isNumber { end() }
                pending = ""
                word.append(character)
            } else if ".,".contains(character), word.last?.isNumber == true, pending.isEmpty {
                pending = String(character)
            } else {
                end()
                if "-−".contains(character) { pending = "-" }
            }
        }
        end()
        return words
    }

    /// Whether all that this passage says is in the other. A longer passage is not contained in a shorter one.
    func isContained(in other: Repetition) -> Bool {
        guard words.count <= other.words.count, words.isSubset(of: other.words) else { return false }
        let common = shingles.reduce(0) { $0 + (other.shingles.contains($1) ? 1 : 0) }
        return Double(common) >= Self.containment * Double(shingles.count)
    }
}
