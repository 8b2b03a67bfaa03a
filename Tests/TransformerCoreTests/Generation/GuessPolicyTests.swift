import Testing

import TransformerCore

@Suite struct GuessPolicyTests {
    @Test func longMatchesAndCheapRowsAreWorthMore() {
        var policy = GuessPolicy()
        policy.rowCost = 0.3
        let counts = [1, 2, 3, 5, 9].map { policy.count(match: $0, atMost: 7) }
        #expect(counts == counts.sorted() && counts[0] == 0 && counts[4] > 2)
        policy.rowCost = 0.1
        #expect(policy.count(match: 3, atMost: 7) > counts[2])
        policy.rowCost = 1.1
        #expect(policy.count(match: 9, atMost: 7) == 0)
        #expect(GuessPolicy(quotes: true).count(match: 2, atMost: 7) > GuessPolicy().count(match: 2, atMost: 7))
        #expect(GuessPolicy(quotes: true).count(match: 9, atMost: 3) == 3)
    }

    @Test func missesMakeItCautiousAndHitsBold() {
        var (unlucky, lucky) = (GuessPolicy(), GuessPolicy())
        for _ in 0..<30 {
            unlucky.learn(match: 9, guessed: 4, right: 0)
            lucky.learn(match: 1, guessed: 4, right: 4)
        }
        #expect(unlucky.count(match: 9, atMost: 7) == 0)
        #expect(lucky.count(match: 1, atMost: 7) == 7)
        #expect(unlucky.count(match: 3, atMost: 7) == GuessPolicy().count(match: 3, atMost: 7))
    }

    /// Whatever count it names, no other is worth more.
    @Test func theBestCountIsChosen() {
        for cost in stride(from: 0.05, to: 0.9, by: 0.05) {
            var policy = GuessPolicy()
            policy.rowCost = cost
            policy.learn(match: 9, guessed: 1, right: 1)
            let chance = (0.9 * 6 + 1) / 7  // one more try, and right
            func rate(_ count: Int) -> Double {
                (1 - (0...count).reduce(1) { power, _ in power * chance }) / (1 - chance) / (1 + Double(count) * cost)
            }
            let chosen = policy.count(match: 9, atMost: 15)
            for other in 0...15 { #expect(rate(chosen) >= rate(other) - 1e-9, "\(cost) \(chosen) \(other)") }
        }
    }

    @Test func costsAreFittedToWhatWasMeasured() {
        var costs = PassCosts()
        #expect(costs.rowCost(texts: 1) == PassCosts.firstGuess)
        for round in 0..<60 {
            let rows = [1, 2, 4, 8][round % 4]
            costs.learn(rows: rows, seconds: 0.002 + 0.0005 * Double(rows))
        }
        #expect(abs(costs.rowCost(texts: 1) - 0.2) < 1e-6)
        // Four texts share the rest of a pass.
        #expect(abs(costs.rowCost(texts: 4) - 0.5) < 1e-6)
        // Where all passes are alike nothing is known of a row.
        var alike = PassCosts()
        for _ in 0..<60 { alike.learn(rows: 1, seconds: 0.003) }
        #expect(alike.rowCost(texts: 1) == PassCosts.firstGuess)
    }
}
