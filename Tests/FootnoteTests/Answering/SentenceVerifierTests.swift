import Testing

import Footnote

@Suite struct SentenceVerifierTests {
    private func verifier(question: String, _ texts: [String]) -> SentenceVerifier {
        let sources = texts.enumerated().map { index, text in
            let unit = EvidenceUnit(resultIndex: index, range: SourceRange(0..<text.utf8.count), text: text)
            return SentenceVerifier.Source(unit: unit, surroundings: Terms(text).distinct)
        }
        return SentenceVerifier(
            questionTerms: Terms(question).distinct, weights: TermWeights(chunkCount: 100, frequencies: [:]), sources: sources)
    }

    private let source = "Access keys expire after 90 days and must be rotated with the keys command."

    @Test func aFaithfulSentenceIsSupported() {
        let verdict = verifier(question: "When do access keys expire?", [source]).verify("Access keys expire after 90 days.", similarities: nil)
        #expect(verdict.support == .supported)
        #expect(verdict.sources == [0])
        #expect(verdict.reasons.isEmpty)
    }

    @Test func aWrongNumberIsUnsupportedAndNamed() {
        let verdict = verifier(question: "When do access keys expire?", [source]).verify("Access keys expire after 45 days.", similarities: [0.99])
        #expect(verdict.support == .unsupported)
        #expect(verdict.reasons.contains { $0.contains("45") })
        #expect(verdict.sources.isEmpty)
    }

    @Test func aNumberSpelledOutIsTheSameNumber() {
        let verdict = verifier(question: "How long?", ["The trial lasts 10 days."]).verify("The trial lasts ten days.", similarities: nil)
        #expect(verdict.support == .supported)
    }

    @Test func aForeignNameIsUnsupported() {
        let verdict = verifier(question: "Who founded the club?", ["The club was founded by Ada Brook in the village."])
            .verify("The club was founded by Tom Reed in the village.", similarities: [0.95])
        #expect(verdict.support == .unsupported)
    }

    @Test func aDenialOfTheSourceIsNotSupported() {
        let verdict = verifier(question: "Are dogs allowed?", ["Dogs are not allowed in the reading room."])
            .verify("Dogs are allowed in the reading room.", similarities: [0.97])
        #expect(verdict.support != .supported)
        #expect(verdict.reasons.contains { $0.contains("negation") })
    }

    @Test func repeatingTheQuestionDoesNotCarryAnInvention() {
        let verdict = verifier(question: "What colour is the service vehicle of the rescue team?", ["The service vehicle of the rescue team is kept in the valley garage."])
            .verify("The service vehicle of the rescue team is purple.", similarities: [0.8])
        #expect(verdict.support != .supported)
    }

    @Test func aSentenceOverTwoSourcesCitesBoth() {
        let verdict = verifier(question: "When is the library open?", ["The library opens at nine in the morning.", "On Saturdays the café closes at noon."])
            .verify("The library opens at nine in the morning and the café closes at noon on Saturdays.", similarities: nil)
        #expect(Set(verdict.sources) == [0, 1])
        #expect(verdict.support == .supported)
    }

    @Test func somethingElseIsUnsupported() {
        let verdict = verifier(question: "When do keys expire?", [source]).verify("Paris is a lovely city in spring.", similarities: [0.1])
        #expect(verdict.support == .unsupported)
    }

    @Test func chineseIsComparedByBigrams() {
        let verifier = verifier(question: "博物馆几点开门？", ["博物馆每天上午九点开门，下午五点闭馆。"])
        #expect(verifier.verify("博物馆每天上午九点开门。", similarities: nil).support == .supported)
        #expect(verifier.verify("博物馆提供免费停车服务。", similarities: nil).support != .supported)
    }
}
