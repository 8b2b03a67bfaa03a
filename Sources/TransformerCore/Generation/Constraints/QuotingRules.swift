/// What may stand in quotation marks: stretches of the sources, byte for byte. They begin where a word or a run of
/// other characters begins and end where no word is cut, not behind a space.
package struct QuotingRules: Sendable, Equatable {
    /// Where quotes stand.
    package enum Mode: Sendable, Equatable {
        /// In free text, between `“` and `”` or between two `"`. Free text has no other use for an opening mark.
        case anywhere
        /// The text is nothing but quotes in such marks, at least one, with spaces, line ends and markers like `[1]`
        /// between them.
        case only
        /// The text as a whole is one quote, without marks.
        case bare
    }

    package var sources: [String]
    /// Fewest words of a quote; each ideograph or kana counts as one.
    package var minimumWords: Int
    package var mode: Mode

    package init(sources: [String], minimumWords: Int = 1, mode: Mode = .anywhere) {
        self.sources = sources
        self.minimumWords = minimumWords
        self.mode = mode
    }
}

/// How a quote ends.
enum QuotationMark: Hashable, Sendable, CaseIterable {
    /// `"`
    case straight
    /// `”`
    case curly
    /// With the text.
    case none

    /// The closing mark. A quote cannot reach over one that stands in the source: readers would take it for the end.
    var closing: [UInt8] {
        switch self {
        case .straight: [0x22]
        case .curly: [0xE2, 0x80, 0x9D]
        case .none: []
        }
    }
}
