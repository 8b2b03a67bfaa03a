internal import Foundation

/// Everything an answer was made from, so that it can be made again: options, models, passages and prompt.
///
/// Manifests are JSON with keys in snake_case (`encoded()`); `docs/json.md` describes them. `KnowledgeBase.replay` asks
/// again and says what differs.
public struct AnswerManifest: Hashable, Sendable, Codable {
    /// Version of this layout that this code writes and reads.
    public static let currentFormat = 1

    public var format: Int
    /// Version of Footnote that gave the answer.
    public var footnote: String
    public var question: String
    /// The question as it was understood from the history, where that differs.
    public var rewrittenQuestion: String?
    public var options: Options
    public var models: Models
    public var knowledgeBase: ContentState
    /// Passages that were considered, best first.
    public var passages: [Passage]
    /// What the language model was given to read; `nil` when none was asked.
    public var prompt: Prompt?
    public var result: Result

    /// `AskOptions` as they are kept.
    public struct Options: Hashable, Sendable, Codable {
        public var mode: SearchOptions.Mode
        public var limit: Int
        public var minimumScore: Double
        public var candidates: Int
        public var rerank: Int
        public var diversity: Double
        public var filter: SearchFilter
        public var extractive: Bool
        public var quotesOnly: Bool
        public var contextTokens: Int
        public var maximumTokens: Int
        public var sampling: SamplingOptions
        public var minimumEvidence: Double
        public var history: [ChatMessage]
        public var stages: AnswerStages
    }

    public struct Models: Hashable, Sendable, Codable {
        /// `nil` when words alone were searched.
        public var embedding: ModelIdentity?
        /// `nil` where embeddings and words alone weighed the evidence.
        public var reader: ModelIdentity?
        /// `nil` for extractive answers and refusals.
        public var language: ModelIdentity?
    }

    /// Which state of a knowledge base was read: the same three numbers mean the same contents.
    public struct ContentState: Hashable, Sendable, Codable {
        /// Row of `generations`; 0 in an empty knowledge base.
        public var generation: Int64
        /// `generation` and `token` of its vector index, which every change of the documents changes.
        public var revision: Int64
        public var token: Int64
    }

    public struct Passage: Hashable, Sendable, Codable {
        public var chunkId: Int64
        public var path: String
        /// Of its text, in hexadecimal.
        public var sha256: String
    }

    public struct Prompt: Hashable, Sendable, Codable {
        public var messages: [ChatMessage]
        /// Of role and content of each message, each ended by a zero byte.
        public var sha256: String

        public init(messages: [ChatMessage]) {
            self.messages = messages
            let text = messages.map { "\($0.role.rawValue)\u{0}\($0.content)\u{0}" }.joined()
            sha256 = SHA256Digest.hexadecimal(SHA256Digest.of(text))
        }
    }

    public struct Result: Hashable, Sendable, Codable {
        public var outcome: AnswerOutcome
        /// Sentences with their markers.
        public var text: String
        /// Of `text`, in hexadecimal.
        public var sha256: String
        /// The quoted words, by number.
        public var quotes: [String]
        public var evidence: Double
        public var evidenceFeatures: EvidenceFeatures
    }

    /// JSON in sorted, indented lines: equal manifests are equal bytes.
    public func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }
}

extension AnswerManifest.Options {
    init(_ options: AskOptions) {
        self.init(
            mode: options.search.mode, limit: options.search.limit, minimumScore: options.search.minimumScore,
            candidates: options.search.candidates, rerank: options.search.rerank, diversity: options.search.diversity,
            filter: options.search.filter, extractive: options.extractive, quotesOnly: options.quotesOnly,
            contextTokens: options.contextTokens,
            maximumTokens: options.maximumTokens, sampling: options.sampling, minimumEvidence: options.minimumEvidence,
            history: options.history, stages: options.stages)
    }

    public var askOptions: AskOptions {
        var search = SearchOptions(mode: mode, limit: limit, minimumScore: minimumScore, filter: filter)
        search.candidates = candidates
        search.rerank = rerank
        search.diversity = diversity
        var options = AskOptions(
            search: search, extractive: extractive, contextTokens: contextTokens, maximumTokens: maximumTokens,
            sampling: sampling, minimumEvidence: minimumEvidence, history: history)
        options.stages = stages
        options.quotesOnly = quotesOnly
        return options
    }
}

extension AnswerManifest.Result {
    init(_ answer: Answer) {
        let text = answer.text
        self.init(
            outcome: answer.outcome, text: text, sha256: SHA256Digest.hexadecimal(SHA256Digest.of(text)),
            quotes: answer.citations.map(\.quote), evidence: answer.evidence, evidenceFeatures: answer.evidenceFeatures)
    }
}
