import Footnote

/// One line of `ask --json --stream`.
struct AskEventJSON: Encodable {
    /// `retrieved`, `facts`, `text`, `sentence` or `finished`.
    var event: String
    var results: [SearchResultJSON]?
    var facts: [AnswerJSON.Fact]?
    var text: String?
    var sentence: AnswerJSON.Sentence?
    var answer: AnswerJSON?

    init(_ event: AskEvent) {
        switch event {
        case .retrieved(let results):
            self.event = "retrieved"
            self.results = SearchResultJSON.list(results)
        case .facts(let facts):
            self.event = "facts"
            self.facts = facts.map(AnswerJSON.Fact.init)
        case .text(let text):
            self.event = "text"
            self.text = text
        case .sentence(let sentence):
            self.event = "sentence"
            self.sentence = AnswerJSON.Sentence(sentence)
        case .finished(let answer):
            self.event = "finished"
            self.answer = AnswerJSON(answer)
        }
    }
}
