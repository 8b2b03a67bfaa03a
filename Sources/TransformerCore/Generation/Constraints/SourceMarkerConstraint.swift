internal import Synchronization

/// Keeps markers such as `[1]` and `[1, 2]` to the numbers of the sources; all other text is free.
///
/// A `[` that a digit follows, whatever spaces lie between, must become a whole marker: numbers from 1 to the number of
/// sources without leading zeros, commas and spaces between them, then `]`. A `[` that something else follows is
/// ordinary text. The rule is one of bytes, so it does not matter how tokens cut a marker.
package struct SourceMarkerConstraint: TokenConstraint {
    private let automaton: SourceMarkerAutomaton
    private let vocabulary: TokenVocabulary
    private var state = SourceMarkerAutomaton.State.text

    /// - Parameter count: number of sources; with none, no marker can be begun.
    package init(count: Int, vocabulary: TokenVocabulary) {
        automaton = SourceMarkerAutomaton(count: count)
        self.vocabulary = vocabulary
    }

    package mutating func allowedTokens() -> TokenMask {
        let state = state
        return vocabulary.markerMasks.mask(automaton, state) {
            vocabulary.mask(allowingEnd: state == .text || state == .opened) { bytes in
                automaton.state(after: bytes, from: state) != .impossible
            }
        }
    }

    package mutating func accept(_ id: Int32) {
        state = automaton.state(after: vocabulary.bytes(of: id), from: state)
    }
}

/// The tokens that may follow in each state, found once for all texts of a vocabulary.
final class SourceMarkerMasks: Sendable {
    private struct Place: Hashable {
        let count: Int
        let state: SourceMarkerAutomaton.State
    }

    private let known = Mutex<[Place: TokenMask]>([:])
    /// About 6 MB with 49,152 tokens; sources are few.
    private static let capacity = 1000

    func mask(
        _ automaton: SourceMarkerAutomaton, _ state: SourceMarkerAutomaton.State, make: () -> TokenMask
    ) -> TokenMask {
        let place = Place(count: automaton.count, state: state)
        if let mask = known.withLock({ $0[place] }) { return mask }
        let mask = make()
        known.withLock { known in
            if known.count >= Self.capacity { known = [:] }
            known[place] = mask
        }
        return mask
    }
}

/// The states that text with markers goes through, byte by byte.
struct SourceMarkerAutomaton {
    enum State: Hashable, Sendable {
        /// Outside a marker.
        case text
        /// After `[` and spaces.
        case opened
        /// After the digits of a number, its value so far.
        case number(Int)
        /// After a number and spaces.
        case afterNumber
        /// After a comma and spaces.
        case afterComma
        /// No text that keeps the rule gets here.
        case impossible
    }

    let count: Int

    func state(after bytes: UnsafeBufferPointer<UInt8>, from start: State) -> State {
        var state = start
        for byte in bytes {
            state = next(state, byte)
            if state == .impossible { break }
        }
        return state
    }

    private func next(_ state: State, _ byte: UInt8) -> State {
        switch state {
        case .text: byte == UInt8(ascii: "[") ? .opened : .text
        case .opened: afterBracket(byte)
        case .number(let value): afterDigits(value, byte)
        case .afterNumber: afterNumber(byte)
        case .afterComma: byte == UInt8(ascii: " ") ? .afterComma : number(0, byte) ?? .impossible
        case .impossible: .impossible
        }
    }

    private func afterBracket(_ byte: UInt8) -> State {
        if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "[") { return .opened }
        if Self.isDigit(byte) { return number(0, byte) ?? .impossible }
        return .text
    }

    private func afterDigits(_ value: Int, _ byte: UInt8) -> State {
        Self.isDigit(byte) ? number(value, byte) ?? .impossible : afterNumber(byte)
    }

    private func afterNumber(_ byte: UInt8) -> State {
        switch byte {
        case UInt8(ascii: " "): .afterNumber
        case UInt8(ascii: ","): .afterComma
        case UInt8(ascii: "]"): .text
        default: .impossible
        }
    }

    /// The number with one digit more; nil when the byte is none or there is no such source.
    private func number(_ value: Int, _ byte: UInt8) -> State? {
        guard Self.isDigit(byte) else { return nil }
        let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
        let number = shifted + Int(byte - UInt8(ascii: "0"))
        return overflow || number < 1 || number > count ? nil : .number(number)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
