/// What two ways of writing one thing have in common: irregular forms and the closest synonyms are one key.
///
/// The list is short on purpose. Each entry lets a sentence through that uses the other word, so only words stand here
/// that can be exchanged in nearly every sentence.
enum Wording {
    /// Key of a lower-case word.
    static func key(ofWord word: String) -> String {
        if let base = irregular[word] { return canonical(Terms.stem(base)) }
        return canonical(Terms.stem(word))
    }

    /// Key of a term as `Terms` makes it.
    static func key(ofTerm term: String) -> String { irregularTerms[term] ?? canonical(term) }

    private static func canonical(_ stem: String) -> String { synonyms[stem] ?? stem }

    static func isFunctionWord(_ lower: String) -> Bool {
        Terms.normalized(lower[...]) == nil || alsoEmpty.contains(lower)
    }

    /// Whether a term of `Terms` states nothing here: denials are compared on their own.
    static func isEmpty(term: String) -> Bool { emptyTerms.contains(term) }

    private static let emptyTerms = Set(alsoEmpty.map(Terms.stem))

    /// Words that `Terms` keeps for searching and that state nothing here.
    private static let alsoEmpty: Set<String> = [
        "able", "not", "no", "cannot", "can't", "don't", "doesn't", "didn't", "isn't", "aren't", "wasn't", "weren't", "won't",
        "unable", "only", "every", "each", "both", "more", "less", "most", "least", "very", "over", "under", "up", "down",
        "between", "during", "while", "because", "through", "per", "upon", "onto", "off", "out", "again", "there's", "one",
    ]

    private static let irregular: [String: String] = {
        let forms = """
            pay paid|sell sold|build built|teach taught|buy bought|bring brought|think thought|find found|make made
            take took taken|give gave given|write wrote written|speak spoke spoken|break broke broken|rise rose risen
            fall fell fallen|grow grew grown|know knew known|see saw seen|go went gone goes|come came|begin began begun
            run ran|win won|lose lost|send sent|spend spent|keep kept|leave left|lead led|hold held|stand stood
            tell told|say said|get got gotten|meet met|feed fed|eat ate eaten|drive drove driven|fly flew flown
            draw drew drawn|choose chose chosen|steal stole stolen|forbid forbade forbidden|show shown|hide hid hidden
            catch caught|fight fought|seek sought|sink sank sunk|sing sang sung|swim swam swum|lie lay lain|lay laid
            child children|man men|woman women|person people|foot feet|tooth teeth|mouse mice|life lives|half halves
            """
        var table: [String: String] = [:]
        for group in forms.split(whereSeparator: { $0 == "|" || $0 == "\n" }) {
            let words = group.split(separator: " ").map(String.init)
            for word in words.dropFirst() { table[word] = words[0] }
        }
        // Ambiguous with other words that are commoner in documents.
        for word in ["left", "found", "lay", "saw", "lives"] { table[word] = nil }
        return table
    }()

    private static let irregularTerms: [String: String] = {
        var table: [String: String] = [:]
        for (form, base) in irregular { table[Terms.stem(form)] = canonical(Terms.stem(base)) }
        return table
    }()

    private static let synonyms: [String: String] = {
        let groups = """
            begin start commence|end finish conclude|buy purchase|allow permit|prohibit forbid ban|big large
            small little|rapid fast quick|delete erase remove|show display|help assist|near close-by|car automobile
            movie film|shop store|physician doctor|yearly annual|monthly month|daily day|kilometer kilometre|meter metre
            center centre|color colour|liter litre|require need|use utilize utilise|get obtain receive|keep retain
            contain hold|reside live|inhabitant resident|children child|older old|choose select|fix repair|happen occur
            """
        var table: [String: String] = [:]
        for group in groups.split(whereSeparator: { $0 == "|" || $0 == "\n" }) {
            let words = group.split(separator: " ").map { Terms.stem(String($0)) }
            for word in words.dropFirst() { table[word] = words[0] }
        }
        return table
    }()
}
