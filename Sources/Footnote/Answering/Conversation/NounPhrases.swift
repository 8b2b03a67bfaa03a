/// The things an English question speaks of, found without a parser: runs of words between verbs, prepositions and
/// question words.
struct NounPhrases {
    struct Phrase {
        /// Tokens of the question, determiner included.
        var tokens: Range<Int>
        /// Preposition in front of it, if any.
        var preposition: String?
        /// `the`, `a`, `my`; `nil` for names and bare plurals.
        var determiner: String?
        var isName: Bool
        /// `which key`, `how many goats`: what is asked for.
        var isAsked: Bool
    }

    let statement: Statement
    private(set) var phrases: [Phrase] = []

    init(_ question: String) {
        statement = Statement(question)
        phrases = scan()
    }

    func text(_ phrase: Phrase) -> String { text(phrase.tokens) }

    func text(_ range: Range<Int>) -> String {
        guard let first = statement.tokens[range].first, let last = statement.tokens[range].last else { return "" }
        return String(statement.text[first.range.lowerBound..<last.range.upperBound])
    }

    /// What "it" would mean next: of "the price of the lamp" the lamp; the first thing that is not asked for.
    var topic: Phrase? {
        let known = phrases.filter { !$0.isAsked }
        guard let first = known.first else { return nil }
        if let next = known.dropFirst().first, next.preposition == "of", next.tokens.lowerBound == first.tokens.upperBound + 1 { return next }
        return first.preposition == nil ? first : known.first { $0.preposition == nil } ?? first
    }

    private func scan() -> [Phrase] {
        let tokens = statement.tokens
        var found: [Phrase] = []
        var index = 0
        while index < tokens.count {
            guard let (end, next) = end(of: index) else {
                index += 1
                continue
            }
            var first = index
            var isAsked = false, determiner: String?
            var back = index - 1
            if back >= 0, Self.determiners.contains(tokens[back].lower) {
                determiner = tokens[back].lower
                first = back
                back -= 1
            } else if back >= 0, ["which", "what", "many", "much", "whose"].contains(tokens[back].lower) {
                isAsked = true
            }
            let preposition = back >= 0 && Self.prepositions.contains(tokens[back].lower) ? tokens[back].lower : nil
            let isName = statement.names.contains { $0.tokens.overlaps(index..<end) }
            found.append(Phrase(tokens: first..<end, preposition: preposition, determiner: determiner, isName: isName, isAsked: isAsked))
            index = next
        }
        return found
    }

    /// The end of the run of naming words that begins at a token, and where the next may begin.
    private func end(of start: Int) -> (end: Int, next: Int)? {
        let tokens = statement.tokens
        guard isNaming(start) else { return nil }
        if let name = statement.names.first(where: { $0.tokens.lowerBound == start }) { return (name.tokens.upperBound, name.tokens.upperBound) }
        var end = start + 1
        while end < tokens.count, isNaming(end) { end += 1 }
        let next = end
        // "When do access keys break?": behind an auxiliary the run ends in the verb, unless one follows.
        let isFollowedByVerb = end < tokens.count && (Self.verbs.contains(tokens[end].lower) || Self.auxiliaries.contains(tokens[end].lower))
        if end - start > 1, !isFollowedByVerb, auxiliary(before: start) != nil, endsInVerb(start, end) { end -= 1 }
        return (end, next)
    }

    private func endsInVerb(_ start: Int, _ end: Int) -> Bool {
        let last = statement.tokens[end - 1]
        guard last.kind == .word, !last.isCapitalized else { return false }
        let isBe = auxiliary(before: start).map { ["is", "are", "was", "were"].contains($0) } ?? false
        if !isBe { return true }
        return last.lower.hasSuffix("ed") || last.lower.hasSuffix("en") || Self.states.contains(last.lower)
    }

    private func auxiliary(before start: Int) -> String? {
        for index in stride(from: start - 1, through: max(0, start - 2), by: -1) where Self.auxiliaries.contains(statement.tokens[index].lower) {
            return statement.tokens[index].lower
        }
        return nil
    }

    private func isNaming(_ index: Int) -> Bool {
        let token = statement.tokens[index]
        guard token.kind == .word, token.isContent, !statement.valueTokens.contains(index) else { return false }
        if statement.names.contains(where: { $0.tokens.contains(index) }) { return true }
        if Self.notNaming.contains(token.lower) { return false }
        // A verb follows its subject, "to", or the question word that is its subject.
        if index > 0 {
            let before = statement.tokens[index - 1].lower
            if ["i", "you", "we", "they", "it", "he", "she", "to", "who"].contains(before) { return false }
            if before == "what", index == 1, !["is", "are"].contains(token.lower), token.lower.hasSuffix("s") || token.lower.hasSuffix("ed") { return false }
        }
        return !(Self.verbs.contains(token.lower) && !(index > 0 && Self.determiners.contains(statement.tokens[index - 1].lower)))
    }

    static let determiners: Set<String> = ["the", "a", "an", "my", "your", "our", "this", "that", "these", "those", "its", "his", "her", "their"]
    static let prepositions: Set<String> = [
        "in", "on", "at", "for", "with", "from", "to", "by", "of", "under", "during", "after", "before", "about", "into", "near", "since", "until", "between", "through", "without",
    ]
    static let auxiliaries: Set<String> = [
        "do", "does", "did", "is", "are", "was", "were", "can", "could", "should", "must", "will", "would", "has", "have", "had", "may",
    ]
    private static let notNaming: Set<String> = [
        "long", "often", "far", "old", "high", "tall", "deep", "big", "fast", "early", "late", "soon", "heavy", "wide", "kind", "please", "exactly", "else", "many", "much",
    ]
    /// Words that say what something is when they end a question with "is".
    private static let states: Set<String> = [
        "kept", "built", "sold", "made", "held", "found", "sent", "paid", "open", "closed", "high", "long", "tall", "deep", "big", "old", "wide", "heavy", "valid", "free",
        "available", "safe", "necessary", "possible", "set", "read", "run", "cut", "put", "born", "located", "like",
    ]
    private static let verbs: Set<String> = [
        "sell", "open", "close", "expire", "rotate", "restore", "delete", "create", "start", "stop", "run", "keep", "use", "need", "make", "write", "read",
        "cost", "take", "last", "work", "happen", "happens", "mean", "support", "supports", "begin", "serve", "offer", "store", "hold", "lead", "have", "get", "install", "configure",
        "change", "set", "found", "founded", "wrote", "built", "made", "leads", "runs", "owns", "owned", "invented", "discovered", "designed", "painted", "won", "caused", "became", "sells", "opens", "closes", "contains", "contain", "belong", "belongs",
    ]
}
