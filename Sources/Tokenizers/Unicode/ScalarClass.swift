/// What the supported tokenizers ask about a Unicode scalar, one bit a question.
struct ScalarClass: OptionSet, Sendable {
    let rawValue: UInt8

    /// `\p{L}`
    static let letter = ScalarClass(rawValue: 1)
    /// `\p{N}`
    static let number = ScalarClass(rawValue: 2)
    /// `\s`
    static let whitespace = ScalarClass(rawValue: 4)
    /// Split off one by one by the `Digits` pre-tokenizer.
    static let digit = ScalarClass(rawValue: 8)
    /// Removed by BERT's text cleaning.
    static let control = ScalarClass(rawValue: 16)
    /// A token of its own for BERT.
    static let punctuation = ScalarClass(rawValue: 32)
    /// Removed by BERT's accent stripping.
    static let accent = ScalarClass(rawValue: 64)
    /// Set off by spaces by BERT.
    static let chinese = ScalarClass(rawValue: 128)
}

/// A byte for every Unicode scalar in two stages: blocks of 256 scalars, equal blocks of one value shared.
struct ScalarMap: Sendable {
    private let blocks: [UInt16]
    private let values: [UInt8]

    /// - Parameter runs: first scalar << 8 | value, ascending, the first run at scalar 0.
    init(runs: [UInt32]) {
        var blocks: [UInt16] = []
        var values: [UInt8] = []
        var uniform: [UInt8: UInt16] = [:]
        blocks.reserveCapacity(0x1100)
        var run = 0
        for block in 0..<UInt32(0x1100) {
            let first = block << 8
            while run + 1 < runs.count, runs[run + 1] >> 8 <= first { run += 1 }
            let value = UInt8(truncatingIfNeeded: runs[run])
            let isUniform = run + 1 == runs.count || runs[run + 1] >> 8 > first + 255
            if isUniform, let shared = uniform[value] {
                blocks.append(shared)
                continue
            }
            let index = UInt16(values.count >> 8)
            if isUniform { uniform[value] = index }
            blocks.append(index)
            for scalar in first...(first + 255) {
                if run + 1 < runs.count, runs[run + 1] >> 8 == scalar { run += 1 }
                values.append(UInt8(truncatingIfNeeded: runs[run]))
            }
        }
        self.blocks = blocks
        self.values = values
    }

    /// - Complexity: O(1).
    @inline(__always)
    subscript(scalar: UInt32) -> UInt8 {
        values[Int(blocks[Int(scalar >> 8)]) << 8 | Int(scalar & 255)]
    }
}

extension ScalarClass {
    private static let map = ScalarMap(runs: UnicodeTables.classRuns)
    private static let ascii: [UInt8] = (0..<128).map { map[$0] }

    /// The class of any scalar value below 0x110000.
    @inline(__always)
    init(of scalar: UInt32) {
        self.init(rawValue: scalar < 128 ? Self.ascii[Int(scalar)] : Self.map[scalar])
    }
}
