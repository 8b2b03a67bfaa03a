/// A passage as a reader takes it in.
public struct ReadingPassage: Sendable, Hashable {
    /// What names things for the passage: its heading, or the header row of a table. Empty when there is none.
    public var lead: String
    public var text: String

    public init(lead: String, text: String) {
        self.lead = lead
        self.text = text
    }
}

/// Reads question and passage together: whether the passage answers, and with which of its words.
///
/// An embedding sees the two apart, so that "Who discovered it?" is as near to a passage that says when it was
/// discovered as to one that says by whom. Where there is no reader, sentences are weighed by embeddings and words.
/// The models of evidence are fitted to the reader that comes with the default embedding model.
public protocol PassageReader: Sendable {
    /// Which weights read: recorded with every answer.
    var identity: ModelIdentity { get }
    /// One reading for each passage, in order.
    func read(_ question: String, _ passages: [ReadingPassage]) async throws -> [PassageReading]
}

/// What reading a passage for a question told.
public struct PassageReading: Sendable {
    public struct Token: Sendable {
        /// UTF-8 offsets into the passage.
        public var range: Range<Int>
        /// Log-probability that the answer begins, and that it ends, at this token, if the passage answers.
        public var begin: Double
        public var end: Double

        public init(range: Range<Int>, begin: Double, end: Double) {
            self.range = range
            self.begin = begin
            self.end = end
        }
    }

    /// Log-odds that the passage answers the question.
    public var answers: Double
    public var tokens: [Token]

    public init(answers: Double, tokens: [Token]) {
        self.answers = answers
        self.tokens = tokens
    }

    /// Whether scores are numbers and tokens ascend: any reader can stand in for ours.
    var isSound: Bool {
        !answers.isNaN && tokens.allSatisfy { !$0.begin.isNaN && !$0.end.isNaN }
            && zip(tokens, tokens.dropFirst()).allSatisfy {
                $0.range.lowerBound <= $1.range.lowerBound && $0.range.upperBound <= $1.range.upperBound
            }
    }

    /// Longest answer in tokens, as in BERT's reader for SQuAD.
    public static let longestAnswer = 24

    /// The most likely answer that lies wholly within a part of the passage.
    /// - Parameter part: UTF-8 offsets.
    public func bestSpan(within part: Range<Int>) -> AnswerSpan? {
        let inside = tokens.indices.filter { tokens[$0].range.lowerBound >= part.lowerBound && tokens[$0].range.upperBound <= part.upperBound }
        guard let first = inside.first, let last = inside.last else { return nil }
        var best: (begin: Int, end: Int, score: Double)?
        for begin in first...last {
            for end in begin...min(last, begin + Self.longestAnswer - 1) {
                let score = tokens[begin].begin + tokens[end].end
                if score > best?.score ?? -.infinity { best = (begin, end, score) }
            }
        }
        return best.map {
            AnswerSpan(range: tokens[$0.begin].range.lowerBound..<tokens[$0.end].range.upperBound, logProbability: $0.score)
        }
    }
}

/// Words of a passage that may be the answer.
public struct AnswerSpan: Sendable, Hashable {
    /// UTF-8 offsets into the passage, on token borders.
    public var range: Range<Int>
    /// Of these words against all others of the passage, if the passage answers.
    public var logProbability: Double

    public init(range: Range<Int>, logProbability: Double) {
        self.range = range
        self.logProbability = logProbability
    }

    /// The span grown to whole words of `text`, without the punctuation around it.
    public func wholeWords(of text: String) -> Range<Int> {
        let bytes = Array(text.utf8)
        func isWord(_ index: Int) -> Bool {
            bytes.indices.contains(index) && (bytes[index] >= 0x80 || bytes[index].isASCIILetterOrDigit)
        }
        var lower = range.lowerBound, upper = min(range.upperBound, bytes.count)
        while isWord(lower), isWord(lower - 1) { lower -= 1 }
        while isWord(upper - 1), isWord(upper) { upper += 1 }
        // A value keeps its sign and unit of currency or percent.
        if lower > 0, "$#".utf8.contains(bytes[lower - 1]) { lower -= 1 }
        if upper < bytes.count, bytes[upper] == UInt8(ascii: "%") { upper += 1 }
        while lower < upper, ",.;:()\"' ".utf8.contains(bytes[lower]) { lower += 1 }
        while upper > lower, ",;:(\"' \n".utf8.contains(bytes[upper - 1]) { upper -= 1 }
        if upper > lower, bytes[upper - 1] == UInt8(ascii: "."), !bytes[lower..<upper - 1].contains(UInt8(ascii: ".")) { upper -= 1 }
        return lower..<upper
    }
}

extension UInt8 {
    fileprivate var isASCIILetterOrDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
    }
}
