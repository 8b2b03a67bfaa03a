import Testing

import TransformerCore

/// Constraints against their naive twins: at each step of random walks the allowed tokens are those that the twin finds
/// by trying all.
@Suite struct ConstraintTests {
    private static let texts = [
        "the key is 1,000 bits - don't cut it.", "a \"b c\" d e, the keys (f)", "re-use: ab\n ab ba", "q",
        "x “y z” w 3.5 is", "the key is 12 - well",
    ]
    private static let extra = [
        "[", "]", "[1", "1]", "] [", "[2,", ", ", "[1]", "[9", "0", " [", "[ ", "[]", "10", "\"", " \"", "\" ", "\"\"",
        "“", "”", " “the", "” ", ".”", ".\"", "\".", "\"the", "key\" \"re", "e” “", "\n", "e\" [", "–", "don't\"",
    ]

    private func walk(
        _ constraint: OutputConstraint, _ naive: any NaiveConstraint, seed: UInt64, walks: Int
    ) throws -> (steps: Int, ends: Int) {
        let tokenizer = PieceTokenizer(cutFrom: Self.texts, extra: Self.extra, pieces: 40, seed: seed)
        let vocabulary = TokenVocabulary(tokenizer)
        var random = TestRandom(seed: seed)
        var (steps, ends) = (0, 0)
        for _ in 0..<walks {
            var state = constraint.makeConstraint(vocabulary)
            var text: [UInt8] = []
            for _ in 0..<20 {
                let allowed = try state.allowedTokens()
                let expected = (0..<Int32(tokenizer.vocabularyCount)).filter { id in
                    if id == tokenizer.endID { return naive.isComplete(text) }
                    let bytes = tokenizer.bytes(of: id)
                    return !bytes.isEmpty && naive.isViable(text + bytes)
                }
                let actual = (0..<Int32(tokenizer.vocabularyCount)).filter(allowed.contains)
                try #require(actual == expected, "after \(String(decoding: text, as: UTF8.self).debugDescription)")
                steps += 1
                // Half of the steps lead to what is seldom allowed.
                let rare = actual.filter { tokenizer.bytes(of: $0).contains { [0x22, 0x5B, 0xE2, 0x30, 0x31].contains($0) } }
                let choice = Bool.random(using: &random) && !rare.isEmpty ? rare : actual
                guard let id = choice.randomElement(using: &random), id != tokenizer.endID else { break }
                try state.accept(id)
                text += tokenizer.bytes(of: id)
            }
            if naive.isComplete(text) { ends += 1 }
        }
        return (steps, ends)
    }

    @Test(arguments: [0, 1, 3, 12, 105]) func markers(count: Int) throws {
        let (steps, ends) = try walk(
            .sourceMarkers(count: count), NaiveMarkers(count: count), seed: UInt64(count), walks: 150)
        #expect(steps > 1000 && ends > 50)
    }

    @Test(arguments: [QuotingRules.Mode.anywhere, .only, .bare], [1, 2, 4])
    func quotes(mode: QuotingRules.Mode, minimumWords: Int) throws {
        let rules = QuotingRules(sources: Self.texts, minimumWords: minimumWords, mode: mode)
        let (steps, ends) = try walk(.quotes(rules), NaiveQuotes(rules), seed: 31 + UInt64(minimumWords), walks: 120)
        #expect(steps > 500 && ends > 10, "\(steps) steps, \(ends) ends")
    }

    @Test func nothingToQuote() throws {
        for sources in [[], [""], [" \n"], ["one two"]] as [[String]] {
            for mode in [QuotingRules.Mode.anywhere, .only, .bare] {
                let rules = QuotingRules(sources: sources, minimumWords: 3, mode: mode)
                _ = try walk(.quotes(rules), NothingQuoted(mode: mode), seed: 5, walks: 10)
            }
        }
    }

    /// Text without an opening mark, and no text where all of it must be quoted.
    private struct NothingQuoted: NaiveConstraint {
        let mode: QuotingRules.Mode

        func isViable(_ text: [UInt8]) -> Bool {
            mode == .anywhere && !text.contains(0x22)
                && !text.indices.contains { text[$0...].starts(with: [0xE2, 0x80, 0x9C]) }
        }

        func isComplete(_ text: [UInt8]) -> Bool { mode == .anywhere }
    }

    @Test func ideographsAreWords() throws {
        let source = "知识库。它有1,000条记录"
        let tokenizer = PieceTokenizer(Set(source.utf8).union(Array("“”".utf8)).sorted().map { [$0] })
        let vocabulary = TokenVocabulary(tokenizer)
        func accepts(_ text: String, minimumWords: Int) throws -> Bool {
            let rules = QuotingRules(sources: [source], minimumWords: minimumWords)
            var state = OutputConstraint.quotes(rules).makeConstraint(vocabulary)
            for id in tokenizer.encode(text) {
                guard try state.allowedTokens().contains(id) else { return false }
                try state.accept(id)
            }
            return try state.allowedTokens().contains(tokenizer.endID)
        }
        #expect(try accepts("“知识”", minimumWords: 2))
        #expect(try accepts("“识库。”", minimumWords: 2))
        #expect(try !accepts("“知识”", minimumWords: 3))
        #expect(try accepts("“有1,000条”", minimumWords: 3))
        #expect(try !accepts("“有1”", minimumWords: 1))
        #expect(try !accepts("“00条”", minimumWords: 1))
        #expect(try !accepts("“知库”", minimumWords: 1))
    }
}
