/// The stages of answering that can be left out, to see what each is worth (`footnote eval qa --without`).
public struct AnswerStages: OptionSet, Sendable, Hashable, Codable {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Read question and passage together, where a reader is at hand; else embeddings and words weigh sentences.
    public static let reader = AnswerStages(rawValue: 1)
    /// Order passages by their best sentences; else by retrieval alone.
    public static let reranking = AnswerStages(rawValue: 2)
    /// Give the language model the sentences that bear on the question; else whole passages.
    public static let sentences = AnswerStages(rawValue: 4)
    /// Leave out what the sources do not bear out; else it is shown and marked.
    public static let check = AnswerStages(rawValue: 8)
    /// State the fact that is asked for on a line of its own, and quote the sources beside the language model.
    public static let facts = AnswerStages(rawValue: 16)

    public static let all: AnswerStages = [.reader, .reranking, .sentences, .check, .facts]

    /// The stages by name.
    public static let names: [(name: String, stage: AnswerStages)] = [
        ("reader", .reader), ("reranking", .reranking), ("sentences", .sentences), ("check", .check), ("facts", .facts),
    ]
}
