import Testing

import Footnote

@Suite struct TermsTests {
    @Test(arguments: [
        ("rotated", "rotates"), ("rotation", "rotate"), ("keys", "key"), ("policies", "policy"), ("backups", "backup"),
        ("running", "runs"), ("expires", "expire"), ("matches", "match"),
    ])
    func inflectionsMeet(_ a: String, _ b: String) {
        #expect(Terms.stem(a) == Terms.stem(b))
    }

    @Test(arguments: [("union", "unit"), ("business", "busy"), ("news", "newt"), ("process", "procession")])
    func differentWordsStayApart(_ a: String, _ b: String) {
        #expect(Terms.stem(a) != Terms.stem(b))
    }

    @Test func functionWordsAreLeftOut() {
        #expect(Terms("What is the size of the cache?").all == ["siz", "cach"])
    }

    @Test func numbersAndDecimalsStayWhole() {
        #expect(Terms("It costs 1,500.25 per year.").distinct.contains("1,500.25"))
    }

    @Test func scriptsWithoutSpacesGiveBigrams() {
        #expect(Terms("知识库检索").all == ["知识", "识库", "库检", "检索"])
        #expect(Terms("茶").all == ["茶"])
        #expect(Terms("用 Swift 编写").distinct.isSuperset(of: ["swift", "编写"]))
    }

    @Test(arguments: ["California's", "California’s", "CALIFORNIA'S"])
    func possessivesNameTheSame(_ word: String) {
        let terms = Terms("\(word) coast")
        #expect(terms.distinct == Terms("the coast of California").distinct)
        #expect(terms.words["california"]?.lowercased() == "california")
        #expect(Terms("It's what's here").all.isEmpty)
    }

    @Test func diacriticsAndCaseAreFolded() {
        #expect(Terms("Café").distinct == Terms("CAFE").distinct)
    }
}

@Suite struct FactsTests {
    @Test func numbersHaveOneSpelling() {
        #expect(Facts("It takes 1,000 days").numbers == Facts("It takes 1000 days").numbers)
        #expect(Facts("ten people").numbers == ["10"])
        #expect(Facts("3.50 euros").numbers == ["3.5"])
        #expect(Facts("on the 3rd of May in the 1990s").numbers == ["3", "1990"])
    }

    @Test func namesAreTheWordsThatAreSpelledAsNames() {
        let facts = Facts("The server uses AES-256 and was built in Geneva by nobody.")
        #expect(facts.names.isSuperset(of: ["aes-256", "geneva"]))
        #expect(!facts.names.contains("the"))
    }

    @Test(arguments: ["It is not allowed.", "You can't do that.", "Never store keys.", "不得携带食物。", "没有停车场。"])
    func negationIsSeen(_ text: String) {
        #expect(Facts(text).isNegated)
    }

    @Test func plainStatementsAreNotNegated() {
        #expect(!Facts("Keys are stored in a note.").isNegated)
    }
}

@Suite struct DraftSentencesTests {
    @Test func markersAreReadAndRemoved() {
        #expect(DraftSentences.parse("It lasts 90 days [1].") == .init(text: "It lasts 90 days.", markers: [1]))
        #expect(DraftSentences.parse("A [1][2] b [3, 4]") == .init(text: "A b", markers: [1, 2, 3, 4]))
        #expect(DraftSentences.parse("array[i] and [link]") == .init(text: "array[i] and [link]", markers: []))
        #expect(DraftSentences.parse("[99999999999999999999]").text == "[99999999999999999999]")
    }

    @Test func sentencesComeOutWhenTheNextBegins() {
        var draft = DraftSentences()
        var seen: [DraftSentences.Sentence] = []
        for piece in ["Keys ro", "tate every 90", " days. ", "[1", "] The old", " key stays", " valid.", " [2]"] {
            seen += draft.append(piece)
        }
        #expect(seen == [.init(text: "Keys rotate every 90 days.", markers: [1])])
        #expect(draft.finish() == [.init(text: "The old key stays valid.", markers: [2])])
    }

    @Test func nothingIsLostOfAnUnfinishedDraft() {
        var draft = DraftSentences()
        #expect(draft.append("It is because").isEmpty)
        #expect(draft.finish().map(\.text) == ["It is because"])
        #expect(draft.finish().isEmpty)
    }
}
