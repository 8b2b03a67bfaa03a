/// Why a vocabulary or a tokenizer file cannot be used.
package enum TokenizerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file cannot be read; `reason` is what the system said.
    case unreadableFile(path: String, reason: String)
    /// The file is not the JSON it should be; `offset` counts bytes.
    case malformedJSON(offset: Int, reason: String)
    /// A part of `tokenizer.json` is absent or of the wrong type.
    case missingField(String)
    /// A component this tokenizer does not implement.
    case unsupported(component: String, name: String)
    /// There are no tokens at all, or more than ids can number.
    case vocabularySize(Int)
    /// Two ids have the same spelling.
    case duplicateToken(String, first: Int, second: Int)
    /// Two tokens claim the same id.
    case duplicateIdentifier(Int, first: String, second: String)
    /// No token has this id although a higher one exists.
    case missingIdentifier(Int)
    /// An id that is not below the number of tokens: some id below it is missing.
    case identifierOutOfRange(Int, count: Int)
    /// The tokenizer needs a token the vocabulary lacks.
    case missingToken(String)
    /// Arrays that describe the same tokens differ in length.
    case mismatchedCounts(tokens: Int, types: Int)
    /// A merge rule is not a pair of tokens.
    case malformedMerge(rank: Int, String)
    /// A merge rule speaks of a token the vocabulary lacks.
    case unknownMergeToken(rank: Int, String)
    /// Two merge rules are the same.
    case duplicateMerge(rank: Int, String)

    package var description: String {
        switch self {
        case .unreadableFile(let path, let reason): "cannot read \(path): \(reason)"
        case .malformedJSON(let offset, let reason): "not valid JSON at byte \(offset): \(reason)"
        case .missingField(let name): "the tokenizer file has no usable field \"\(name)\""
        case .unsupported(let component, let name): "\(component) \"\(name)\" is not supported; use a model with another one"
        case .vocabularySize(let count): "a vocabulary of \(count) tokens cannot be used"
        case .duplicateToken(let token, let first, let second):
            "the vocabulary spells ids \(first) and \(second) both \"\(token)\"; the file is damaged"
        case .duplicateIdentifier(let id, let first, let second):
            "the tokens \"\(first)\" and \"\(second)\" both have id \(id); the file is damaged"
        case .missingIdentifier(let id): "the vocabulary has no token for id \(id); the file is damaged"
        case .identifierOutOfRange(let id, let count):
            "token id \(id) does not fit a vocabulary of \(count) tokens: ids are missing; the file is damaged"
        case .missingToken(let token): "the vocabulary has no token \"\(token)\""
        case .mismatchedCounts(let tokens, let types): "the vocabulary has \(tokens) tokens but \(types) token types"
        case .malformedMerge(let rank, let merge): "merge \(rank), \"\(merge)\", is not a pair of tokens"
        case .unknownMergeToken(let rank, let token): "merge \(rank) needs the token \"\(token)\", which the vocabulary lacks"
        case .duplicateMerge(let rank, let merge): "merge \(rank), \"\(merge)\", repeats an earlier one"
        }
    }
}
