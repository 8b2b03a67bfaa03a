/// Why a chat template cannot be used.
package enum ChatTemplateError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The template is not valid; `line` counts from 1.
    case syntax(line: Int, String)
    /// The template uses something outside of the supported subset of Jinja.
    case unsupported(line: Int, String)
    /// Rendering failed, as it would in the reference: a wrong type, a missing argument.
    case rendering(String)
    /// The template itself refused the conversation (`raise_exception`).
    case refused(String)
    /// The template asks for more than a chat template may take.
    case exceeded(limit: String, Int)

    package var description: String {
        switch self {
        case .syntax(let line, let reason): "the chat template is not valid at line \(line): \(reason)"
        case .unsupported(let line, let what): "the chat template uses \(what) at line \(line), which is not supported"
        case .rendering(let reason): "the chat template fails on this conversation: \(reason)"
        case .refused(let message): "the chat template refuses this conversation: \(message)"
        case .exceeded(let limit, let value): "the chat template exceeds the limit of \(value) \(limit); it is damaged or hostile"
        }
    }
}
