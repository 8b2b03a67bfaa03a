/// Completes an English follow-up from the turn before it.
struct EnglishFollowUp {
    let question: String
    let turn: FollowUp.Turn
    private let tokens: [StatementToken]
    private let previous: NounPhrases

    init(question: String, turn: FollowUp.Turn) {
        self.question = question
        self.turn = turn
        tokens = StatementTokenizer.tokens(of: question)
        previous = NounPhrases(turn.question)
    }

    private func lower(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index].lower : "" }

    func rewritten() -> StandaloneQuestion? {
        let start = openingEnd()
        let body = tokens.indices.filter { $0 >= start && tokens[$0].kind != .sign }
        guard !body.isEmpty else { return nil }
        if let whole = bareQuestionWord(body) { return whole }
        if isFragment(body, opened: start > 0), let whole = fragment(start) { return whole }
        return withPronounsResolved(from: start)
    }

    /// Tokens of "And", "What about", "Or how about".
    private func openingEnd() -> Int {
        var index = 0
        while ["and", "or", "but", "so", "then", "also", "ok", "okay", ","].contains(lower(index)), index < tokens.count - 1 { index += 1 }
        if ["what", "how"].contains(lower(index)), lower(index + 1) == "about" { index += 2 }
        return index
    }

    private func rest(from index: Int) -> String {
        guard tokens.indices.contains(index) else { return "" }
        let text = String(question[tokens[index].range.lowerBound...]).trimmingWhitespace()
        return String(text.reversed().drop { "?!. ".contains($0) }.reversed())
    }

    // MARK: "Why?"

    private static let questionWords: Set<String> = ["why", "how", "when", "where", "who", "what", "which", "long", "much", "often", "many", "far", "old", "since", "until", "exactly", "by", "whom"]

    /// "Why?", "How long?", "Why not?": the question before, asked so.
    private func bareQuestionWord(_ body: [Int]) -> StandaloneQuestion? {
        var words = body.map { tokens[$0].lower }
        let isDenied = words.last == "not"
        if isDenied { words.removeLast() }
        guard words.count <= 3, words.allSatisfy({ Self.questionWords.contains($0) }), let first = words.first,
            let clause = clauseOfPrevious(denied: isDenied)
        else { return nil }
        let asked = first.prefix(1).uppercased() + first.dropFirst() + words.dropFirst().map { " " + $0 }.joined()
        return whole(asked + " " + clause + "?", "", clause)
    }

    /// The question before without its question word: "are backups kept", "was Acme founded".
    private func clauseOfPrevious(denied: Bool) -> String? {
        let words = previous.statement.tokens
        guard let auxiliary = words.indices.first(where: { NounPhrases.auxiliaries.contains(words[$0].lower) && $0 < 4 }) else {
            return passiveOfSubjectQuestion()
        }
        var end = words.count
        while end > 0, words[end - 1].kind == .sign { end -= 1 }
        guard auxiliary < end else { return nil }
        var text = previous.text(auxiliary..<end)
        text = text.prefix(1).lowercased() + text.dropFirst()
        if denied, end - auxiliary >= 3 {
            let head = previous.text(auxiliary..<(end - 1))
            text = head.prefix(1).lowercased() + head.dropFirst() + " not " + words[end - 1].text
        }
        return text
    }

    /// "Who founded Acme?" becomes "was Acme founded".
    private func passiveOfSubjectQuestion() -> String? {
        let words = previous.statement.tokens
        guard words.count >= 3, ["who", "what"].contains(words[0].lower) else { return nil }
        let verb = words[1].lower
        let participle = verb.hasSuffix("ed") ? verb : Self.participles[verb]
        var end = words.count
        while end > 0, words[end - 1].kind == .sign { end -= 1 }
        guard let participle, end > 2 else { return nil }
        return "was " + previous.text(2..<end) + " " + participle
    }

    private static let participles = [
        "wrote": "written", "built": "built", "made": "made", "won": "won", "led": "led", "took": "taken", "drew": "drawn", "began": "begun", "sold": "sold", "bought": "bought", "found": "found",
    ]

    // MARK: "And in 2019?"

    private func isFragment(_ body: [Int], opened: Bool) -> Bool {
        let words = body.map { tokens[$0].lower }
        guard let first = words.first, words.count <= 7 else { return false }
        if ["why", "how", "when", "where", "who", "what", "which", "whose"].contains(first) || NounPhrases.auxiliaries.contains(first) { return false }
        let isAbout = openingEnd() >= 2 && lower(openingEnd() - 1) == "about"
        if words.contains(where: { NounPhrases.auxiliaries.contains($0) && $0 != "may" }) { return false }
        return isAbout || opened || NounPhrases.prepositions.contains(first) || NounPhrases.determiners.contains(first) || words.count <= 2
    }

    private func fragment(_ start: Int) -> StandaloneQuestion? {
        var text = rest(from: start)
        var resolved: [StandaloneQuestion.Resolution] = []
        // "And its price?" asks for the price of what was spoken of.
        if ["its", "their", "his", "her"].contains(lower(start)), let owner = antecedent(of: lower(start)) {
            text = possessive(owner) + rest(from: start + 1).withLeadingSpace
            let asked = (openingIsBare(start) ? "What is " : "What about ") + text + "?"
            return StandaloneQuestion(text: asked, wasRewritten: true, resolved: [.init(expression: tokens[start].text, meaning: owner)])
        }
        if ["it", "they", "them", "that", "this", "he", "she"].contains(lower(start)) && tokens.count - start <= 2 { return nil }
        if let (expanded, head) = withHeadForOne(text) {
            text = expanded
            resolved.append(.init(expression: "one", meaning: head))
        }
        let fragment = Statement(text)
        guard let (range, replacement) = slot(for: fragment, text) else { return nil }
        let previousText = previous.statement.text
        let rewritten: String
        if let range {
            let lower = previous.statement.tokens[range.lowerBound].range.lowerBound
            let upper = previous.statement.tokens[range.upperBound - 1].range.upperBound
            rewritten = previousText[..<lower] + replacement + previousText[upper...]
            resolved.append(.init(expression: replacement, meaning: "in place of " + previous.text(range)))
        } else {
            let body = String(previousText.reversed().drop { "?!. ".contains($0) }.reversed())
            let isName = fragment.tokens.first.map { !Wording.isFunctionWord($0.lower) } ?? true
            let added = isName ? replacement : replacement.prefix(1).lowercased() + replacement.dropFirst()
            rewritten = body + " " + added + "?"
            resolved.append(.init(expression: replacement, meaning: "added to: " + body))
        }
        return StandaloneQuestion(text: rewritten, wasRewritten: true, resolved: resolved)
    }

    private func openingIsBare(_ start: Int) -> Bool { start < 2 || lower(start - 1) != "about" }

    /// "The blue one": "the blue lamp".
    private func withHeadForOne(_ text: String) -> (String, String)? {
        let words = text.split(separator: " ").map(String.init)
        guard let last = words.last, last == "one" || last == "ones", words.count > 1 else { return nil }
        guard let phrase = previous.phrases.last(where: { !$0.isName && $0.preposition != nil }) ?? previous.phrases.last(where: { !$0.isName })
        else { return nil }
        let head = previous.statement.tokens[phrase.tokens.upperBound - 1].text
        return ((words.dropLast() + [head]).joined(separator: " "), head)
    }

    /// Which tokens of the question before the fragment stands for, and what to put there; no range: at its end.
    private func slot(for fragment: Statement, _ text: String) -> (Range<Int>?, String)? {
        let first = fragment.tokens.first?.lower ?? ""
        let preposition = NounPhrases.prepositions.contains(first) ? first : nil
        if let value = fragment.values.first, let rival = previous.statement.values.last(where: { $0.isOfSameKind(as: value) }) {
            let lower = rival.tokens.lowerBound
            let before = lower > 0 ? previous.statement.tokens[lower - 1].lower : ""
            let takesPreposition = preposition != nil && NounPhrases.prepositions.contains(before)
            return ((takesPreposition ? lower - 1 : lower)..<rival.tokens.upperBound, text)
        }
        if let value = fragment.values.first, preposition == nil, case .date = value.value, value.tokens.count == fragment.tokens.count {
            return (nil, "in " + text)
        }
        if let preposition {
            if let phrase = previous.phrases.last(where: { $0.preposition == preposition }) {
                return (phrase.tokens.lowerBound - 1..<phrase.tokens.upperBound, text)
            }
            return (nil, text)
        }
        if !fragment.values.isEmpty, fragment.contentKeys.isEmpty, case .weekdays? = fragment.values.first?.value { return (nil, "on " + text) }
        return phraseLike(fragment).map { ($0.tokens, text) }
    }

    /// The phrase of the question before that is most like the fragment: with the same head, a name for a name, the same
    /// determiner; else what it is about.
    private func phraseLike(_ fragment: Statement) -> NounPhrases.Phrase? {
        let keys = fragment.contentKeys
        let determiner = fragment.tokens.first.map(\.lower).flatMap { NounPhrases.determiners.contains($0) ? $0 : nil }
        let isName = fragment.tokens.first { $0.kind == .word && $0.isContent }?.isCapitalized ?? false
        let scored = previous.phrases.enumerated().map { place, phrase -> (Int, Int, NounPhrases.Phrase) in
            let head = previous.statement.tokens[phrase.tokens.upperBound - 1].key
            var score = keys.contains(head) ? 8 : 0
            if phrase.isName == isName { score += isName ? 4 : 2 }
            if (phrase.determiner == nil) == (determiner == nil) { score += 1 }
            if phrase.isAsked { score -= 1 }
            return (score, place, phrase)
        }
        return scored.max { ($0.0, $0.1) < ($1.0, $1.1) }?.2
    }

    private func whole(_ text: String, _ expression: String, _ meaning: String) -> StandaloneQuestion {
        StandaloneQuestion(text: text, wasRewritten: true, resolved: [.init(expression: expression, meaning: meaning)])
    }
}

// MARK: - Pronouns

extension EnglishFollowUp {
    private func withPronounsResolved(from start: Int) -> StandaloneQuestion? {
        var text = "", resolved: [StandaloneQuestion.Resolution] = []
        var position = tokens[start].range.lowerBound
        for index in tokens.indices where index >= start {
            guard let (meaning, consumed) = meaning(at: index) else { continue }
            text += question[position..<tokens[index].range.lowerBound] + meaning
            position = tokens[index + consumed - 1].range.upperBound
            let expression = String(question[tokens[index].range.lowerBound..<position])
            resolved.append(.init(expression: expression, meaning: meaning))
        }
        guard !resolved.isEmpty else { return nil }
        text += question[position...]
        text = text.trimmingWhitespace()
        return StandaloneQuestion(text: text.prefix(1).uppercased() + text.dropFirst(), wasRewritten: true, resolved: resolved)
    }

    /// What the words at a token stand for, and how many they are.
    private func meaning(at index: Int) -> (String, Int)? {
        let word = lower(index)
        // "How long does it take?" after "How do I rotate the keys?"
        if ["it", "that", "this"].contains(word), lower(index + 1) == "take", let action = actionOfPrevious() { return ("it take to " + action, 2) }
        switch word {
        case "it", "they", "them", "he", "him", "she":
            if isExpletive(index) { return nil }
            return antecedent(of: word).map { ($0, 1) }
        case "its", "their", "his":
            return antecedent(of: word).map { (possessive($0), 1) }
        case "her":
            let isOwner = tokens.indices.contains(index + 1) && tokens[index + 1].isContent
            return antecedent(of: word).map { (isOwner ? possessive($0) : $0, 1) }
        case "there":
            if NounPhrases.auxiliaries.contains(lower(index - 1)) || NounPhrases.auxiliaries.contains(lower(index + 1)) { return nil }
            return place().map { ("in " + $0, 1) }
        case "this", "that", "these", "those": return demonstrative(at: index)
        default: return nil
        }
    }

    /// "Is it possible", "is it true that".
    private func isExpletive(_ index: Int) -> Bool {
        lower(index) == "it" && ["possible", "necessary", "true", "allowed", "ok", "safe", "required"].contains(lower(index + 1))
            && ["to", "that"].contains(lower(index + 2))
    }

    private func demonstrative(at index: Int) -> (String, Int)? {
        if index + 1 < tokens.count, tokens[index + 1].kind == .word, tokens[index + 1].isContent, !Self.verbsAfterThat.contains(lower(index + 1)) {
            // "This option": the phrase with that head.
            let key = tokens[index + 1].key
            let match = previous.phrases.last { previous.statement.tokens[$0.tokens.upperBound - 1].key == key }
            guard let match, match.tokens.count > 1 || match.isName else { return nil }
            return (previous.text(match), 2)
        }
        let before = lower(index - 1), after = lower(index + 1)
        let stands = Self.verbsAfterThat.contains(after) || ["", "?", "."].contains(after)
            || NounPhrases.auxiliaries.contains(before) || NounPhrases.prepositions.contains(before)
        let isConjunction = index > 0 && tokens[index - 1].isContent && !["", "?", "."].contains(after)
        guard stands, !isConjunction else { return nil }
        return antecedent(of: lower(index)).map { ($0, 1) }
    }

    private static let verbsAfterThat: Set<String> = [
        "is", "was", "are", "were", "does", "did", "do", "mean", "means", "work", "works", "happen", "happens", "cost", "costs", "take", "takes", "include", "includes", "apply", "applies", "last", "lasts", "called", "made", "done", "used", "kept", "stored",
    ]

    /// The verb phrase of "How do I rotate the keys?".
    private func actionOfPrevious() -> String? {
        let words = previous.statement.tokens
        guard let subject = words.indices.first(where: { ["i", "you", "we", "one"].contains(words[$0].lower) || words[$0].lower == "to" && $0 == 1 }),
            subject > 0, subject + 1 < words.count
        else { return nil }
        var end = words.count
        while end > subject + 1, words[end - 1].kind == .sign { end -= 1 }
        return subject + 1 < end ? previous.text((subject + 1)..<end) : nil
    }

    // MARK: Antecedents

    private func antecedent(of pronoun: String) -> String? {
        let opening = previous.statement.tokens.first?.lower ?? ""
        if ["he", "him", "his", "she", "her"].contains(pronoun) {
            if opening == "who" || opening == "whose" || opening == "whom", let name = namesOfAnswer().first { return name }
            return namesOfQuestion().last ?? namesOfAnswer().first
        }
        let isPlural = ["they", "them", "their", "these", "those"].contains(pronoun)
        // "Which city hosts the fair?" asks for what "it" is from now on.
        if let asked = previous.phrases.first, asked.isAsked, !isPlural, previous.statement.tokens[0].lower != "how", let name = namesOfAnswer().first { return name }
        let known = previous.phrases.filter { !$0.isAsked || isPlural }
        if isPlural, let plural = known.first(where: { isPluralPhrase($0) }) { return previous.text(plural) }
        if !isPlural, let topic = previous.topic, !isPluralPhrase(topic) || topic.isName { return previous.text(topic) }
        if let singular = known.first(where: { isPluralPhrase($0) == isPlural }) { return previous.text(singular) }
        if let topic = previous.topic { return previous.text(topic) }
        return namesOfAnswer().first
    }

    private func isPluralPhrase(_ phrase: NounPhrases.Phrase) -> Bool {
        let head = previous.statement.tokens[phrase.tokens.upperBound - 1].lower
        return !phrase.isName && (head.hasSuffix("s") && !head.hasSuffix("ss") && !head.hasSuffix("us") && !head.hasSuffix("is") || ["people", "children", "men", "women"].contains(head))
    }

    private func namesOfQuestion() -> [String] { previous.statement.names.map { previous.text($0.tokens) } }

    /// Names of the answer that the question did not hold, then the others.
    private func namesOfAnswer() -> [String] {
        let answer = Statement(turn.answer)
        var names = answer.names.map(\.text)
        // A name that begins the answer is written large anyway: it counts if it stands before a verb.
        if let first = answer.tokens.first, first.isCapitalized, first.isContent, !(answer.names.first?.tokens.contains(0) ?? false),
            answer.tokens.count > 1, !answer.tokens[1].isCapitalized
        {
            names.insert(first.text, at: 0)
        }
        let asked = Set(previous.statement.tokens.map(\.key))
        let new = names.filter { !asked.contains(Wording.key(ofWord: $0.lowercased())) && !namesOfQuestion().contains($0) }
        return new + names.filter { !new.contains($0) }
    }

    /// What "there" means: where the answer says, or where the question asked about.
    private func place() -> String? {
        for phrase in previous.phrases.reversed() where ["in", "at", "to", "from", "near"].contains(phrase.preposition ?? "") { return previous.text(phrase) }
        let answer = NounPhrases(turn.answer)
        if let phrase = answer.phrases.first(where: { ["in", "at", "to", "near"].contains($0.preposition ?? "") }) { return answer.text(phrase) }
        return previous.topic.map(previous.text)
    }

    private func possessive(_ owner: String) -> String { owner.hasSuffix("s") ? owner + "'" : owner + "'s" }
}

extension String {
    fileprivate var withLeadingSpace: String { isEmpty ? "" : " " + self }
}
