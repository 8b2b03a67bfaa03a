import Testing

import TransformerCore

@Suite struct StopSequenceTests {
    private func run(_ pieces: [String], stops: [String]) -> (shown: [String], stopped: Bool) {
        var matcher = StopSequenceMatcher(stops)
        var shown: [String] = []
        for piece in pieces {
            let (text, stopped) = matcher.append(piece)
            shown.append(text)
            if stopped { return (shown, true) }
        }
        return (shown + [matcher.finish()], false)
    }

    @Test func letsEverythingThroughWithoutStops() {
        #expect(run(["a", "b"], stops: []).shown == ["a", "b", ""])
        #expect(run(["a", "b"], stops: [""]).shown == ["a", "b", ""])
    }

    @Test func findsAcrossPieces() {
        #expect(run(["Hello EN", "D of", " it"], stops: ["END"]).shown == ["Hello ", ""])
        #expect(run(["x", "E", "N", "D"], stops: ["END"]).stopped)
        #expect(run(["x E", "N", "O"], stops: ["END"]).shown == ["x ", "", "ENO", ""])
        #expect(run(["aaa", "ab"], stops: ["aab"]).shown == ["a", "a"])
    }

    @Test func takesTheEarliest() {
        #expect(run(["one two three"], stops: ["three", "two"]).shown == ["one "])
    }

    @Test func returnsWhatWasHeldBack() {
        let (shown, stopped) = run(["the EN"], stops: ["END"])
        #expect(shown == ["the ", "EN"])
        #expect(!stopped)
    }

    @Test func cutsBetweenCharactersOnly() {
        // 知 and 矆 share their first two bytes.
        #expect(run(["知", "识库"], stops: ["识库"]).shown == ["知", ""])
        #expect(run(["矆"], stops: ["知识"]).shown == ["矆", ""])
    }

    @Test func everyCutGivesTheSameText() {
        let text = "Answer: yes.\n\nSources: a, b"
        for first in 0...text.count {
            for second in first...text.count {
                let pieces = [
                    text.prefix(first), text.dropFirst(first).prefix(second - first), text.dropFirst(second),
                ].map(String.init)
                let (shown, stopped) = run(pieces, stops: ["\n\nSources", "zzz"])
                #expect(shown.joined() == "Answer: yes.")
                #expect(stopped)
            }
        }
    }
}
