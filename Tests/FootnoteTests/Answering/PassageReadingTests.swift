import Foundation
import Testing

import Footnote

@Suite struct PassageReadingTests {
    private let text = "It cost $1,200 (about 5%) in Port-au-Prince, i.e. far away."

    private func grown(_ words: String) -> String? {
        guard let found = text.range(of: words) else { return nil }
        let lower = text.utf8.distance(from: text.startIndex, to: found.lowerBound)
        let range = AnswerSpan(range: lower..<lower + words.utf8.count, logProbability: 0).wholeWords(of: text)
        return text[SourceRange(range)].map(String.init)
    }

    @Test func spansGrowToWholeWordsWithTheirSigns() {
        #expect(grown("1,2") == "$1,200")
        #expect(grown("5") == "5%")
        #expect(grown("Por") == "Port-au-Prince" || grown("Por") == "Port")
        #expect(grown("way.") == "away")
        #expect(grown("i.e.") == "i.e.")
    }

    @Test func theBestSpanAgreesWithTryingAll() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            let count = Int.random(in: 1...60, using: &random)
            let tokens = (0..<count).map {
                PassageReading.Token(
                    range: $0 * 3..<$0 * 3 + 2, begin: .random(in: -9...0, using: &random), end: .random(in: -9...0, using: &random))
            }
            let reading = PassageReading(answers: 0, tokens: tokens)
            let part = 0..<Int.random(in: 0...count * 3, using: &random)
            var best = -Double.infinity
            for i in tokens.indices {
                for j in i..<min(count, i + PassageReading.longestAnswer) where tokens[j].range.upperBound <= part.upperBound {
                    best = max(best, tokens[i].begin + tokens[j].end)
                }
            }
            #expect(reading.bestSpan(within: part)?.logProbability ?? -.infinity == best)
        }
    }
}
