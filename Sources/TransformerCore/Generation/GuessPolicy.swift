/// How many tokens are worth guessing: as many as make the most of a pass, by how often guesses were right and what a row
/// more costs.
///
/// If each token is right with probability p given those before it, k guesses are worth 1 + p + p² + … + pᵏ tokens
/// (Leviathan et al. 2023, arXiv:2211.17192, section 3.1), at the price of 1 + k·c passes of one row.
package struct GuessPolicy {
    /// What a row more costs, in passes that the text would have of its own.
    package var rowCost = PassCosts.firstGuess

    /// Of guesses after matches of 1, 2, 3, 4 to 7, and 8 or more tokens.
    private var right: [Double]
    private var tried: [Double]

    /// What is believed at first, as if so many tokens had been tried: shares measured on answers of `ask`, and on quotes.
    private static let firstBelief = [0.25, 0.45, 0.6, 0.75, 0.9]
    private static let firstBeliefOfQuotes = [0.6, 0.9, 0.95, 0.97, 0.98]
    private static let firstTries = 6.0

    /// - Parameter quotes: whether the text can do little but copy.
    package init(quotes: Bool = false) {
        let belief = quotes ? Self.firstBeliefOfQuotes : Self.firstBelief
        right = belief.map { $0 * Self.firstTries }
        tried = belief.map { _ in Self.firstTries }
    }

    private static func kind(_ match: Int) -> Int { match < 4 ? max(0, match - 1) : match < 8 ? 3 : 4 }

    /// How many tokens to guess after a match of so many tokens.
    package func count(match: Int, atMost most: Int) -> Int {
        let kind = Self.kind(match)
        let chance = right[kind] / tried[kind]
        var (best, bestRate) = (0, 1.0)
        var (worth, next) = (1.0, 1.0)
        for count in 0..<max(0, most) {
            next *= chance
            worth += next
            let rate = worth / (1 + Double(count + 1) * rowCost)
            if rate > bestRate { (best, bestRate) = (count + 1, rate) }
        }
        return best
    }

    /// Learns from a guess after a match of so many tokens.
    package mutating func learn(match: Int, guessed: Int, right hits: Int) {
        guard guessed > 0 else { return }
        let kind = Self.kind(match)
        right[kind] += Double(hits)
        tried[kind] += Double(min(guessed, hits + 1))  // what follows a miss says nothing
    }
}

/// What passes of so many rows take: t = a + b·rows, fitted to those that were made.
package struct PassCosts {
    /// The share of a row more before anything was measured.
    package static let firstGuess = 0.3

    private var (weight, rows, squares, time, products) = (0.0, 0.0, 0.0, 0.0, 0.0)
    /// Passes further back count for less: contexts grow, and machines get busy.
    private static let fading = 0.98

    package init() {}

    package mutating func learn(rows count: Int, seconds: Double) {
        let count = Double(count)
        weight = weight * Self.fading + 1
        rows = rows * Self.fading + count
        squares = squares * Self.fading + count * count
        time = time * Self.fading + seconds
        products = products * Self.fading + count * seconds
    }

    /// What a row more costs each of several texts that share a pass, in passes that it would have of its own.
    package func rowCost(texts: Int) -> Double {
        let spread = weight * squares - rows * rows
        let fallback = Self.firstGuess / ((1 - Self.firstGuess) / Double(texts) + Self.firstGuess)
        guard weight > 8, spread > 0.5 * weight else { return fallback }
        let slope = (weight * products - rows * time) / spread
        let base = (time - slope * rows) / weight
        guard slope > 0, base > 0 else { return fallback }
        return slope / (base / Double(texts) + slope)
    }
}
