/// What form an answer to a question should have, as far as its first words tell.
package enum QuestionShape: String, Sendable, Codable {
    /// A name, number, date or place: said in a few words.
    case fact
    /// Yes or no.
    case yesNo
    /// Several things of a kind.
    case list
    /// A way to do something, in order.
    case steps
    /// A reason or explanation: a paragraph.
    case reason
    /// Anything else, and words that are no question.
    case open

    package init(_ question: String) {
        let words = question.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "'" || $0 == "’") }.map(String.init)
        self = Self.ofChinese(question) ?? Self.ofEnglish(words) ?? .open
    }

    private static func ofEnglish(_ words: [String]) -> QuestionShape? {
        guard let place = words.firstIndex(where: { questionWords.contains($0) }) else {
            return words.first.flatMap { commands[$0] ?? (auxiliaries.contains($0) ? .yesNo : nil) }
        }
        if place > 0, auxiliaries.contains(words[0]) { return .yesNo }
        let rest = words[(place + 1)...]
        switch words[place] {
        case "who", "whom", "whose", "when", "where": return .fact
        case "why": return .reason
        case "how": return ofHow(rest)
        default: return ofWhat(rest)
        }
    }

    private static func ofHow(_ rest: ArraySlice<String>) -> QuestionShape {
        guard let next = rest.first else { return .open }
        if next == "come" { return .reason }
        if measures.contains(next) { return .fact }
        return doers.contains(next) ? .steps : .open
    }

    private static func ofWhat(_ rest: ArraySlice<String>) -> QuestionShape {
        guard let next = rest.first else { return .open }
        let head = rest.prefix(6)
        if head.contains("steps") { return .steps }
        if head.contains("reason") || head.contains("reasons") || next == "happens" || next == "happened" { return .reason }
        if head.contains(where: { severals.contains($0) }) { return .list }
        // "What are the supported formats" and "which files are ignored" ask for several, "what are the odds" hardly.
        if ["are", "were"].contains(next), rest.dropFirst().first == "the", rest.dropFirst(2).prefix(2).contains(where: isPlural) {
            return .list
        }
        return .fact
    }

    private static func isPlural(_ word: String) -> Bool {
        word.count > 3 && word.hasSuffix("s") && !word.hasSuffix("ss") && !word.hasSuffix("us") && !word.hasSuffix("is")
    }

    private static func ofChinese(_ question: String) -> QuestionShape? {
        guard question.contains(where: \.isIdeographLike) else { return nil }
        func says(_ phrases: [String]) -> Bool { phrases.contains { question.contains($0) } }
        if says(["为什么", "为何", "为啥", "原因", "何以"]) { return .reason }
        if says(["哪些", "有哪几"]) { return .list }
        if says(["怎么", "如何", "怎样", "步骤"]) { return says(["怎么样"]) ? .open : .steps }
        if says(["多少", "几", "谁", "哪", "何时", "何地", "什么时候", "多久", "多长", "多大", "多高", "多远", "什么"]) { return .fact }
        return says(["吗", "是否", "能不能", "是不是", "可不可以"]) ? .yesNo : .open
    }

    private static let questionWords: Set = ["who", "whom", "whose", "when", "where", "why", "how", "what", "which", "what's", "whats"]
    private static let auxiliaries: Set = [
        "is", "are", "was", "were", "do", "does", "did", "can", "could", "should", "would", "will", "has", "have", "had", "may",
        "must", "am",
    ]
    private static let commands: [String: QuestionShape] = [
        "list": .list, "name": .fact, "explain": .reason, "describe": .reason, "summarize": .reason, "summarise": .reason,
    ]
    private static let measures: Set = [
        "many", "much", "old", "long", "far", "tall", "high", "deep", "wide", "big", "large", "often", "fast", "heavy", "late",
        "early", "soon", "short", "small", "hot", "cold", "strong",
    ]
    private static let doers: Set = ["do", "does", "can", "could", "should", "would", "to", "must"]
    private static let severals: Set = ["kinds", "types", "ways", "examples", "all", "list", "several", "formats", "options"]
}
