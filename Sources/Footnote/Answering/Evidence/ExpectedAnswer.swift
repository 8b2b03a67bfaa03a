/// What kind of thing a question asks for, as far as its question word tells: a passage that holds none cannot be the
/// answer, however alike it is. (Answer typing goes back to the first question-answering tracks of TREC; Li and Roth,
/// "Learning Question Classifiers", 2002.)
package enum ExpectedAnswer: Sendable, Equatable {
    /// A count, an amount, a date or a year.
    case number
    /// A person, place or organisation.
    case name
    /// Anything: a definition, a reason, a way to do something.
    case any

    package init(_ question: String) {
        let words = question.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "'") }.map(String.init)
        self = Self.ofEnglish(words) ?? Self.ofChinese(question) ?? .any
    }

    private static func ofEnglish(_ words: [String]) -> ExpectedAnswer? {
        for (index, word) in words.enumerated() {
            let next = index + 1 < words.count ? words[index + 1] : ""
            switch word {
            case "when" where index == 0: return .number
            case "who", "whom", "whose", "where": return .name
            case "how" where measures.contains(next): return .number
            case "what", "which", "whats", "what's":
                if times.contains(next) { return .number }
                if names.contains(next) { return .name }
            default: break
            }
        }
        return nil
    }

    private static func ofChinese(_ question: String) -> ExpectedAnswer? {
        let numbers = ["多少", "几", "何时", "什么时候", "哪年", "哪一年", "哪天", "多久", "多长", "多大", "多高", "多远"]
        if numbers.contains(where: { question.contains($0) }) { return .number }
        return nil
    }

    private static let measures: Set = [
        "many", "much", "old", "long", "far", "tall", "high", "deep", "wide", "big", "large", "often", "fast", "heavy",
        "late", "early", "soon",
    ]
    private static let times: Set = [
        "year", "years", "date", "day", "month", "century", "decade", "time", "percentage", "percent", "number", "amount",
        "age", "price", "port", "size", "length", "height", "temperature", "distance",
    ]
    private static let names: Set = [
        "person", "city", "country", "company", "state", "king", "queen", "president", "team", "band", "artist", "author",
        "actor", "actress", "singer", "school", "university", "river", "island", "nation", "organization", "organisation",
    ]

    /// 1 when a unit has such a thing that the question does not itself hold, -1 when it has none, 0 for `any`.
    package func fit(of unit: Facts, asked: Facts) -> Double {
        switch self {
        case .any: 0
        case .number: unit.numbers.isSubset(of: asked.numbers) ? -1 : 1
        case .name: unit.names.isSubset(of: asked.names) ? -1 : 1
        }
    }
}
