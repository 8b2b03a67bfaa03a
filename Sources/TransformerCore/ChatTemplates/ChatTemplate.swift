package import Tokenizers

/// A message of a conversation.
package struct ChatMessage: Sendable, Equatable {
    /// `system`, `user` or `assistant`.
    package var role: String
    package var content: String

    package init(role: String, content: String) {
        self.role = role
        self.content = content
    }
}

/// The prompt format of a language model: a template in a subset of Jinja, as published in `tokenizer.chat_template`
/// and rendered by Hugging Face transformers.
///
/// The template comes with the model and is trusted as text: it may spell special tokens. As a program it is not
/// trusted: steps, nesting, work and output are limited. The conversation is never trusted, and what the template
/// makes of it keeps that mark character by character.
package struct ChatTemplate: Sendable {
    private static let maximumSource = 1 << 20
    private let statements: [TemplateStatement]

    /// - Throws: `ChatTemplateError` for a template that is not valid or too large.
    package init(source: String) throws(ChatTemplateError) {
        guard source.utf8.count <= Self.maximumSource else { throw .exceeded(limit: "bytes of source", Self.maximumSource) }
        statements = try TemplateParser.parse(source)
    }

    /// The prompt for a conversation.
    ///
    /// - Parameters:
    ///   - addGenerationPrompt: whether to end with what introduces the answer of the assistant.
    ///   - beginToken: spelling of the token that begins a sequence, trusted; empty when the model has none.
    ///   - endToken: spelling of the token that ends one.
    ///   - date: what `strftime_now` tells; without it templates see no clock, and the same conversation always
    ///     renders the same.
    /// - Throws: `ChatTemplateError`.
    package func render(
        messages: [ChatMessage], addGenerationPrompt: Bool, beginToken: String, endToken: String, date: TemplateDate? = nil
    ) throws(ChatTemplateError) -> [PromptPiece] {
        let conversation = messages.map { message in
            JSONValue.object([("role", .string(message.role)), ("content", .string(message.content))])
        }
        return try render(
            variables: [
                ("messages", .array(conversation)), ("tools", .null), ("documents", .null),
                ("add_generation_prompt", .bool(addGenerationPrompt)),
            ], trusted: [("bos_token", beginToken), ("eos_token", endToken)], date: date)
    }

    /// Renders with any variables.
    ///
    /// - Parameters:
    ///   - variables: untrusted data.
    ///   - trusted: strings that may spell special tokens.
    package func render(
        variables: [(String, JSONValue)], trusted: [(String, String)], date: TemplateDate? = nil
    ) throws(ChatTemplateError) -> [PromptPiece] {
        let values = variables.map { ($0.0, TemplateValue($0.1)) } + trusted.map { ($0.0, TemplateValue.trusted($0.1)) }
        return try TemplateInterpreter(date: date).render(statements, values).pieces
    }
}

extension TemplateValue {
    /// A value from outside: every string in it is untrusted.
    init(_ json: JSONValue) {
        switch json {
        case .null: self = .none
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .float(value)
        case .string(let value): self = .string(TemplateString(value, trusted: false))
        case .array(let items): self = .list(items.map { TemplateValue($0) })
        case .object(let members):
            var dictionary = TemplateDictionary()
            for (key, value) in members { dictionary.set(.string(TemplateString(key, trusted: false)), TemplateValue(value)) }
            self = .dictionary(dictionary)
        }
    }
}
