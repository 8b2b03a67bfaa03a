/// Turns ids that arrive one at a time into text, holding back the bytes of a character until it is complete.
///
/// The joined results equal `Tokenizer.decode` of all ids, for tokenizers whose tokens stand for bytes.
package struct StreamingDecoder: Sendable {
    private let tokenizer: any Tokenizer
    private var pending: [UInt8] = []

    package init(_ tokenizer: any Tokenizer) { self.tokenizer = tokenizer }

    /// Text that is complete once `id` has arrived; often empty. Bytes that can never become a character are
    /// replaced by U+FFFD at once.
    package mutating func append(_ id: Int32) -> String {
        pending += tokenizer.bytes(of: id)
        let complete = pending.count - Self.incompleteSuffixLength(pending)
        defer { pending.removeFirst(complete) }
        return String(decoding: pending[..<complete], as: UTF8.self)
    }

    /// What is held back when no more ids come: a cut character reads U+FFFD.
    package mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    /// Length of a suffix that more bytes could complete to a character (Unicode Standard, table 3-7).
    private static func incompleteSuffixLength(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let lead = bytes[bytes.count - length]
            if lead & 0xC0 == 0x80 { continue }
            let needed = lead >= 0xF0 && lead <= 0xF4 ? 4 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xC2 && lead < 0xE0 ? 2 : 1
            guard needed > length else { return 0 }
            if length > 1, !isSecondByte(bytes[bytes.count - length + 1], after: lead) { return 0 }
            return length
        }
        return 0
    }

    private static func isSecondByte(_ byte: UInt8, after lead: UInt8) -> Bool {
        switch lead {
        case 0xE0: byte >= 0xA0
        case 0xED: byte < 0xA0
        case 0xF0: byte >= 0x90
        case 0xF4: byte < 0x90
        default: true
        }
    }
}
