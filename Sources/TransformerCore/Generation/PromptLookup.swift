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
    var policy: GuessPolicy
    /// Tokens of the match that the last guess followed.
    private var matched = 0

    /// Longer matches say no more.
    private static let longestMatch = 24
    /// Of a token as common as a space only the last places are looked at.
    private static let mostPlaces = 256

    init(_ prompt: [Int32], limit: Int, policy: GuessPolicy = GuessPolicy()) {
        self.limit = limit
        self.policy = policy
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
    mutating func guess(atMost most: Int) -> [Int32] {
        let most = min(most, limit)
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
        matched = best.length
        let count = policy.count(match: best.length, atMost: most)
        return Array(history[best.end + 1..<min(best.end + 1 + count, history.count)])
    }

    /// Learns how the last guess went.
    mutating func learn(guessed: Int, right: Int) { policy.learn(match: matched, guessed: guessed, right: right) }
}
