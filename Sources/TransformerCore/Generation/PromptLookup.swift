/// Guesses how a text goes on from where the same tokens stood before: answers copy from their sources, and what was guessed
/// right need not be written one token at a time (Saxena 2023, "Prompt Lookup Decoding"; the check is that of Leviathan et al.
/// 2023, arXiv:2211.17192, without chance).
struct PromptLookup {
    /// Most tokens to guess at once; 0 guesses none.
    let limit: Int
    /// Prompt and text so far.
    private(set) var history: [Int32]
    /// Where each token stands in the history.
    private var places: [Int32: [Int32]] = [:]
    /// How many tokens are worth guessing, by how it went lately.
    private var reach: Int

    /// How many tokens are guessed after a match of 1, 2, 3 or more tokens: a short match is often chance. What a row more
    /// in a pass costs, and how often guesses are right, is measured in `docs/generation.md`.
    private static let trusted = [2, 4, 8, .max]
    /// Tokens that are guessed at first, and at least.
    private static let firstReach = 4
    private static let shortestReach = 2
    /// Longer matches say no more.
    private static let longestMatch = 24
    /// Of a token as common as a space only the last places are looked at.
    private static let mostPlaces = 256

    init(_ prompt: [Int32], limit: Int) {
        self.limit = limit
        reach = min(limit, Self.firstReach)
        history = []
        history.reserveCapacity(prompt.count + 256)
        for token in prompt { append(token) }
    }

    mutating func append(_ token: Int32) {
        if limit > 0 { places[token, default: []].append(Int32(history.count)) }
        history.append(token)
    }

    /// Tokens that may come next, at most `limit` of them: those after the longest stretch that ended like the text, the
    /// last one among equals.
    func guess(atMost most: Int) -> [Int32] {
        let most = min(most, reach)
        guard most > 0, let last = history.last, let found = places[last] else { return [] }
        var best = (length: 0, end: -1)
        for place in found.dropLast().suffix(Self.mostPlaces).reversed() {
            var length = 1
            while length < Self.longestMatch, length <= Int(place),
                history[Int(place) - length] == history[history.count - 1 - length]
            { length += 1 }
            if length > best.length { best = (length, Int(place)) }
            if length == Self.longestMatch { break }
        }
        guard best.end >= 0 else { return [] }
        let trusted = min(most, Self.trusted[min(best.length, Self.trusted.count) - 1])
        return Array(history[best.end + 1..<min(best.end + 1 + trusted, history.count)])
    }

    /// Learns from a guess: after a miss less is guessed, after a hit more.
    mutating func learn(guessed: Int, right: Int) {
        guard guessed > 0 else { return }
        reach = right == guessed ? min(limit, reach * 2) : min(limit, max(Self.shortestReach, right + 1))
    }
}
