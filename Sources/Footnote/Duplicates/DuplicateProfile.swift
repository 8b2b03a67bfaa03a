/// Tells whether two passages say the same in nearly the same words.
///
/// Resemblance alone would take "open until 5" and "open until 6" for the same. Numbers and denials must therefore be the
/// same on both sides; what one side writes with a capital letter the other must hold too, so that names are not exchanged; no
/// word may stand against its opposite; and of ideographs only such may differ as carry grammar.
package struct DuplicateProfile: Sendable {
    /// Least resemblance.
    static let threshold = 0.8

    let shingles: [UInt64]
    private let words: [String: Int]
    private let capitalized: Set<String>

    package init(_ text: String) {
        let passage = PassageWords(text)
        shingles = MinHash.shingles(passage.words)
        words = shingles.isEmpty ? [:] : passage.words.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        capitalized = passage.capitalized
    }

    /// Whether the passage has enough words to be compared.
    package var isComparable: Bool { !shingles.isEmpty }

    package func isNear(_ other: DuplicateProfile) -> Bool {
        guard isComparable, other.isComparable, MinHash.resemblance(shingles, other.shingles) >= Self.threshold else { return false }
        guard capitalized.allSatisfy({ other.words[$0] != nil }), other.capitalized.allSatisfy({ words[$0] != nil }) else { return false }
        let here = surplus(over: other), there = other.surplus(over: self)
        guard !here.contains(where: Self.counts), !there.contains(where: Self.counts) else { return false }
        return !Self.haveOpposites(here, there)
    }

    /// Words that stand here more often than there, each once.
    private func surplus(over other: DuplicateProfile) -> [String] {
        words.filter { $0.value > other.words[$0.key] ?? 0 }.map(\.key)
    }

    /// Whether one word more or less changes what is said.
    private static func counts(_ word: String) -> Bool {
        guard let first = word.unicodeScalars.first else { return false }
        if first.properties.numericType != nil || word.unicodeScalars.contains(where: { $0.properties.numericType != nil }) { return true }
        if denials.contains(word) || word.hasSuffix("nt") && negated.contains(String(word.dropLast(2))) { return true }
        if PassageWords.isIdeograph(first) { return !particles.contains(word) }
        return first.properties.generalCategory == .currencySymbol || first == "%" || first == "-"
    }

    private static func haveOpposites(_ a: [String], _ b: [String]) -> Bool {
        guard !a.isEmpty, !b.isEmpty else { return false }
        let first = Statement(a.joined(separator: " ")).tokens, second = Statement(b.joined(separator: " ")).tokens
        return first.contains { one in second.contains { Opposites.areOpposite(one, $0) } }
    }

    private static let denials: Set<String> = [
        "not", "no", "never", "none", "nothing", "nobody", "neither", "nor", "without", "cannot", "unable", "hardly", "except",
        "excluding", "only", "nicht", "kein", "keine", "keinen", "keiner", "nie", "niemals", "ohne", "pas", "jamais", "sans", "nunca",
    ]
    /// Before the "n't" of an abbreviation, whose mark is not kept.
    private static let negated: Set<String> = [
        "do", "does", "did", "is", "are", "was", "were", "wo", "would", "ca", "could", "should", "must", "need", "has", "have", "had",
    ]
    /// Characters of Chinese and Japanese that carry grammar, not matter.
    private static let particles: Set<String> = Set("的地得了着过之其而且也都就还与和及或吧呢吗啊呀们所以於于は が を に で と も の へ や か ね よ".filter { $0 != " " }.map(String.init))
}
