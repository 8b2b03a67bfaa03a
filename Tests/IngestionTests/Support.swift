import Testing

import Ingestion

/// A small generator with a seed (SplitMix64), so that a failing case can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

func isBlank(_ bytes: ArraySlice<UInt8>) -> Bool {
    String(decoding: bytes, as: UTF8.self).unicodeScalars.allSatisfy(\.properties.isWhitespace)
}

extension String {
    func trimmed() -> String {
        var text = Substring(self)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}

extension LoadedDocument {
    func text(_ range: Range<Int>) -> String { String(decoding: Array(text.utf8)[range], as: UTF8.self) }

    /// One line for each block: its kind, its lines and its text with line ends shown as ⏎.
    var outline: [String] {
        blocks.map { block in
            let kind = switch block.kind {
            case .heading(let level): "h\(level)[\(block.heading ?? "")]"
            case .paragraph: "p"
            case .listItem: "li"
            case .tableRow(let header): header ? "th" : "tr"
            case .code(let language, let name): "code(\(language ?? "-"),\(name ?? "-"))"
            case .record: "record"
            }
            let lines = block.lines.count == 1 ? "\(block.lines.lowerBound)" : "\(block.lines.lowerBound)-\(block.lines.upperBound)"
            return "\(kind) \(lines): \(text(block.range).split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "⏎"))"
        }
    }

    /// What must hold for any loader's output. `isSource` says that the text is the file itself.
    func checkInvariants(isSource: Bool = true, sourceLocation: SourceLocation = #_sourceLocation) {
        let bytes = Array(text.utf8)
        var end = 0
        for block in blocks {
            #expect(block.range.lowerBound >= end && block.range.upperBound <= bytes.count && !block.range.isEmpty, sourceLocation: sourceLocation)
            guard block.range.upperBound <= bytes.count, block.range.lowerBound >= end else { return }
            #expect(String(validating: bytes[block.range], as: UTF8.self) != nil, "cut character", sourceLocation: sourceLocation)
            #expect(!isBlank(bytes[block.range]), "blank block", sourceLocation: sourceLocation)
            if isSource {
                let first = bytes[..<block.range.lowerBound].count { $0 == 10 } + 1
                let last = first + bytes[block.range].count { $0 == 10 }
                #expect(block.lines == first...last, "lines of \(text(block.range).debugDescription)", sourceLocation: sourceLocation)
            }
            if case .heading = block.kind { #expect(block.heading != nil, sourceLocation: sourceLocation) }
            end = block.range.upperBound
        }
    }
}
