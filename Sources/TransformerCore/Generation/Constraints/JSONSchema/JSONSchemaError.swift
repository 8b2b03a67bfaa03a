/// Why text cannot be held to a JSON Schema. Places are JSON pointers into the schema, `#` for the whole.
package enum JSONSchemaError: Error, Equatable, Sendable {
    case notJSON(offset: Int, problem: String)
    /// - detail: what about the keyword is not supported; empty for all of it.
    case unsupported(keyword: String, at: String, detail: String)
    case invalid(keyword: String, at: String, expected: String)
    case missingReference(String, at: String)
    case allowsNothing(at: String)
    /// `oneOf` wants exactly one of these to hold, and both may.
    case overlapping(at: String, first: Int, second: Int)
    case grammar(GrammarError)
}

extension JSONSchemaError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notJSON(let offset, let problem): "the schema is not JSON: at byte \(offset), \(problem)"
        case .unsupported(let keyword, let place, let detail):
            "\(place): the keyword \(keyword) is not supported\(detail.isEmpty ? "" : " \(detail)"); leave it out or say it otherwise"
        case .invalid(let keyword, let place, let expected): "\(place): \(keyword) must be \(expected)"
        case .missingReference(let reference, let place):
            "\(place): $ref \(reference.debugDescription) leads nowhere; only places within the schema (#/…) can be referred to"
        case .allowsNothing(let place): "\(place): no value fits the schema"
        case .overlapping(let place, let first, let second):
            "\(place): alternatives \(first + 1) and \(second + 1) of oneOf may both hold; give them different types or a property "
                + "with different constants, or use anyOf"
        case .grammar(let error): "\(error)"
        }
    }
}
