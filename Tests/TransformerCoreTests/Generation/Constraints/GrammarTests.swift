import Testing

import TransformerCore

@Suite struct GrammarTests {
    private static let grammars = [
        "root ::= \"a\" (\"b\" | \"c\" root)? \"d\"*",
        "root ::= \"(\" root \")\" | [xyz]{2,3}",
        // Ambiguous, and right-recursive.
        "root ::= item (\",\" root)? \nitem ::= [ab]+ | \"a\" item | \"\"",
        // Characters of one to four bytes, some with the same beginnings.
        "root ::= [é-ëß€\\u20AD\\U0001F600-\\U0001F602a]{0,4} \"é\"",
        "root ::= ([^b-\\U0010FFFF\\x00-\\x60]? \"b\")* # a comment\n",
        "root ::=\n  pair |\n  \"<\" root \">\"\npair ::= \"x\" pair \"y\" |",
    ]
    private static let pieces = [
        "a", "b", "c", "d", "(", ")", "x", "y", "z", ",", "<", ">", "ab", "cab", "((", "))", "xyz", "x)", "y>", "aa", "a,",
        ",a", "é", "ë", "ß", "€", "éé", "xx", "yy", "yyy>", "é€", "ad", "<<x", "bb",
    ]

    /// At each step of random walks, what is allowed is what trying all finds.
    @Test(arguments: grammars.indices) func walks(index: Int) throws {
        let definition = try GrammarParser.parse(Self.grammars[index])
        let grammar = try Grammar(definition)
        let naive = NaiveGrammar(definition: definition)
        let bytes = Set(Self.pieces.flatMap(\.utf8) + Array("😀".utf8)).sorted().map { [$0] }
        let tokenizer = PieceTokenizer(bytes + Self.pieces.filter { $0.utf8.count > 1 }.map { Array($0.utf8) })
        let vocabulary = TokenVocabulary(tokenizer)
        var random = TestRandom(seed: UInt64(index))
        var (steps, ends) = (0, 0)
        for _ in 0..<100 {
            var constraint = GrammarConstraint(grammar, vocabulary: vocabulary)
            var text: [UInt8] = []
            for _ in 0..<16 {
                let allowed = try constraint.allowedTokens()
                let actual = (0..<Int32(tokenizer.vocabularyCount)).filter(allowed.contains)
                let expected = (0..<Int32(tokenizer.vocabularyCount)).filter { id in
                    if id == tokenizer.endID { return naive.isComplete(text) }
                    let bytes = tokenizer.bytes(of: id)
                    return !bytes.isEmpty && naive.isViable(text + bytes)
                }
                try #require(actual == expected, "after \(String(decoding: text, as: UTF8.self).debugDescription)")
                #expect(allowed == (try constraint.allTokensTried()))
                steps += 1
                guard let id = actual.randomElement(using: &random), id != tokenizer.endID else { break }
                try constraint.accept(id)
                text += tokenizer.bytes(of: id)
            }
            if naive.isComplete(text) { ends += 1 }
        }
        #expect(steps > 200 && ends > 3, "\(steps) steps, \(ends) ends")
    }

    /// With as many tokens left as the shortest text has bytes, every walk comes to an end.
    @Test(arguments: grammars.indices) func endsInTime(index: Int) throws {
        let grammar = try Grammar(gbnf: Self.grammars[index])
        let bytes = Set(Self.pieces.flatMap(\.utf8) + Array("😀\u{20AD}".utf8)).sorted().map { [$0] }
        let tokenizer = PieceTokenizer(bytes + Self.pieces.filter { $0.utf8.count > 1 }.map { Array($0.utf8) })
        let vocabulary = TokenVocabulary(tokenizer)
        var random = TestRandom(seed: 40 + UInt64(index))
        for _ in 0..<200 {
            var constraint = GrammarConstraint(grammar, vocabulary: vocabulary)
            var text: [UInt8] = []
            for remaining in stride(from: Int.random(in: 4...30, using: &random), through: 0, by: -1) {
                guard remaining > 0 else { break }
                let allowed = try constraint.allowedTokens(remaining: remaining)
                let ids = (0..<Int32(tokenizer.vocabularyCount)).filter { allowed.contains($0) && $0 != tokenizer.endID }
                guard let id = ids.randomElement(using: &random) else { break }
                try constraint.accept(id)
                text += tokenizer.bytes(of: id)
            }
            #expect(try grammar.matches(String(decoding: text, as: UTF8.self)), "\(String(decoding: text, as: UTF8.self))")
        }
    }

    /// Texts as deep as the limit, and no deeper.
    @Test func depthIsLimited() throws {
        var limits = GrammarLimits()
        limits.depth = 40
        let grammar = try Grammar(gbnf: "root ::= \"(\" root \")\" | \"x\"", limits: limits)
        func nested(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + "x" + String(repeating: ")", count: depth)
        }
        for depth in [0, 5, 39, 40] { #expect(try grammar.matches(nested(depth))) }
        #expect(try !grammar.matches(nested(41)))
        let vocabulary = TokenVocabulary(PieceTokenizer(["(", ")", "x", "((((", "))"].map { Array($0.utf8) }))
        var constraint = GrammarConstraint(grammar, vocabulary: vocabulary)
        for _ in 0..<60 {
            let allowed = try constraint.allowedTokens()
            #expect(allowed == (try constraint.allTokensTried()) && !allowed.isEmpty)
            guard let id = [Int32(3), 0].first(where: allowed.contains) else { break }
            try constraint.accept(id)
        }
        #expect(try !constraint.allowedTokens().contains(0) && constraint.allowedTokens().contains(2))
    }

    /// A rule that calls itself at its end needs no stack.
    @Test func endRecursionIsNotLimited() throws {
        var limits = GrammarLimits()
        limits.depth = 10
        let grammar = try Grammar(gbnf: "root ::= \"a\" root | \"b\"", limits: limits)
        #expect(try grammar.matches(String(repeating: "a", count: 5000) + "b"))
    }

    /// What was kept is thrown away when there is too much of it; texts in progress do not notice.
    @Test func forgetsAndFindsAgain() throws {
        let grammar = try Grammar(gbnf: "root ::= \"(\" root \")\" | [a-z]{0,6000}")
        let tokenizer = PieceTokenizer(["(", ")", "a", "aa"].map { Array($0.utf8) })
        let vocabulary = TokenVocabulary(tokenizer)
        var constraint = GrammarConstraint(grammar, vocabulary: vocabulary)
        for id in [Int32(0), 0, 2] { try constraint.accept(id) }
        for depth in 0..<4 {
            _ = try grammar.matches(String(repeating: "(", count: depth) + String(repeating: "q", count: 5900))
        }
        for id in [Int32(3), 1, 1] {
            #expect(try constraint.allowedTokens().contains(id))
            try constraint.accept(id)
        }
        let allowed = try constraint.allowedTokens()
        #expect((0..<6).filter { allowed.contains($0) } == [tokenizer.endID])
    }

    @Test func refusesWhatNeverEnds() {
        func error(_ text: String) -> GrammarError? {
            do { _ = try Grammar(gbnf: text) } catch { return error }
            return nil
        }
        #expect(error("root ::= \"a\" root") == .neverEnds(rule: "root"))
        #expect(error("root ::= \"x\" | other\nother ::= \"(\" other \")\"") == .neverEnds(rule: "other"))
        #expect(error("root ::= root \"a\" | \"b\"") == .leftRecursion(rules: ["root"]))
        #expect(error("root ::= b\nb ::= c* root | \"x\"\nc ::= \"c\"") == .leftRecursion(rules: ["root", "b"]))
        #expect(error("root ::= (root | \"x\")") == .leftRecursion(rules: ["root"]))
        #expect(error("root ::= [a-z]{1,90000} [a-z]{1,90000} [a-z]{1,90000}") == .tooManyStates(limit: 200_000))
        #expect(error("root ::= ((((\"\"){1000}){1000}){1000}){1000}") == .tooManyStates(limit: 200_000))
        #expect(error("root ::= " + String(repeating: "(", count: 300)) == .nestedTooDeeply(limit: 200))
        #expect(error("root ::= \"a\"" + String(repeating: "*", count: 300)) == .nestedTooDeeply(limit: 200))
        let chain = (0..<600).map { "r\($0) ::= \"a\" r\($0 + 1) \"b\"\n" }.joined() + "r600 ::= \"x\"\nroot ::= r0 \"c\""
        #expect(error(chain) == .tooDeep(rule: "root", limit: 512))
        // Repetitions of nothing end.
        #expect(error("root ::= ((\"\")* \"\")* \"a\"") == nil)
    }

    @Test func refusesManyReadings() throws {
        let grammar = try Grammar(gbnf: "root ::= \"a\" root \"b\" | \"a\" root \"c\" | \"x\"")
        #expect(throws: GenerationError.self) { try grammar.matches(String(repeating: "a", count: 40)) }
    }

    @Test func saysWhereAGrammarIsWrong() {
        func error(_ text: String) -> GrammarError? {
            do { _ = try Grammar(gbnf: text) } catch { return error }
            return nil
        }
        #expect(error("") == .missingRule(name: "root"))
        #expect(error("root ::= other") == .missingRule(name: "other"))
        #expect(error("root ::= \"a\"\nroot ::= \"b\"") == .duplicateRule(name: "root"))
        for (text, line, column) in [
            ("root = \"a\"", 1, 6), ("root ::= \"a", 1, 10), ("root ::= [a", 1, 10), ("root ::= (\"a\"", 1, 14),
            ("root ::= \"a\"\nx ::= \"\\q\"", 2, 9), ("root ::= [z-a]", 1, 14), ("root ::= \"a\"{3,2}", 1, 17),
            ("root ::= \"a\"{,2}", 1, 14), ("root ::= \"\\ud800\"", 1, 12), ("root ::= \"a\" )", 1, 14), ("*", 1, 1),
            ("root ::= \"a\"{1,999999999999999999999}", 1, 21), ("root ::= [^\\x00-\\U0010FFFF]", 1, 28),
        ] {
            guard case .syntax(let foundLine, let foundColumn, _) = error(text) else {
                Issue.record("\(text): \(String(describing: error(text)))")
                continue
            }
            #expect((foundLine, foundColumn) == (line, column), "\(text)")
        }
    }

    /// Random bytes are refused or read, and never more.
    @Test func survivesDamage() throws {
        var random = TestRandom(seed: 9)
        for _ in 0..<3000 {
            var bytes = Array(Self.grammars.randomElement(using: &random)!.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = Array("()[]{}|*+?\"\\^-:= \n#a0\u{7F}".utf8).randomElement(using: &random)!
            }
            guard let grammar = try? Grammar(gbnf: String(decoding: bytes, as: UTF8.self)) else { continue }
            _ = try? grammar.matches("ab(c)xyz")
        }
    }
}
