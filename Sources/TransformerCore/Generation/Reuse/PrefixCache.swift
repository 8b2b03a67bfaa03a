internal import Synchronization

/// Keys and values of prompts that were read lately, so that one which begins the same is read from where it differs.
///
/// What is taken from here is, to the last bit, what would be computed: the scores of a prompt's row do not depend on the
/// portions in which it is read, as long as none is of few rows.
package final class PrefixCache: Sendable {
    private struct Entry {
        let tokens: [Int32]
        let snapshot: KVSnapshot
        /// Where stretches begin, by a hash of their first tokens; empty where passages are not reused.
        let places: [UInt64: Int]
    }

    private struct State {
        /// The one used last comes last.
        var entries: [Entry] = []
        var bytes = 0
    }

    /// Bytes of keys and values that are kept at most.
    package let budget: Int
    private let state = Mutex(State())

    /// Whether stretches of a prompt that stand elsewhere in what is kept are taken from there, their keys moved: this is
    /// faster and not the same, for they have not seen what stands before them now.
    package let reusesPassages: Bool
    /// Shorter passages are not worth what they cost in accuracy.
    private static let shortestPassage = 48
    /// Tokens by which passages are found.
    private static let probe = 16
    /// Tokens at the beginning of a passage that are read again: they see what stands before it, and the rest sees them.
    private static let readAgain = 8

    /// Shorter beginnings are sooner read than copied.
    static let shortest = 16

    package init(budget: Int, reusesPassages: Bool = false) {
        self.budget = budget
        self.reusesPassages = reusesPassages
    }

    /// Bytes of keys and values that are kept.
    package var byteCount: Int { state.withLock { $0.bytes } }

    /// The longest beginning of a prompt that is kept, at most `most` tokens of it.
    func beginning(of prompt: [Int32], atMost most: Int) -> (snapshot: KVSnapshot, count: Int)? {
        state.withLock { state in
            var best = (index: -1, count: Self.shortest - 1)
            for (index, entry) in state.entries.enumerated() {
                let common = zip(entry.tokens, prompt.prefix(max(0, most))).prefix { $0 == $1 }.count
                if common > best.count { best = (index, common) }
            }
            guard best.index >= 0 else { return nil }
            let entry = state.entries.remove(at: best.index)
            state.entries.append(entry)
            return (entry.snapshot, best.count)
        }
    }

    /// What is kept of exactly these tokens.
    package func snapshot(of tokens: [Int32]) -> KVSnapshot? {
        state.withLock { $0.entries.last { $0.tokens == tokens }?.snapshot }
    }

    /// Keeps a prompt that was read, in place of those that it begins with, and forgets those used longest ago.
    func insert(_ tokens: [Int32], _ snapshot: KVSnapshot) {
        let size = snapshot.bytes.count
        guard size <= budget, tokens.count == snapshot.count else { return }
        let places = reusesPassages ? Self.places(tokens) : [:]
        state.withLock { state in
            state.entries.removeAll { entry in
                guard tokens.starts(with: entry.tokens) else { return false }
                state.bytes -= entry.snapshot.bytes.count
                return true
            }
            state.entries.append(Entry(tokens: tokens, snapshot: snapshot, places: places))
            state.bytes += size
            while state.bytes > budget, !state.entries.isEmpty {
                state.bytes -= state.entries.removeFirst().snapshot.bytes.count
            }
        }
    }

    /// Stretches of a prompt, between two places in it, that stand somewhere in what is kept, first to last.
    func passages(of prompt: [Int32], in range: Range<Int>) -> [KeptPassage] {
        guard reusesPassages, range.count >= Self.shortestPassage else { return [] }
        return state.withLock { state in
            var found: [KeptPassage] = []
            var place = range.lowerBound
            while place + Self.shortestPassage <= range.upperBound {
                let hash = Self.hash(prompt[place..<place + Self.probe])
                var best: (entry: Entry, start: Int, count: Int)?
                for entry in state.entries {
                    guard let start = entry.places[hash] else { continue }
                    let count = zip(entry.tokens[start...], prompt[place..<range.upperBound]).prefix { $0 == $1 }.count
                    if count > best?.count ?? (Self.shortestPassage - 1) { best = (entry, start, count) }
                }
                guard let best else {
                    place += 1
                    continue
                }
                let again = Self.readAgain
                found.append(
                    KeptPassage(
                        snapshot: best.entry.snapshot, start: best.start + again, place: place + again,
                        tokens: Array(prompt[place + again..<place + best.count])))
                place += best.count
            }
            return found
        }
    }

    private static func places(_ tokens: [Int32]) -> [UInt64: Int] {
        guard tokens.count >= probe else { return [:] }
        var result: [UInt64: Int] = [:]
        for start in 0...tokens.count - probe { result[hash(tokens[start..<start + probe])] = start }
        return result
    }

    /// FNV-1a; what it finds is compared.
    private static func hash(_ tokens: ArraySlice<Int32>) -> UInt64 {
        tokens.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64(UInt32(bitPattern: $1))) &* 0x100_0000_01B3 }
    }

    /// Forgets everything.
    package func removeAll() { state.withLock { $0 = State() } }
}

/// A stretch of a prompt of which keys and values are kept from another.
struct KeptPassage {
    let snapshot: KVSnapshot
    /// Its first position in the copy.
    let start: Int
    /// Its first position in the prompt.
    let place: Int
    let tokens: [Int32]
}
