/// What can go wrong with models: what, where, and what to do about it.
public enum ModelError: Error, Sendable, Equatable, CustomStringConvertible {
    case notFound(name: String, folder: String, available: [String])
    case ambiguous(name: String, candidates: [String])
    /// The file is no model that can be used.
    case unreadable(path: String, reason: String)
    /// A file is not what it should be.
    case digestMismatch(file: String, expected: String, found: String)
    /// No source had the model. One line for each source that was tried.
    case pullFailed(name: String, attempts: [String])
    case unknownSource(name: String)
    case alreadyThere(path: String)
    case fileSystem(path: String, reason: String)

    public var description: String {
        switch self {
        case .notFound(let name, let folder, let available):
            "no model \(name) in \(folder)"
                + (available.isEmpty ? "" : " (there are: \(available.joined(separator: ", ")))")
                + "; fetch it with `footnote model pull \(name)`, or give the path of a model file"
        case .ambiguous(let name, let candidates):
            "\(name) could be any of: \(candidates.joined(separator: ", ")); give the full name"
        case .unreadable(let path, let reason): "\(path) cannot be used as a model: \(reason)"
        case .digestMismatch(let file, let expected, let found):
            "\(file) is not the file it should be (SHA-256 \(found), expected \(expected)); it was not kept"
        case .pullFailed(let name, let attempts):
            "\(name) could not be fetched:\n" + attempts.map { "  - \($0)" }.joined(separator: "\n")
                + "\nFetch it elsewhere and add it with `footnote model add FILE`"
        case .unknownSource(let name):
            "\(name) is neither a model that Footnote knows (\(ModelCatalogue.standard.map(\.name).joined(separator: ", "))) "
                + "nor a repository OWNER/NAME or OWNER/NAME:FILE"
        case .alreadyThere(let path): "\(path) is already there; remove it first"
        case .fileSystem(let path, let reason): "\(path): \(reason)"
        }
    }
}
