/// Which model made something: stored with every vector and every answer.
public struct ModelIdentity: Hashable, Sendable, Codable {
    public var name: String
    /// SHA-256 of the weights file, in hexadecimal.
    public var digest: String

    public init(name: String, digest: String) {
        self.name = name
        self.digest = digest
    }
}

/// What a text is embedded for. Many models were trained with a mark in front that says so.
public enum EmbeddingRole: String, Sendable, Codable, CaseIterable {
    /// A question, or what else is looked for.
    case query
    /// A passage, or what else is found.
    case document
}

/// What is put in front of texts before they are embedded: empty for nothing, `nil` for what the model itself wants.
public struct EmbeddingPrompts: Sendable, Hashable, Codable {
    public var query: String?
    public var document: String?

    public init(query: String? = nil, document: String? = nil) {
        self.query = query
        self.document = document
    }

    func prompt(for role: EmbeddingRole) -> String {
        switch role {
        case .query: query ?? ""
        case .document: document ?? ""
        }
    }

    /// These, and the other's where they say nothing.
    func completed(by other: EmbeddingPrompts) -> EmbeddingPrompts {
        EmbeddingPrompts(query: query ?? other.query, document: document ?? other.document)
    }
}

/// Turns texts into unit vectors whose dot product says how near they are in meaning.
public protocol EmbeddingModel: Sendable {
    var identity: ModelIdentity { get }
    var dimension: Int { get }
    /// Longest input in tokens, framing included; longer texts are cut by `embed`.
    var maximumTokens: Int { get }
    /// Exact number of tokens of a text, framing not included.
    func tokenCount(_ text: String) -> Int
    /// Unit vectors of passages, row-major: `texts.count × dimension`.
    func embed(_ texts: [String]) async throws -> [Float]
    /// The same for texts of a role. Models that make no difference need not have it.
    func embed(_ texts: [String], as role: EmbeddingRole) async throws -> [Float]
    /// Share of a text, in 0...1, that the model has words for. Where it has none, the script of another language
    /// perhaps, its vectors say nothing, and searches rely on words instead.
    func coverage(_ text: String) -> Double
}

extension EmbeddingModel {
    public func embed(_ texts: [String], as role: EmbeddingRole) async throws -> [Float] { try await embed(texts) }
    public func coverage(_ text: String) -> Double { 1 }
}

/// An embedding model that tells the vectors of single tokens: what `ChunkingChoice.Strategy.late` needs.
public protocol TokenEmbeddingModel: EmbeddingModel {
    /// Vectors of the tokens of each text, read together, framing left out. A text that is longer than the model takes is cut.
    /// - Throws: when the model's token vectors do not make a text's vector by their mean.
    func tokenVectors(_ texts: [String]) async throws -> [TokenVectors]
}

/// The tokens of a text as a model saw them.
public struct TokenVectors: Sendable, Hashable {
    /// UTF-8 offsets into the text, ascending.
    public var ranges: [Range<Int>]
    /// Row-major, `ranges.count × dimension`; of any length.
    public var vectors: [Float]

    public init(ranges: [Range<Int>], vectors: [Float]) {
        self.ranges = ranges
        self.vectors = vectors
    }
}

/// A turn of a conversation.
public struct ChatMessage: Hashable, Sendable, Codable {
    public enum Role: String, Sendable, Codable { case system, user, assistant }
    public var role: Role
    /// Untrusted text: it never becomes a control token.
    public var content: String

    public init(role: Role, content: String) {
        self.role = role
        self.content = content
    }
}

/// How the next token is chosen. The defaults are greedy: the same input gives the same answer.
public struct SamplingOptions: Hashable, Sendable, Codable {
    /// 0 chooses the most likely token.
    public var temperature: Double = 0
    /// 0 keeps all.
    public var topK: Int = 0
    public var topP: Double = 1
    public var minP: Double = 0
    /// 1 does nothing; applied to the last `repetitionWindow` tokens.
    public var repetitionPenalty: Double = 1
    public var repetitionWindow: Int = 64
    public var seed: UInt64 = 0

    public init() {}
}

/// What a language model's text must keep to while it is written. A model that cannot be held to it may ignore it: answers
/// are checked all the same.
public enum GenerationConstraint: Sendable, Hashable {
    /// Markers such as `[1]` name sources from 1 to `count`; all other text is free.
    case sourceMarkers(count: Int)
    /// The text as a whole is one stretch of a source, character for character.
    case quote(sources: [String], minimumWords: Int)
    /// The text as a whole follows a grammar in GBNF, from its rule `root` on.
    case grammar(String)
    /// The text as a whole is JSON that a JSON Schema allows. What is not supported of it is an error.
    case jsonSchema(String)
}

/// One request to a language model.
public struct GenerationRequest: Sendable {
    public var messages: [ChatMessage]
    public var maximumTokens: Int
    public var sampling: SamplingOptions
    /// Generation ends before any of these appears in the output.
    public var stopSequences: [String]
    public var constraints: [GenerationConstraint] = []
    /// Documents whose text stands in the messages: what is kept of the prompt on disk is deleted with them.
    public var documents: [Int64] = []

    public init(
        messages: [ChatMessage], maximumTokens: Int = 256, sampling: SamplingOptions = SamplingOptions(),
        stopSequences: [String] = []
    ) {
        self.messages = messages
        self.maximumTokens = maximumTokens
        self.sampling = sampling
        self.stopSequences = stopSequences
    }
}

/// What a language model reports while it writes.
public enum GenerationEvent: Sendable {
    /// Complete characters only.
    case text(String)
    case finished(GenerationStatistics)
}

/// Why generation ended and what it cost.
public struct GenerationStatistics: Hashable, Sendable, Codable {
    public enum Reason: String, Sendable, Codable { case endOfText, stopSequence, length }
    public var reason: Reason
    public var promptTokens: Int
    public var generatedTokens: Int
    public var promptSeconds: Double
    public var generationSeconds: Double

    public init(
        reason: Reason, promptTokens: Int, generatedTokens: Int, promptSeconds: Double, generationSeconds: Double
    ) {
        self.reason = reason
        self.promptTokens = promptTokens
        self.generatedTokens = generatedTokens
        self.promptSeconds = promptSeconds
        self.generationSeconds = generationSeconds
    }
}

/// Writes text that continues a conversation.
public protocol LanguageModel: Sendable {
    var identity: ModelIdentity { get }
    /// Tokens of prompt and output together.
    var contextLength: Int { get }
    /// Exact number of tokens of plain text.
    func tokenCount(_ text: String) -> Int
    /// Exact number of tokens of the prompt these messages make through the model's chat template.
    func promptTokenCount(_ messages: [ChatMessage]) throws -> Int
    func generate(_ request: GenerationRequest) -> AsyncThrowingStream<GenerationEvent, any Error>
}
