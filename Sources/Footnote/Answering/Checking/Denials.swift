/// What a statement denies: words that turn round what follows them ("not", "unable to", "except").
struct Denials {
    struct Denial {
        var token: Int
        /// The word that is denied.
        var target: Int
    }

    let statement: Statement
    let denials: [Denial]
    /// Denied targets, as token indices.
    let targets: Set<Int>

    init(_ statement: Statement) {
        self.statement = statement
        let tokens = statement.tokens
        denials = tokens.indices.compactMap { index in
            guard Self.isDenial(tokens, index), let target = Self.target(of: index, in: statement) else { return nil }
            return Denial(token: index, target: target)
        }
        // Twice denied is affirmed.
        var targets: Set<Int> = []
        for denial in denials { targets.formSymmetricDifference([denial.target]) }
        self.targets = targets
    }

    var hasException: Bool { statement.tokens.contains { $0.isOne(of: Self.exceptions) } }
    var isUniversal: Bool { statement.tokens.contains { $0.isOne(of: ["all", "every", "everyone", "everybody", "everything", "always", "any", "each"]) } }
    var isExclusive: Bool {
        statement.tokens.indices.contains { index in
            let isOnly = statement.tokens[index].isOne(of: ["only", "solely", "exclusively", "merely"])
            return isOnly && !(index > 0 && statement.tokens[index - 1].lower == "not")
        } || statement.text.contains("只有") || statement.text.contains("仅")
    }

    private static func isDenial(_ tokens: [StatementToken], _ index: Int) -> Bool {
        let word = tokens[index].lower
        let next = index + 1 < tokens.count ? tokens[index + 1].lower : ""
        let afterNext = index + 2 < tokens.count ? tokens[index + 2].lower : ""
        if word == "not" || word.hasSuffix("n't") || word == "cannot" {
            // "Not only", "not until nine" and "no more than ten" affirm.
            return !["only", "just", "merely", "more", "less", "fewer", "exceed", "exceeding"].contains(next) && !tokens[index...].prefix(7).contains { $0.lower == "until" }
        }
        if word == "no" { return !["more", "less", "fewer", "later", "earlier", "doubt", "one"].contains(next) || next == "longer" || (next == "more" && afterNext != "than") }
        return words.contains(word) || exceptions.contains(word) || refusals.contains(tokens[index].key) && next == "to"
    }

    /// The first word that means something behind the denial, else the last one before it.
    private static func target(of index: Int, in statement: Statement) -> Int? {
        let tokens = statement.tokens
        let clause = statement.clause(of: index)
        let isTarget = { (place: Int) in
            tokens[place].kind == .word && tokens[place].isContent && !empty.contains(tokens[place].lower) && !(tokens[place].lower.hasSuffix("ly") && tokens[place].lower.count > 5)
        }
        return ((index + 1)..<max(index + 1, clause.upperBound)).first(where: isTarget)
            ?? (clause.lowerBound..<index).last(where: isTarget)
    }

    static let exceptions: Set<String> = ["except", "excluding", "excepting"]
    private static let words: Set<String> = [
        "never", "none", "nothing", "nobody", "neither", "nor", "without", "unable", "hardly", "impossible", "lack", "lacks",
        "lacked", "lacking",
    ]
    private static let refusals: Set<String> = Set(["fail", "refuse", "decline", "forget", "neglect"].map { Wording.key(ofWord: $0) })
    private static let empty: Set<String> = ["longer", "yet", "ever", "possible", "need", "usual", "necessary", "else"]
}

extension Denials {
    /// Why a sentence and its source differ in what they deny; `nil` when they do not.
    func conflict(with source: Denials) -> String? {
        if isExclusive, !source.isExclusive { return "the source does not say that it is the only one" }
        if source.hasException, isUniversal, !hasException { return "the source names an exception" }
        for clause in statement.clauses {
            if let word = conflict(in: clause, with: source) { return "source and sentence differ in negation: " + word }
        }
        return nil
    }

    private func conflict(in clause: Range<Int>, with source: Denials) -> String? {
        var onlyHere: [String] = [], onlyThere: [String] = []
        var denialsElsewhere = 0
        for index in clause where statement.tokens[index].kind == .word && statement.tokens[index].isContent {
            let token = statement.tokens[index]
            let isDenied = targets.contains(index)
            guard let isDeniedThere = source.polarity(of: token, near: clause, of: statement) else {
                if isDenied, !source.affirmsOpposite(of: token), source.denials.isEmpty { onlyHere.append(token.text) }
                if isDenied { denialsElsewhere += 1 }
                continue
            }
            if isDenied, !isDeniedThere { onlyHere.append(token.text) }
            if !isDenied, isDeniedThere { onlyThere.append(token.text) }
        }
        // A denial that stands on another word of the clause denies the same: "no watering needed", "need not be watered".
        if !onlyHere.isEmpty, !onlyThere.isEmpty { return nil }
        if !onlyThere.isEmpty, denialsElsewhere > 0 { return nil }
        return onlyHere.first ?? onlyThere.first
    }

    /// Whether the source denies a word; `nil` when it does not hold it. Where it does both, the clause that shares most
    /// words decides.
    private func polarity(of token: StatementToken, near clause: Range<Int>, of sentence: Statement) -> Bool? {
        let places = statement.tokens.indices.filter { statement.tokens[$0].key == token.key && statement.tokens[$0].kind == .word }
        guard let first = places.first else { return nil }
        let polarities = Set(places.map(targets.contains))
        if polarities.count == 1 { return polarities.contains(true) }
        let words = Set(clause.filter { sentence.tokens[$0].isContent }.map { sentence.tokens[$0].key })
        let best = places.max { shared($0, words) < shared($1, words) } ?? first
        return targets.contains(best)
    }

    private func shared(_ place: Int, _ words: Set<String>) -> Int {
        Set(statement.clause(of: place).map { statement.tokens[$0].key }).intersection(words).count
    }

    /// Whether the opposite of a word is stated: the source says "forbidden" where the sentence says "not allowed".
    func affirmsOpposite(of token: StatementToken) -> Bool {
        statement.tokens.indices.contains { Opposites.areOpposite(statement.tokens[$0], token) && !targets.contains($0) }
    }
}
