/// Finds stop sequences in text that arrives in pieces, wherever the pieces are cut, and lets through only text that
/// no stop sequence can begin in.
package struct StopSequenceMatcher: Sendable {
    private let sequences: [[UInt8]]
    private var pending: [UInt8] = []

    /// Empty sequences are ignored.
    package init(_ sequences: [String]) {
        self.sequences = sequences.map { Array($0.utf8) }.filter { !$0.isEmpty }
    }

    /// Takes in complete characters. Returns the text that can be shown, and whether a stop sequence was found, in
    /// which case the text ends before it and nothing more must be taken in.
    package mutating func append(_ text: String) -> (text: String, stopped: Bool) {
        guard !sequences.isEmpty else { return (text, false) }
        pending += text.utf8
        if let start = firstMatch() {
            defer { pending = [] }
            return (String(decoding: pending[..<start], as: UTF8.self), true)
        }
        let safe = pending.count - heldBack()
        defer { pending.removeFirst(safe) }
        return (String(decoding: pending[..<safe], as: UTF8.self), false)
    }

    /// What was held back when the text ends without a stop sequence.
    package mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    private func firstMatch() -> Int? {
        pending.indices.first { start in
            sequences.contains { pending[start...].starts(with: $0) }
        }
    }

    /// Bytes at the end that may turn out to begin a stop sequence. They start with a sequence's first byte, so the
    /// cut is between characters.
    private func heldBack() -> Int {
        let longest = sequences.reduce(0) { max($0, $1.count) }
        let lengths = stride(from: min(longest - 1, pending.count), to: 0, by: -1)
        return lengths.first { length in
            sequences.contains { $0.count > length && $0.starts(with: pending.suffix(length)) }
        } ?? 0
    }
}
